// How review and rules are doing: clocks about to run out, precision of each rule at each zone, agreement of officers.

import { queryOptions, useQuery } from "@tanstack/react-query";
import { Bar, BarChart, CartesianGrid, ErrorBar, ResponsiveContainer, XAxis, YAxis } from "recharts";
import { Link } from "wouter";
import { answer, api } from "../api/client";
import { Page } from "../shell/Page";
import { useReady } from "../shell/ready";
import { useSession } from "../shell/session";
import { useWords } from "../words/words";
import css from "../style/table.module.css";

const OVERSEERS = ["commander", "auditor"];
const WORST = 12;

const dueQuery = queryOptions({ queryKey: ["due"], queryFn: () => answer(api.GET("/api/v1/deadlines")) });
const precisionQuery = queryOptions({ queryKey: ["precision"], queryFn: () => answer(api.GET("/api/v1/review/precision")) });
const agreementQuery = queryOptions({ queryKey: ["agreement"], queryFn: () => answer(api.GET("/api/v1/review/agreement")) });

export default function QualityPage() {
  const { t } = useWords();
  const session = useSession();
  const oversees = OVERSEERS.includes(session.role);
  const due = useQuery(dueQuery);
  useReady(due.isFetched, `${t("quality")} · ${t("title")}`);
  return (
    <Page title={t("quality")}>
      <div className={css.page}>
        <Due />
        {oversees && <Precision />}
        {oversees && <Agreement />}
      </div>
    </Page>
  );
}

function Heads({ names }: { names: string[] }) {
  const { t } = useWords();
  return <thead><tr>{names.map((name) => <th key={name} scope="col">{t(name)}</th>)}</tr></thead>;
}

function Due() {
  const { t, say, until } = useWords();
  const rows = useQuery(dueQuery).data?.rows ?? [];
  return (
    <section className="card" tabIndex={0} aria-label={t("due")}>
      <h2>{t("due")}</h2>
      {rows.length === 0 && <p className="quiet" id="nothing-due">{t("due_nothing")}</p>}
      {rows.length > 0 && (
        <table>
          <Heads names={["case", "due_clock", "due_until", "state"]} />
          <tbody id="due">
            {rows.map((row) => (
              <tr key={row.case.id + row.due.code}>
                <td><Link href={`/cases/${row.case.id}`}>{row.case.id}</Link></td>
                <td>{say("deadlines", row.due.code)}</td>
                <td className={row.due.level === "overdue" ? "bad" : "warn"}>{until(row.due.due_at)}</td>
                <td>{say("states", row.case.state)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Precision() {
  const { t, say, number } = useWords();
  const rows = useQuery(precisionQuery).data ?? [];
  const percent = (share: number) => `${number(100 * share, 0)} %`;
  const bars = rows.slice(0, WORST).map((row) => ({
    name: `${row.camera_id} · ${say("zone_ids", row.zone_id)}`, share: row.precision, span: [row.precision - row.low, row.high - row.precision] as [number, number],
  }));
  return (
    <section className="card" tabIndex={0} aria-label={t("precision")}>
      <h2>{t("precision")}</h2>
      {rows.length === 0 && <p className="quiet">{t("quality_nothing")}</p>}
      {rows.length > 0 && (
        <>
          <div className={css.chart} aria-hidden="true">
            <ResponsiveContainer>
              <BarChart data={bars} layout="vertical" margin={{ left: 120, right: 30 }} accessibilityLayer={false}>
                <CartesianGrid horizontal={false} stroke="var(--line)" />
                <XAxis type="number" domain={[0, 1]} tickFormatter={percent} stroke="var(--quiet)" />
                <YAxis type="category" dataKey="name" width={200} stroke="var(--quiet)" />
                <Bar dataKey="share" fill="var(--accent)" isAnimationActive={false} maxBarSize={32}><ErrorBar dataKey="span" stroke="var(--text)" /></Bar>
              </BarChart>
            </ResponsiveContainer>
          </div>
          <table>
            <Heads names={["camera", "zone", "kind", "rule", "quality_judged", "quality_share", "quality_reason", "quality_fix"]} />
            <tbody id="precision">
              {rows.map((row) => (
                <tr key={row.camera_id + row.zone_id + row.rule_version}>
                  <td><Link href={`/scenes/${encodeURIComponent(row.camera_id)}`}>{row.camera_id}</Link></td><td>{say("zone_ids", row.zone_id)}</td><td>{say("kinds", row.kind)}</td><td>{row.rule_version}</td>
                  <td className={css.number}>{row.judged}</td>
                  <td className={css.number}>{percent(row.precision)} ({percent(row.low)} – {percent(row.high)})</td>
                  <td>{row.main_reason && say("reasons", row.main_reason)}</td><td>{row.fix && say("fixes", row.fix)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  );
}

function Agreement() {
  const { t, say, knows, number } = useWords();
  const rows = useQuery(agreementQuery).data ?? [];
  return (
    <section className="card" tabIndex={0} aria-label={t("agreement")}>
      <h2>{t("agreement")}</h2>
      {rows.length === 0 && <p className="quiet">{t("quality_nothing")}</p>}
      {rows.length > 0 && (
        <table>
          <Heads names={["quality_officer", "kind", "quality_pairs", "quality_agreed", "quality_kappa", "quality_known"]} />
          <tbody id="agreement">
            {rows.map((row) => (
              <tr key={row.officer + row.kind}>
                <td>{row.officer}</td><td>{knows("kinds", row.kind) ? say("kinds", row.kind) : t("any")}</td>
                <td className={css.number}>{row.pairs}</td><td className={css.number}>{row.agreed}</td>
                <td className={css.number}>{row.kappa === null ? "–" : number(row.kappa)}</td>
                <td className={css.number}>{row.known_right} / {row.known}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

// Any period beside the same days last year and the days just before: counts, charts, repeat offenders, files.

import { type FormEvent, useState } from "react";
import { keepPreviousData, queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { Bar, BarChart, CartesianGrid, Legend, ResponsiveContainer, XAxis, YAxis } from "recharts";
import { answer, api, type Schemas } from "../api/client";
import { Confirm } from "../shell/Confirm";
import { type Days, daysOf } from "../shell/days";
import { useKeys } from "../shell/keys";
import { tell, tellRefusal } from "../shell/message";
import { Page } from "../shell/Page";
import { Period } from "../shell/Period";
import { useReady } from "../shell/ready";
import { useSession } from "../shell/session";
import { switchLanguage, useWords, type Words } from "../words/words";
import css from "../style/table.module.css";
import { Label, LABEL_PX } from "./Label";

type Count = Schemas["CountOut"];

const FORMS = ["xlsx", "pdf", "csv"];
const MOST = 12;
const SECTION: Record<string, string> = { kind: "kinds", outcome: "outcomes" };

const reportQuery = (days: Days) =>
  queryOptions({
    queryKey: ["report", days],
    queryFn: () => answer(api.GET("/api/v1/reports", { params: { query: days } })),
    placeholderData: keepPreviousData,
  });
const dueQuery = queryOptions({ queryKey: ["reports-due"], queryFn: () => answer(api.GET("/api/v1/reports/due")) });
const campaignsQuery = queryOptions({ queryKey: ["campaigns"], queryFn: () => answer(api.GET("/api/v1/reports/campaigns")) });

export default function ReportsPage() {
  const { t } = useWords();
  const session = useSession();
  const [days, setDays] = useState(() => daysOf("month"));
  const report = useQuery(reportQuery(days));
  const found = report.data;
  useReady(report.isFetched, `${t("reports")} · ${t("title")}`);
  return (
    <Page title={t("reports")} keys={t(session.role === "commander" ? "keys_reports_campaigns" : "keys_reports")}>
      <div className={css.page}>
        <div className={css.filters}>
          <Campaigns days={days} onChoose={setDays} />
          <Period days={days} onChange={setDays} />
          {FORMS.map((form) => (
            <a key={form} href={`/api/v1/reports/file?${new URLSearchParams({ ...days, form })}`} download>{form.toUpperCase()}</a>
          ))}
        </div>
        {report.error && <p className="bad">{t("report_wrong_days")}</p>}
        {found && (
          <>
            {found.total.now === 0 && <p className="quiet" id="nothing-in-period">{t("report_nothing")}</p>}
            <section className="card" tabIndex={0} aria-label={t("report_total")}>
              <Counts heading={t("report_total")} rows={[found.total, found.reports, found.reports_handled]} section="report_rows" />
            </section>
            {Object.entries(found.by).map(([name, rows]) => rows.length > 0 && (
              <section key={name} className="card" tabIndex={0} aria-label={t(`report_by_${name}`)}>
                <h2>{t(`report_by_${name}`)}</h2>
                <Chart rows={rows.slice(0, MOST)} section={SECTION[name]} />
                <Counts heading={t(`report_by_${name}`)} rows={rows} section={SECTION[name]} />
              </section>
            ))}
            {found.repeats.length > 0 && (
              <section className="card"><h2>{t("report_repeats")}</h2>
                <ul>{found.repeats.map((one) => <li key={one.plate}>{one.plate}: {one.cases}</li>)}</ul>
              </section>
            )}
          </>
        )}
        <Due />
      </div>
    </Page>
  );
}

const nameOf = (row: Count, section: string | undefined, words: Words): string =>
  (section ? words.say(section, row.value) : row.value) || words.t("none");

function Counts({ heading, rows, section }: { heading: string; rows: Count[]; section: string | undefined }) {
  const words = useWords();
  const { t, number } = words;
  const change = (percent: number | null) => (percent === null ? "–" : `${percent > 0 ? "+" : ""}${number(percent, 1)} %`);
  return (
    <table aria-label={heading}>
      <thead><tr>{["report_what", "report_now", "report_last_year", "report_change", "report_before", "report_change"].map((name, index) => (
        <th key={index} scope="col" className={index ? css.number : undefined}>{t(name)}</th>
      ))}</tr></thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.value}>
            <td>{nameOf(row, section, words)}</td>
            <td className={css.number}>{number(row.now, 0)}</td>
            <td className={css.number}>{number(row.last_year, 0)}</td><td className={css.number}>{change(row.change_last_year)}</td>
            <td className={css.number}>{number(row.before, 0)}</td><td className={css.number}>{change(row.change_before)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The table beneath says the same in figures, so the picture is left out for screen readers. */
function Chart({ rows, section }: { rows: Count[]; section: string | undefined }) {
  const words = useWords();
  const { t } = words;
  const bars = rows.map((row) => ({ ...row, name: nameOf(row, section, words) }));
  return (
    <div className={css.chart} aria-hidden="true">
      <ResponsiveContainer>
        <BarChart data={bars} accessibilityLayer={false}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis dataKey="name" stroke="var(--quiet)" interval={0} height={LABEL_PX} tick={<Label count={bars.length} />} />
          <YAxis allowDecimals={false} stroke="var(--quiet)" />
          <Legend />
          <Bar dataKey="last_year" name={t("report_last_year")} fill="var(--edge)" isAnimationActive={false} maxBarSize={48} />
          <Bar dataKey="before" name={t("report_before")} fill="var(--warn)" isAnimationActive={false} maxBarSize={48} />
          <Bar dataKey="now" name={t("report_now")} fill="var(--accent)" isAnimationActive={false} maxBarSize={48} />
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}

function Campaigns({ days, onChoose }: { days: Days; onChoose: (days: Days) => void }) {
  const { t, day } = useWords();
  const session = useSession();
  const client = useQueryClient();
  const campaigns = useQuery(campaignsQuery).data ?? [];
  const [asked, setAsked] = useState<string | null>(null);
  const save = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    try {
      await answer(api.POST("/api/v1/reports/campaigns", { body: { name: String(new FormData(form).get("campaign")), ...days } }));
      tell(t("report_campaign_kept"));
      form.reset();
      await client.invalidateQueries({ queryKey: ["campaigns"] });
    } catch (error) {
      tellRefusal(error);
    }
  };
  const drop = async (name: string) => {
    setAsked(null);
    try {
      await answer(api.DELETE("/api/v1/reports/campaigns/{name}", { params: { path: { name } } }));
      tell(t("report_campaign_dropped", { name }));
      document.getElementById("period")?.focus(); // the button goes with its campaign
    } catch (error) {
      tellRefusal(error);
    } finally {
      await client.invalidateQueries({ queryKey: ["campaigns"] });
    }
  };
  const current = campaigns.find((one) => one.first === days.first && one.last === days.last);
  const mayDrop = session.role === "commander" && current !== undefined;
  useKeys({
    c: () => document.getElementById(campaigns.length ? "campaign" : "period")?.focus(), v: switchLanguage,
    p: () => document.getElementById("period")?.focus(),
    ...(mayDrop ? { x: () => setAsked(current.name) } : {}),
    Escape: () => (document.activeElement as HTMLElement | null)?.blur(),
  });
  return (
    <>
      <label><span>{t("report_campaign")}</span>
        <select id="campaign" value={current?.name ?? ""} disabled={campaigns.length === 0} onChange={(event) => {
          const one = campaigns.find((campaign) => campaign.name === event.target.value);
          if (one) onChoose({ first: one.first, last: one.last });
        }}>
          <option value="">{campaigns.length === 0 ? t("report_campaign_none") : "–"}</option>
          {campaigns.map((one) => <option key={one.name} value={one.name}>{one.name} ({day(one.first)} – {day(one.last)})</option>)}
        </select>
      </label>
      {mayDrop && <Button id="campaign-drop" onPress={() => setAsked(current.name)}><kbd>x</kbd> {t("report_campaign_drop")}</Button>}
      {asked !== null && (
        <Confirm question={t("report_campaign_drop_ask", { name: asked })} told={t("report_campaign_drop_told")} does={t("report_campaign_drop")}
          onYes={() => void drop(asked)} onNo={() => setAsked(null)} />
      )}
      {session.role === "commander" && (
        <details className={css.aside}>
          <summary>{t("report_campaign_new")}</summary>
          <form className="row" onSubmit={save}>
            <input name="campaign" required maxLength={100} aria-label={t("report_campaign_name")} placeholder={t("report_campaign_name")} />
            <Button type="submit">{t("report_campaign_save")}</Button>
          </form>
        </details>
      )}
    </>
  );
}

function Due() {
  const { t, day, language } = useWords();
  const rows = useQuery(dueQuery).data ?? [];
  return (
    <section className="card"><h2>{t("report_due")}</h2>
      <ul>{rows.map((row) => <li key={row.code}>{row[language]}: {day(row.on)} ({t("report_days_left", { n: row.days_left })})</li>)}</ul>
    </section>
  );
}

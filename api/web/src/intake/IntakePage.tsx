// Citizens' reports: the list on the left, the chosen one beside it; by keys alone but for marking the vehicle.

import { useEffect, useRef, useState } from "react";
import { useQueries } from "@tanstack/react-query";
import { Link, useLocation, useParams } from "wouter";
import { daysOf } from "../shell/days";
import { useKeys } from "../shell/keys";
import { tellRefusal } from "../shell/message";
import { Page } from "../shell/Page";
import { Period } from "../shell/Period";
import { useReady } from "../shell/ready";
import { useSession } from "../shell/session";
import { switchLanguage, useWords } from "../words/words";
import { type Box, type Report, type ReportState, reportsQuery } from "./data";
import { Footage, playOrPause } from "./Footage";
import { Tasks } from "./Tasks";
import css from "./intake.module.css";

const OVERSEERS = ["commander", "auditor"];

/** The register of any days, form 05. */
function Register() {
  const { t } = useWords();
  const [days, setDays] = useState(() => daysOf("month"));
  return (
    <details className={css.register}>
      <summary>{t("intake_register")}</summary>
      <div className={css.days}><Period days={days} onChange={setDays} id="register-" /></div>
      <a id="register" href={`/api/v1/citizen-reports/register?${new URLSearchParams({ ...days })}`} download>{t("intake_register_save")}</a>
    </details>
  );
}

export default function IntakePage() {
  const { t, say } = useWords();
  const session = useSession();
  const { id } = useParams<{ id?: string }>();
  const [, go] = useLocation();
  const [closed, setClosed] = useState(false);
  const states: ReportState[] = closed ? ["CLOSED"] : ["RECEIVED", "PROCESSED"];
  const lists = useQueries({ queries: states.map(reportsQuery) });
  const rows = lists.flatMap((list) => list.data ?? [])
    .sort((a, b) => (closed ? b : a).received_at.localeCompare((closed ? a : b).received_at));
  const read = lists.every((list) => list.isFetched);
  const failure = lists.find((list) => list.error)?.error;
  const last = useRef(0);
  const known = rows.findIndex((row) => row.id === id);
  const place = known >= 0 ? known : Math.min(last.current, Math.max(rows.length - 1, 0));
  const chosen = rows[place];
  useReady(read, `${t("intake")} · ${t("title")}`);
  useEffect(() => {
    if (failure) tellRefusal(failure);
  }, [failure]);
  useEffect(() => {
    last.current = place; // whoever closes a report goes on with the one that takes its place
  }, [place]);
  const choose = (index: number) => {
    const row = rows[Math.min(Math.max(index, 0), rows.length - 1)];
    if (!row) return;
    go(`/intake/${encodeURIComponent(row.id)}`, { replace: true });
    document.querySelector(`[data-report="${row.id}"]`)?.scrollIntoView({ block: "nearest" });
  };
  const turn = () => setClosed(!closed);
  const [down, up] = [() => choose(place + 1), () => choose(place - 1)];
  useKeys({ j: down, ArrowDown: down, k: up, ArrowUp: up, f: turn, q: () => go("/"), v: switchLanguage });
  return (
    <Page title={t("intake")} keys={t("keys_intake")} aside={<span id="count">{t("intake_count", { n: rows.length })}</span>}>
      <div className={css.intake}>
        <div className={css.listing}>
          <div className={css.tabs} role="group" aria-label={t("state")}>
            <button type="button" aria-pressed={!closed} onClick={() => setClosed(false)}>{t("intake_tab_open")}</button>
            <button type="button" aria-pressed={closed} onClick={() => setClosed(true)}>{say("report_states", "CLOSED")}</button>
          </div>
          {OVERSEERS.includes(session.role) && <Register />}
          {read && rows.length === 0 && <p className="quiet" id="no-reports">{t("intake_empty")}</p>}
          <ul id="reports">
            {rows.map((row) => <Line key={row.id} row={row} chosen={row === chosen} onChoose={() => choose(rows.indexOf(row))} />)}
          </ul>
        </div>
        {chosen && <Chosen key={chosen.id} report={chosen} />}
      </div>
    </Page>
  );
}

function Line({ row, chosen, onChoose }: { row: Report; chosen: boolean; onChoose: () => void }) {
  const { t, say, time, knows } = useWords();
  return (
    <li>
      <button type="button" data-report={row.id} aria-pressed={chosen} onClick={onChoose}>
        <b>{knows("kinds", row.what) ? say("kinds", row.what) : t("intake_other")}</b> <span className="quiet">{row.id}</span>
        {row.state === "PROCESSED" && <span className="tag">{say("report_states", row.state)}</span>}
        <div className="quiet">{time(row.occurred_at)} · {row.place} · {row.ward}</div>
      </button>
    </li>
  );
}

function Chosen({ report }: { report: Report }) {
  const { t, say, time, zone } = useWords();
  const [shown, setShown] = useState(0);
  const [opened, setOpened] = useState(false);
  const [box, setBox] = useState<Box | null>(null);
  const film = useRef<HTMLVideoElement>(null);
  const show = (index: number) => {
    const next = (index + report.media.length) % report.media.length;
    if (next !== shown) setOpened(false);
    setShown(next);
  };
  const open = () => setOpened(true);
  useKeys({ o: open, ArrowRight: () => show(shown + 1), ArrowLeft: () => show(shown - 1), p: () => playOrPause(film.current) });
  return (
    <div className={css.chosen}>
      <Footage report={report} shown={shown} opened={opened} box={box} film={film} onShow={show} onOpen={open} onBox={setBox} />
      <div className={css.side}>
        <section className="card" id="report">
          <h2>{report.id} · {say("report_states", report.state)}</h2>
          <dl>
            <div><dt>{t("intake_occurred")}</dt><dd>{time(report.occurred_at)} {zone(report.occurred_at)}</dd></div>
            <div><dt>{t("intake_received")}</dt><dd>{time(report.received_at)} {zone(report.received_at)}</dd></div>
            <div><dt>{t("place")}</dt><dd>{report.place} · {report.ward}</dd></div>
            <div><dt>{t("intake_sender")}</dt><dd className="quiet">{t("intake_confidential")}</dd></div>
          </dl>
          {report.description && <p className={css.said}>{report.description}</p>}
          {report.cases.length > 0 && (
            <p>{t("intake_cases")} {report.cases.map((one) => <span key={one}><Link href={`/cases/${encodeURIComponent(one)}`}>{one}</Link> </span>)}</p>
          )}
          {report.outcome && <p className={css.said}><b>{t("intake_outcome", { name: report.handled_by ?? "" })}</b> {report.outcome}</p>}
        </section>
        <Tasks report={report} file={report.media[shown]} opened={opened} box={box} film={film} onBox={setBox} />
      </div>
    </div>
  );
}

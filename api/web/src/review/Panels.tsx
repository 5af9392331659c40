// The right-hand side of the review page: particulars, what was measured in words, doubts, evidence, history.

import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import type { CaseDetail } from "../api/client";
import { type Words, useWords } from "../words/words";
import { duplicatesQuery, historyQuery, verificationQuery } from "./data";
import css from "./review.module.css";

type Pair = [string, string];

/** Begins the names of facts about the plate, which stand beside it. */
export const OF_PLATE = "plate_";

/** Hashes stand in full in the manifest; beside the pictures their beginning is enough. */
const HASH = /^[0-9a-f]{32,}$/;

export function Particulars({ item }: { item: CaseDetail }) {
  const words = useWords();
  const { t, say, time, zone } = words;
  const span = t("in_recording", { start: words.number(item.start_s), end: words.number(item.end_s) });
  const pairs: Pair[] = [
    [t("time"), item.occurred_at ? `${time(item.occurred_at, item.timezone)} ${zone(item.occurred_at, item.timezone)}` : t("time_unknown")],
    [t("recording"), span],
    [t("vehicle"), say("vehicles", item.vehicle ?? "none")],
    [t("camera"), [item.camera_name || item.camera_id, item.ward].filter(Boolean).join(" · ")],
  ];
  const place = item.lat !== null && item.lon !== null ? `${item.lat.toFixed(5)}, ${item.lon.toFixed(5)}` : null;
  return (
    <section className="card">
      <div className={css.kind} id="kind">
        {say("kinds", item.kind)}{item.reminder_only && <span className="tag">{t("reminder_only")}</span>}{item.track === "citizen" && <span className="tag" id="of-citizen">{t("citizen_case")}</span>}
      </div>
      <Pairs id="particulars" pairs={pairs}>
        {place && <><dt>{t("place")}</dt><dd>{place}</dd></>}
      </Pairs>
      <Duplicates item={item} />
    </section>
  );
}

/** The original of a duplicate, and whatever was found to be the same act as this case. */
function Duplicates({ item }: { item: CaseDetail }) {
  const { t } = useWords();
  const others = useQuery(duplicatesQuery(item.id)).data ?? [];
  const link = (id: string) => <Link key={id} href={`/cases/${encodeURIComponent(id)}`} data-same={id}>{id}</Link>;
  return (
    <>
      {item.duplicate_of && <p className="warn" id="original">{t("duplicate_here")} {link(item.duplicate_of)}</p>}
      {others.length > 0 && <p className="row" id="duplicates"><span className="quiet">{t("duplicates_here")}:</span> {others.map(link)}</p>}
    </>
  );
}

function Pairs({ id, pairs, children }: { id: string; pairs: Pair[]; children?: React.ReactNode }) {
  return (
    <dl id={id}>
      {pairs.map(([label, value]) => <div key={label}><dt>{label}</dt><dd>{value}</dd></div>)}
      {children && <div>{children}</div>}
    </dl>
  );
}

function figure(value: unknown, words: Words): string {
  if (typeof value === "boolean") return words.t(value ? "yes" : "no");
  if (typeof value === "number") return words.number(value);
  if (Array.isArray(value)) return value.map((one) => figure(one, words)).join("; ");
  const text = String(value);
  if (HASH.test(text)) return `${text.slice(0, 12)}…`;
  return words.say(words.knows("values", text) ? "values" : "vehicles", text);
}

export function fact([name, value]: [string, unknown], words: Words): string {
  const text = name.endsWith("_share") ? `${Math.round(Number(value) * 100)} %` : figure(value, words);
  return words.knows("facts", name) ? words.say("facts", name, { value: text }) : `${name}: ${text}`;
}

export function Facts({ item }: { item: CaseDetail }) {
  const words = useWords();
  const { t, say } = words;
  const doubts = item.cannot_tell.map((code) => say("doubts", code));
  return (
    <>
      <section className="card">
        <h2>{t("doubts")}</h2>
        <ul id="doubts">{(doubts.length ? doubts : [t("no_doubts")]).map((text) => <li key={text}>{text}</li>)}</ul>
      </section>
      <section className="card">
        <h2>{t("facts")}</h2>
        <ul id="facts">{Object.entries(item.facts).filter(([name]) => !name.startsWith(OF_PLATE)).map((entry) => <li key={entry[0]}>{fact(entry, words)}</li>)}</ul>
      </section>
    </>
  );
}

export function EvidenceState({ item }: { item: CaseDetail }) {
  const { t, say } = useWords();
  const report = useQuery(verificationQuery(item.id)).data;
  const origin: Pair[] = [
    [t("source"), `${say("sources", item.source_kind)} · ${item.camera_id}`],
    [t("zone"), say("zone_ids", item.zone_id)],
    [t("clock"), say("clocks", item.clock)],
    [t("rule"), item.rule_version],
    [t("network"), item.network_name],
  ];
  const altered = report?.faults.map((one) => one.item).join(", ");
  return (
    <section className="card">
      <h2>{t("evidence")}</h2>
      <div id="verification" className={report && (report.intact ? "good" : "bad")}>
        {!report ? t("checking") : report.intact ? t("intact", { n: report.items }) : t("altered", { item: altered })}
      </div>
      <Pairs id="origin" pairs={origin}>
        {item.camera_id.startsWith("PA-") && <><dt>{t("intake_place")}</dt><dd><Link href={`/intake/${encodeURIComponent(item.camera_id)}`}>{item.camera_id}</Link></dd></>}
      </Pairs>
    </section>
  );
}

export function History({ item }: { item: CaseDetail }) {
  const { t, say, time, act } = useWords();
  const rows = useQuery(historyQuery(item.id)).data ?? [];
  return (
    <section className="card">
      <h2>{t("history")}</h2>
      <ol className={css.log} id="log">
        {rows.map((row) => (
          <li key={row.seq}>
            {time(row.at, item.timezone)} · {row.actor === "system" ? t("system") : row.actor} ·{" "}
            {act(row.action)}
            {row.reason && <div className="quiet">{say("reasons", row.reason)}{row.note && ` “${row.note}”`}</div>}
          </li>
        ))}
      </ol>
    </section>
  );
}

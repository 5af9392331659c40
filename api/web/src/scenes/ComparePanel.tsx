// What putting a version in force changes, in words: thing by thing, in force beside new. The button that does it stands
// beneath, so that whoever presses it has passed what it changes.

import { useEffect, useRef } from "react";
import { Button } from "react-aria-components";
import { useSession } from "../shell/session";
import { useWords, type Words } from "../words/words";
import type { Comparing, Comparison } from "./comparison";
import { type FieldChange, type Shift, type ThingChange, turned, type Way } from "./difference";
import { type CalendarEntry, clockText, DAYS, DEFAULT_LIMIT_S, type Point } from "./scene";
import table from "../style/table.module.css";
import css from "./scenes.module.css";

const ARROWS = ["→", "↘", "↓", "↙", "←", "↖", "↑", "↗"];
const TONES: Record<Way, string> = { new: "good", removed: "bad", changed: "warn", same: "quiet" };
const EDGES = ["diff_old", "diff_new", "diff_same"] as const;
type Row = [label: string, before: string, after: string];

interface Props {
  comparing: Comparing;
  comparison: Comparison;
  mayActivate: boolean;
  onActivate: () => void;
  children: React.ReactNode;
}

export function ComparePanel({ comparing, comparison, mayActivate, onActivate, children }: Props) {
  const { t, time } = useWords();
  const session = useSession();
  const head = useRef<HTMLHeadingElement>(null);
  const { version, inForce, difference } = comparison;
  useEffect(() => head.current?.focus(), [comparison]);
  return (
    <>
      <section className="card" id="difference">
        <h2 ref={head} tabIndex={-1}>{inForce === null ? t("diff_first", { n: version.number }) : t("diff_head", { n: version.number, m: inForce })}</h2>
        <p className="quiet">{version.drawn_by} · {time(version.drawn_at)}{version.note && ` · ${version.note}`}</p>
        <Legend />
        <Counts things={difference.things} whole={difference.whole} />
        {difference.things.filter((one) => one.way !== "same").map((one) => <Thing key={one.what + one.id} change={one} comparing={comparing} />)}
        {difference.whole.length > 0 && <Whole fields={difference.whole} />}
      </section>
      {children}
      <section className="card row">
        {mayActivate && mayBe(comparison) && (
          version.drawn_by === session.name ? <span className="quiet">{t("scene_needs_another")}</span>
            : <Button data-activate={version.number} onPress={onActivate}>{t("diff_activate", { n: version.number })}</Button>
        )}
        <Button id="diff-close" onPress={comparing.close}><kbd>Esc</kbd> {t("diff_close")}</Button>
      </section>
    </>
  );
}

/** One that was never in force and is newer than the one that is. */
const mayBe = ({ version, inForce }: Comparison): boolean => version.activated_at === null && version.number > (inForce ?? 0);

function Legend() {
  const { t } = useWords();
  return <p className={css.legend}>{EDGES.map((name) => <span key={name} data-line={name}>{t(name)}</span>)}</p>;
}

function Counts({ things, whole }: { things: ThingChange[]; whole: FieldChange[] }) {
  const { t } = useWords();
  const ways: Way[] = ["new", "changed", "removed", "same"];
  const count = (way: Way) => things.filter((one) => one.way === way).length;
  if (things.every((one) => one.way === "same") && whole.length === 0) return <p className="warn" id="diff-counts">{t("diff_nothing")}</p>;
  return (
    <p id="diff-counts">
      {ways.map((way, place) => <span key={way}>{place > 0 && " · "}<b className={count(way) > 0 ? TONES[way] : "quiet"}>{t(`diff_count_${way}`, { n: count(way) })}</b></span>)}
    </p>
  );
}

function Thing({ change, comparing }: { change: ThingChange; comparing: Comparing }) {
  const words = useWords();
  const { t, say } = words;
  const picked = comparing.picked === change.id;
  return (
    <article data-diff={change.id} data-way={change.way}>
      <button type="button" className={css.wide} aria-pressed={picked} onClick={() => comparing.pick(picked ? null : change.id)}>
        <b className={TONES[change.way]}>{t(`diff_${change.what}_${change.way}`)}</b> <b>{change.id}</b> · {say("zones", change.kind)}
      </button>
      <Rows way={change.way} rows={[...change.shifts.map((shift) => shiftRow(shift, change, words)), ...change.fields.map((field) => fieldRow(field, change, words))]} />
    </article>
  );
}

function Whole({ fields }: { fields: FieldChange[] }) {
  const words = useWords();
  return (
    <article data-diff="" data-way="changed">
      <b className="warn">{words.t("diff_whole")}</b>
      <Rows way="changed" rows={fields.map((field): Row => [labelOf(field.name, words), plain(field.before, words), plain(field.after, words)])} />
    </article>
  );
}

function Rows({ way, rows }: { way: Way; rows: Row[] }) {
  const { t } = useWords();
  const [was, is] = [way !== "new", way !== "removed"];
  if (rows.length === 0) return null;
  return (
    <table className={table.difference}>
      <thead><tr><th scope="col">{t("law_field")}</th>{was && <th scope="col">{t("law_before")}</th>}{is && <th scope="col">{t("diff_after")}</th>}</tr></thead>
      <tbody>
        {rows.map(([label, before, after]) => (
          <tr key={label}><td>{label}</td>{was && <td>{before}</td>}{is && <td><b>{after}</b></td>}</tr>
        ))}
      </tbody>
    </table>
  );
}

const labelOf = (name: string, { say }: Words): string => say("scene_fields", name);

function shiftRow({ name, share, grown }: Shift, { before, after }: ThingChange, words: Words): Row {
  const { t, number } = words;
  const label = labelOf(name, words);
  const [was, is] = [before?.[name], after?.[name]] as [Point[] | undefined, Point[] | undefined];
  if (name === "direction") {
    const [from, to] = [was as [Point, Point] | undefined, is as [Point, Point] | undefined];
    const turn = from && to ? ` ${t("diff_turned", { n: number(turned(from, to), 0) })}` : "";
    return [label, from ? arrow(from) : "–", `${to ? arrow(to) : "–"}${turn}`];
  }
  const far = t("diff_moved", { n: share < 0.001 ? `< ${number(0.1, 1)}` : number(100 * share, 1) });
  const corners = name === "polygon" ? t("diff_corners", { n: was?.length ?? 0 }) : t("diff_here");
  const size = grown === null ? "" : ` · ${t("diff_area", { n: `${grown >= 0 ? "+" : "−"}${number(Math.abs(100 * grown), 0)}` })}`;
  return [label, corners, `${far}${name === "polygon" ? ` · ${t("diff_corners", { n: is?.length ?? 0 })}` : ""}${size}`];
}

/** A direction of the picture as one of eight arrows. */
function arrow([from, to]: [Point, Point]): string {
  const eighths = Math.round(Math.atan2(to[1] - from[1], to[0] - from[0]) / (Math.PI / 4));
  return ARROWS[(eighths + 8) % 8] ?? "";
}

function fieldRow({ name, before, after }: FieldChange, { before: was, after: is }: ThingChange, words: Words): Row {
  const told = (value: unknown, kind: string) => (name === "limit_s" && value === null ? limitOf(kind, words) : valueOf(name, value, words));
  return [labelOf(name, words), was ? told(before, was.kind) : "", is ? told(after, is.kind) : ""];
}

function limitOf(kind: string, { t, number }: Words): string {
  const usual = DEFAULT_LIMIT_S[kind];
  return usual === undefined ? "–" : `${t("scene_default")} (${t("diff_seconds", { n: number(usual, 0) })})`;
}

function valueOf(name: string, value: unknown, words: Words): string {
  const { t, say, number } = words;
  if (name === "kind") return say("zones", String(value));
  if (name === "limit_s") return t("diff_seconds", { n: number(Number(value), 1) });
  if (name === "classes") return value === null ? t("diff_all_vehicles") : (value as string[]).map((one) => say("vehicles", one)).join(", ");
  if (name === "calendar") return value === null ? t("scene_always") : (value as CalendarEntry[]).map((one) => hours(one, words)).join("; ");
  if (name === "sign") return value === null ? "–" : Object.values(value as object).map(String).join(" · ");
  if (typeof value === "boolean" || name === "reminder_only" || name === "one_way_street") return t(value ? "yes" : "no");
  return plain(value, words);
}

function plain(value: unknown, { number, say }: Words): string {
  if (value === null || value === "") return "–";
  if (typeof value === "number") return number(value, 6);
  return typeof value === "string" ? say("sources", value) : JSON.stringify(value);
}

function hours({ days, from, to, holidays, valid_from, valid_to }: CalendarEntry, { t, say, day }: Words): string {
  const named = !days || days.length === DAYS.length ? t("diff_every_day") : days.map((one) => say("days", one)).join(", ");
  const feasts = holidays === "excluded" ? t("diff_no_holidays") : holidays === "only" ? t("diff_holidays_only") : "";
  const since = valid_from ? t("diff_valid_from", { day: day(String(valid_from)) }) : "";
  const until = valid_to ? t("diff_valid_to", { day: day(String(valid_to)) }) : "";
  return [named, `${clockText(from, "00:00")}–${clockText(to, "24:00")}`, feasts, since, until].filter(Boolean).join(" ");
}

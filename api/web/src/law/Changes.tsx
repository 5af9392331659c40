// Proposed, approved and refused changes of the law table: every field that differs, before beside after; whoever approves
// has seen them first, for the button stands beneath.

import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { answer, api, Refusal, type Schemas } from "../api/client";
import { tell, tellRefusal } from "../shell/message";
import { useSession } from "../shell/session";
import { type Words, useWords } from "../words/words";
import css from "../style/table.module.css";

type Change = Schemas["ChangeOut"];

export const changesQuery = queryOptions({ queryKey: ["law", "changes"], queryFn: () => answer(api.GET("/api/v1/law/changes")) });

export function Changes({ mayDecide }: { mayDecide: boolean }) {
  const { t } = useWords();
  const changes = useQuery(changesQuery).data ?? [];
  if (changes.length === 0) return null;
  return (
    <section className="card" id="changes" tabIndex={0} aria-label={t("law_changes")}>
      <h2>{t("law_changes")}</h2>
      {changes.map((change) => <OneChange key={change.id} change={change} mayDecide={mayDecide} />)}
    </section>
  );
}

function OneChange({ change, mayDecide }: { change: Change; mayDecide: boolean }) {
  const { t, time } = useWords();
  const open = change.status === "proposed";
  return (
    <details open={open} data-change={change.id}>
      <summary>
        <b>{change.offence_id}</b> · {change.source} · {change.proposed_by}, {time(change.proposed_at)} · {t(`law_${change.status}`)}
        {change.decided_by && ` (${change.decided_by}${change.decided_at ? `, ${time(change.decided_at)}` : ""})`}
      </summary>
      <Difference change={change} />
      {open && <Warnings change={change} />}
      {change.decision_note && <p className="quiet">{change.decision_note}</p>}
      {mayDecide && open && <Deciding change={change} />}
    </details>
  );
}

function Difference({ change }: { change: Change }) {
  const words = useWords();
  const { t, say } = words;
  const [before, after] = [change.before ?? {}, change.content];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => JSON.stringify(before[name] ?? null) !== JSON.stringify(after[name] ?? null));
  const open = change.status === "proposed";
  if (names.length === 0) return <p className="warn">{t("law_no_difference")}</p>;
  return (
    <>
      {change.before === null && <p className="warn">{t("law_new_row")}</p>}
      <table className={css.difference}>
        <thead><tr>{["law_field", open ? "law_before" : "law_was", open ? "law_after" : "law_became"].map((name) => <th key={name} scope="col">{t(name)}</th>)}</tr></thead>
        <tbody>
          {names.filter((name) => name !== "organisation_vnd").map((name) => (
            <tr key={name} data-field={name}>
              <td>{say("law_fields", name)}</td><td>{value(name, before[name], words)}</td><td><b>{value(name, after[name], words)}</b></td>
            </tr>
          ))}
          <Organisations change={change} />
        </tbody>
      </table>
    </>
  );
}

/** The range for organisations is worked out where the row states none: what this change makes of it. */
function Organisations({ change }: { change: Change }) {
  const { t, number } = useWords();
  const range = (pair: readonly number[] | null, known: boolean) => (pair ? pair.map((one) => number(one, 0)).join(" – ") : known ? t("law_individuals_only") : "–");
  const [before, after] = [range(change.organisation_before_vnd, change.before !== null), range(change.organisation_vnd, true)];
  return (
    <tr data-field="organisation">
      <td>{t(change.organisation_own ? "law_organisation" : "law_organisation_derived")}</td>
      <td>{before}</td><td>{before === after ? after : <b>{after}</b>}</td>
    </tr>
  );
}

/** What must be known before approving: days that are over, acts that were decided on already. */
function Warnings({ change }: { change: Change }) {
  const { say, day, number } = useWords();
  return change.warnings.map((one, place) => (
    <p key={place} className="warn" data-warning={one.code}>
      {say("law_warnings", one.code, { day: day(one.day), cases: number(one.cases, 0) })}
    </p>
  ));
}

const SECTIONS: Record<string, string> = { kinds: "kinds", vehicles: "vehicles" };

function value(name: string, given: unknown, words: Words): string {
  if (given === null || given === undefined || given === "") return "–";
  if (typeof given === "boolean") return words.t(given ? "yes" : "no");
  if (typeof given === "number") return words.number(given, 0);
  if (Array.isArray(given)) return given.map((one) => value(name, one, words)).join(name.endsWith("_vnd") ? " – " : ", ") || "–";
  if (typeof given === "object") return Object.entries(given).map(([key, one]) => `${key}: ${value(name, one, words)}`).join(" · ") || "–";
  if (name === "certainty") return words.t(`certainty_${String(given).toLowerCase()}`);
  return SECTIONS[name] ? words.say(SECTIONS[name], String(given)) : words.day(String(given));
}

function Deciding({ change }: { change: Change }) {
  const { t } = useWords();
  const session = useSession();
  const client = useQueryClient();
  const own = change.proposed_by === session.name;
  const decide = async (approve: boolean) => {
    try {
      const path = { change_id: change.id };
      const body = { approve, note: "", before_sha256: change.before_sha256 };
      await answer(api.POST("/api/v1/law/changes/{change_id}/decision", { params: { path }, body }));
      document.getElementById("changes")?.focus({ preventScroll: true }); // the buttons go with the decision
      tell(`${change.offence_id}: ${t(approve ? "law_approved" : "law_refused")}`);
    } catch (error) {
      if (error instanceof Refusal && error.problem.code === "stale") tell(t("law_moved"), { bad: true });
      else tellRefusal(error);
    }
    await client.invalidateQueries({ queryKey: ["law"] });
  };
  return (
    <p className="row">
      {own ? <span className="quiet">{t("law_own_change")}</span>
        : <Button data-approve={change.id} onPress={() => void decide(true)}>{t("law_approve")}</Button>}
      <Button data-refuse={change.id} onPress={() => void decide(false)}>{t("law_refuse")}</Button>
    </p>
  );
}

// What is looked for in a log: case, account, what was done, days.

import type { ReactNode } from "react";
import { DayField } from "../shell/DayField";
import { useWords, type Words } from "../words/words";
import type { Terms } from "./data";
import css from "../style/table.module.css";

/** Steps of the log that stand in no table of actions. */
const BY_ITSELF = ["detect", "undo"];
/** Told apart in its rows; looked for together with look-ups, whose kind it has. */
const PART = "report_opened";
const kindOf = (code: string, say: Words["say"]): string => (code === "lookup" ? [code, PART] : [code]).map((one) => say("entries", one)).join(" / ");

interface Props {
  terms: Terms;
  onChange: (terms: Terms) => void;
  onWrongFrom: (wrong: boolean) => void;
  onWrongTo: (wrong: boolean) => void;
  children: ReactNode;
}

export function TermsForm({ terms, onChange, onWrongFrom, onWrongTo, children }: Props) {
  const { t } = useWords();
  const text = (name: "case_id" | "actor" | "action", id: string, label: string) => (
    <label><span>{label}</span>
      <input id={id} name={name} size={16} autoComplete="off" spellCheck={false} maxLength={100} value={terms[name]} onChange={(event) => onChange({ ...terms, [name]: event.target.value })} />
    </label>
  );
  return (
    <form className={css.filters} id="audit-terms" onSubmit={(event) => event.preventDefault()}>
      {text("case_id", "audit-case", t("case"))}
      {text("actor", "audit-actor", t("audit_actor"))}
      {terms.log === "accesses" ? text("action", "audit-action", t("audit_item")) : <Done terms={terms} onChange={onChange} />}
      <DayField label={t("from")} id="audit-from" value={terms.from} onChange={(from) => onChange({ ...terms, from })} onWrong={onWrongFrom} />
      <DayField label={t("to")} id="audit-to" value={terms.to} onChange={(to) => onChange({ ...terms, to })} onWrong={onWrongTo} />
      {children}
    </form>
  );
}

function Done({ terms, onChange }: { terms: Terms; onChange: (terms: Terms) => void }) {
  const { t, say, act, codes } = useWords();
  const decisions = terms.log === "decisions";
  const offered = decisions ? [...BY_ITSELF, ...codes("actions")] : codes("entries").filter((code) => code !== PART);
  return (
    <label><span>{t("audit_action")}</span>
      <select id="audit-action" value={terms.action} onChange={(event) => onChange({ ...terms, action: event.target.value })}>
        <option value="">{t("any")}</option>
        {offered.map((code) => <option key={code} value={code}>{decisions ? act(code) : kindOf(code, say)}</option>)}
      </select>
    </label>
  );
}

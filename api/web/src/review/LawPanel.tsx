// The law applied to the case, the amount, and the clocks that run; an officer may choose another clause or amount,
// which then goes with the confirmation or amendment.

import { useQuery } from "@tanstack/react-query";
import type { CaseDetail } from "../api/client";
import { useWords } from "../words/words";
import { clocksQuery, offencesQuery } from "./data";
import css from "./review.module.css";

export interface LawChoice {
  offence_id?: string;
  amount_vnd?: number;
}

interface Props {
  item: CaseDetail;
  choice: LawChoice;
  onChoose: (choice: LawChoice) => void;
}

const AMENDABLE = new Set(["confirm", "amend"]);

export function LawPanel({ item, choice, onChoose }: Props) {
  const words = useWords();
  const { t, language } = words;
  const may = item.allowed_actions.some((action) => AMENDABLE.has(action));
  const offences = useQuery({ ...offencesQuery(item.id), enabled: may }).data?.offences ?? [];
  const law = item.offence;
  const picked = offences.find((one) => one.id === choice.offence_id);
  const range = picked?.person_vnd ?? law?.range_vnd;
  const dong = (amount: number | undefined) => (amount === undefined ? "" : `${words.number(amount, 0)} đ`);
  return (
    <section className="card" id="law">
      <h2>{t("law_place")}</h2>
      {!law && <p className="quiet">{t("law_none")}</p>}
      {law && (
        <>
          <div>{law.act[language]}</div>
          <div className="quiet">{law.provision} · {t(`certainty_${law.certainty.toLowerCase()}`)}</div>
          <div>
            {dong(law.range_vnd[0])} – {dong(law.range_vnd[1])} · <b id="amount">{dong(law.amount_vnd)}</b>
            {law.points > 0 && ` · ${t("law_points", { n: law.points })}`}
          </div>
        </>
      )}
      {item.needs_second && <div className="warn" id="second">{t("law_second")}</div>}
      {may && offences.length > 0 && (
        <details className={css.choice}>
          <summary>{t("law_other")}</summary>
          <label><span>{t("law_clause")}</span>
            <select id="offence" value={choice.offence_id ?? ""} onChange={(event) => onChoose(event.target.value ? { offence_id: event.target.value } : {})}>
              <option value="">{t("law_as_it_is")}</option>
              {offences.map((one) => <option key={one.id} value={one.id}>{`${one.number} · ${one.act[language]}`}</option>)}
            </select>
          </label>
          <label><span>{t("law_amount")}</span>
            <input id="amount-chosen" type="number" step={50000} min={range?.[0]} max={range?.[1]} value={choice.amount_vnd ?? ""}
              placeholder={t("law_middle")}
              onChange={(event) => onChoose({ ...choice, amount_vnd: event.target.value ? event.target.valueAsNumber : undefined })} />
          </label>
          <p className="quiet">{t("law_choice_hint")}</p>
        </details>
      )}
      <Clocks item={item} />
    </section>
  );
}

function Clocks({ item }: { item: CaseDetail }) {
  const { say, t, until } = useWords();
  const clocks = useQuery(clocksQuery(item.id)).data ?? [];
  return (
    <ul id="clocks">
      {clocks.map((clock) => (
        <li key={clock.code + clock.started_at} className={clock.level === "running" ? undefined : clock.level === "overdue" ? "bad" : "warn"}>
          {say("deadlines", clock.code)}: {until(clock.due_at, item.timezone)}{clock.level !== "running" && ` (${t(`due_${clock.level}`)})`}
        </li>
      ))}
    </ul>
  );
}

// Which days: a span by name, or two days of one's own.

import { useWords } from "../words/words";
import { DayField } from "./DayField";
import { type Days, daysOf, SPANS, type Span } from "./days";

interface Props {
  days: Days;
  onChange: (days: Days) => void;
  /** Begins the ids of its fields. */
  id?: string;
}

export function Period({ days, onChange, id = "" }: Props) {
  const { t } = useWords();
  const named = SPANS.find((span) => {
    const its = daysOf(span);
    return its.first === days.first && its.last === days.last;
  });
  return (
    <>
      <label><span>{t("period")}</span>
        <select id={`${id}period`} value={named ?? ""} onChange={(event) => event.target.value && onChange(daysOf(event.target.value as Span))}>
          <option value="" disabled>{t("period_own")}</option>
          {SPANS.map((span) => <option key={span} value={span}>{t(`period_${span}`)}</option>)}
        </select>
      </label>
      <DayField label={t("from")} id={`${id}first`} value={days.first} onChange={(first) => first && onChange({ ...days, first })} />
      <DayField label={t("to")} id={`${id}last`} value={days.last} onChange={(last) => last && onChange({ ...days, last })} />
    </>
  );
}

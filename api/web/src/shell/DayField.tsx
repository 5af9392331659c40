// A day typed as dd/mm/yyyy, with a time behind it where asked for; arrow keys go a day on or back. The browser's own
// field for days follows the browser's language, not the page's, and shows mm/dd/yyyy to most.

import { type KeyboardEvent, useEffect, useId, useState } from "react";
import { useWords } from "../words/words";
import { dayOf, later, momentOf, today, written } from "./days";
import css from "./day.module.css";

interface Props {
  label: string;
  id?: string;
  name?: string;
  /** `2026-11-22`, with `T08:30` behind it where `timed`; empty for none. */
  value: string;
  onChange: (iso: string) => void;
  timed?: boolean;
  /** Told whether what stands in it is no day; `value` then stays what it was. */
  onWrong?: (wrong: boolean) => void;
}

export function DayField({ label, id, name, value, onChange, timed = false, onWrong }: Props) {
  const { t } = useWords();
  const [text, setText] = useState(written(value));
  const fault = useId();
  const read = timed ? momentOf : dayOf;
  useEffect(() => setText((typed) => ((read(typed) ?? "") === value ? typed : written(value))), [read, value]);
  const wrong = text.trim() !== "" && read(text) === null;
  useEffect(() => onWrong?.(wrong), [onWrong, wrong]);
  const form = t(timed ? "day_time_form" : "day_form");
  const told = t("day_wrong", { form, example: timed ? "05/12/2026 08:30" : "05/12/2026" });
  const type = (typed: string) => {
    setText(typed);
    const iso = typed.trim() === "" ? "" : read(typed);
    if (iso !== null) onChange(iso);
  };
  const turn = (event: KeyboardEvent<HTMLInputElement>) => {
    const days = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    if (days === 0) return;
    event.preventDefault();
    const day = later(value.slice(0, 10) || today(), value ? days : 0);
    const iso = day + (timed ? value.slice(10) || "T08:00" : "");
    setText(written(iso));
    onChange(iso);
  };
  return (
    <label className={css.day} data-timed={timed || undefined}><span>{label}</span>
      <input type="text" id={id} inputMode="numeric" autoComplete="off" placeholder={form} value={text} aria-invalid={wrong || undefined}
        aria-describedby={wrong ? fault : undefined} ref={(field) => field?.setCustomValidity(wrong ? told : "")} title={wrong ? told : undefined}
        onChange={(event) => type(event.target.value)} onBlur={() => !wrong && setText(written(value))} onKeyDown={turn} />
      {name && <input type="hidden" name={name} value={value} />}
      {wrong && <span id={fault} className={css.fault} role="alert">{told}</span>}
    </label>
  );
}

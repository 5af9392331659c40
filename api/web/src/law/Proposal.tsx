// Proposing a change of one row, field by field; a fault is told by the name of its field.

import { type FormEvent, useEffect, useRef, useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { answer, api, Refusal } from "../api/client";
import { DayField } from "../shell/DayField";
import { tell, tellRefusal } from "../shell/message";
import { useWords } from "../words/words";
import { CERTAINTIES, fieldsOf, type Offence, restOf, rowOf, Unreadable, VEHICLES } from "./row";
import css from "../style/table.module.css";

export function Proposal({ row, onDone }: { row: Offence; onDone: () => void }) {
  const { t, say, fault: words } = useWords();
  const client = useQueryClient();
  const [wrong, setWrong] = useState<string[]>([]);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    form.current?.scrollIntoView({ block: "start" }); // the row that was chosen may stand far below
    form.current?.querySelector("textarea")?.focus({ preventScroll: true });
  }, []);
  const named = (field: string) => say("law_fields", field);
  const refuse = (fields: string[], told: string) => {
    setWrong(fields);
    tell(t("law_wrong_fields", { fields: told }), { bad: true });
  };
  const propose = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    setWrong([]);
    try {
      const offence = rowOf(row, given) as Record<string, never>;
      await answer(api.POST("/api/v1/law/changes", { body: { offence, source: String(given.get("source")) } }));
      tell(`${String(given.get("id"))}: ${t("law_proposed")}`);
      onDone();
      await client.invalidateQueries({ queryKey: ["law"] });
    } catch (error) {
      if (error instanceof Unreadable) return refuse([error.field], named(error.field));
      const faults = error instanceof Refusal && error.problem.code === "bad_change" ? error.problem.faults ?? [] : [];
      if (faults.length > 0) refuse(fieldsOf(faults.map((one) => one.place)), faults.map(words).join("; "));
      else tellRefusal(error);
    }
  };
  const fault = (field: string) => ({ "aria-invalid": wrong.includes(field) || undefined });
  const line = (name: string, value: string | number, size: number, label = named(name)) => (
    <label><span>{label}</span><input name={name} size={size} defaultValue={value} autoComplete="off" {...fault(name)} /></label>
  );
  return (
    <form className={`${css.proposal} card`} id="proposal" ref={form} onSubmit={propose}>
      <h2>{t("law_proposal", { id: row.number })}</h2>
      <div className={css.form}>
        {line("id", row.id, 22, t("law_id"))}{line("article", row.article, 4)}{line("clause", row.clause, 3)}{line("point", row.point, 3)}{line("decree", row.decree, 18)}
      </div>
      <label><span>{t("law_act_vi")}</span><textarea name="act_vi" rows={2} defaultValue={row.act.vi} {...fault("act")} /></label>
      <label><span>{t("law_act_en")}</span><textarea name="act_en" rows={2} defaultValue={row.act.en} {...fault("act")} /></label>
      <div className={css.form}>
        <Range field="person_vnd" value={row.person_vnd} label={named("person_vnd")} wrong={wrong.includes("person_vnd")} />
        <Range field="organisation_vnd" value={row.organisation_own ? row.organisation_vnd : null} label={`${named("organisation_vnd")} – ${t("law_organisation_hint")}`}
          wrong={wrong.includes("organisation_vnd")} />
        {line("points", row.points, 3)}
      </div>
      <div className={css.form}>
        <Day name="from" value={row.from} label={named("from")} /><Day name="to" value={row.to ?? ""} label={named("to")} />
        <label><span>{named("certainty")}</span>
          <select name="certainty" defaultValue={row.certainty}>
            {CERTAINTIES.map((one) => <option key={one} value={one}>{t(`certainty_${one.toLowerCase()}`)}</option>)}
          </select>
        </label>
      </div>
      <Ticks name="kinds" section="kinds" given={row.kinds} />
      <Ticks name="vehicles" section="vehicles" given={row.vehicles} codes={VEHICLES} />
      <label><span>{named("note")}</span><textarea name="note" rows={2} maxLength={1000} defaultValue={row.note} /></label>
      <details>
        <summary>{named("rest")}</summary>
        <textarea name="rest" rows={9} aria-label={named("rest")} defaultValue={restOf(row)} spellCheck={false} {...fault("rest")} />
      </details>
      <label><span>{t("law_source")}</span><input name="source" required minLength={3} maxLength={1000} {...fault("source")} /></label>
      <p className="row"><Button type="submit">{t("law_propose")}</Button> <Button onPress={onDone}>{t("cancel")}</Button></p>
    </form>
  );
}

function Range({ field, value, label, wrong }: { field: string; value: readonly number[] | null; label: string; wrong: boolean }) {
  const { t, number } = useWords();
  const bound = (place: 0 | 1) => (
    <input name={`${field}_${place}`} size={13} inputMode="numeric" autoComplete="off" aria-label={`${label}: ${t(place ? "law_most" : "law_least")}`} aria-invalid={wrong || undefined}
      defaultValue={value ? number(value[place] ?? 0, 0) : ""} />
  );
  return <label><span>{label}</span><span>{bound(0)} – {bound(1)}</span></label>;
}

function Day({ name, value, label }: { name: string; value: string; label: string }) {
  const [day, setDay] = useState(value);
  return <DayField label={label} name={name} value={day} onChange={setDay} />;
}

function Ticks({ name, section, given, codes }: { name: string; section: string; given: readonly string[]; codes?: readonly string[] }) {
  const { say, codes: known } = useWords();
  return (
    <fieldset className={css.ticks}><legend>{say("law_fields", name)}</legend>
      {(codes ?? known(section)).map((code) => (
        <label key={code}><input type="checkbox" name={name} value={code} defaultChecked={given.includes(code)} /> {say(section, code)}</label>
      ))}
    </fieldset>
  );
}

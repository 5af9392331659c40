// The plate: its crop, what the machine read, and the officer's word on it.

import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { answer, api, type CaseDetail, type Item, Refusal } from "../api/client";
import { isPlain, useKeys } from "../shell/keys";
import { tell, tellRefusal } from "../shell/message";
import { useSession } from "../shell/session";
import { useWords } from "../words/words";
import { caseQuery, isStill, plateQuery, stem, stillQuery } from "./data";
import { fact, OF_PLATE } from "./Panels";
import css from "./review.module.css";

/** Who says what a plate reads; others see it. */
const REVIEWERS = ["officer", "handler", "commander"];

export function PlatePanel({ item, items }: { item: CaseDetail; items: Item[] }) {
  const words = useWords();
  const { t, number } = words;
  const client = useQueryClient();
  const may = REVIEWERS.includes(useSession().role);
  const { data: plate } = useQuery(plateQuery(item.id));
  const crop = items.find((one) => isStill(one) && stem(one).startsWith("plate")) ?? items.find((one) => stem(one) === "vehicle");
  const picture = useQuery({ ...stillQuery(item.id, crop?.name ?? ""), enabled: crop !== undefined });
  const [text, setText] = useState("");
  const [note, setNote] = useState("");
  /** What was typed, and the form in which the server would keep it; until the officer says which is meant. */
  const [asked, setAsked] = useState<{ typed: string; form: string } | null>(null);
  useEffect(() => setText(plate?.shown ?? ""), [plate?.shown]);
  useKeys({
    x: () => {
      const field = document.getElementById("plate");
      field?.focus();
      if (field instanceof HTMLInputElement) field.select(); // what the machine read wrongly is typed over
    },
  });
  if (!plate) return null;
  const say = async (accepted: string | null) => {
    setAsked(null);
    try {
      const body = { text, seq: plate.seq, note, accepted_form: accepted };
      const said = await answer(api.PUT("/api/v1/cases/{case_id}/plate", { params: { path: { case_id: item.id } }, body }));
      client.setQueryData(plateQuery(item.id).queryKey, said);
      void client.invalidateQueries({ queryKey: caseQuery(item.id).queryKey });
      tell(t("plate_kept"));
      document.getElementById("decision")?.focus({ preventScroll: true });
    } catch (error) {
      if (error instanceof Refusal && error.problem.code === "plate_form") return setAsked({ typed: error.problem.typed ?? text, form: error.problem.form ?? "" });
      tellRefusal(error);
      void client.invalidateQueries({ queryKey: plateQuery(item.id).queryKey });
    }
  };
  const confidence = plate.read.confidence;
  const share = typeof confidence === "number" ? number(100 * confidence, 0) : null;
  const readText = String(plate.read.shown ?? plate.read.text ?? "");
  const read = plate.read.text === plate.text ? t("plate_read", { share }) : t("plate_read_other", { text: readText, share });
  const last = plate.words.at(-1);
  const told = Object.entries(item.facts).filter(([name]) => name.startsWith(OF_PLATE));
  return (
    <section className="card">
      <h2>{t("plate")}</h2>
      <form className={css.plate} onSubmit={(event) => { event.preventDefault(); void say(null); }}>
        {picture.data && <img className={css.crop} src={picture.data} alt={t("plate_crop")} />}
        <div className="row">
          {may ? (
            <>
              <input id="plate" size={12} aria-label={t("plate")} autoComplete="off" value={text} onChange={(event) => { setText(event.target.value); setAsked(null); }} />
              <Button type="submit" id="plate-say"><kbd>x</kbd> {t(plate.established ? "plate_correct" : "plate_confirm")}</Button>
            </>
          ) : <output id="plate-shown" aria-label={t("plate")}>{plate.shown || t("none")}</output>}
          {may && text.trim() === "" && (
            <input id="plate-note" aria-label={t("note")} placeholder={t("plate_why")} value={note} onChange={(event) => setNote(event.target.value)} />
          )}
          {asked && <AskForm typed={asked.typed} form={asked.form} onAccept={() => void say(asked.form)} onCorrect={() => setAsked(null)} />}
          <div id="plate-state" className="quiet">
            {plate.established ? t("plate_established", { name: last?.actor ?? "" }) : t("plate_unconfirmed")}
            {share !== null && ` · ${read}`}
            {plate.text !== "" && !plate.valid && <span className="warn"> · {t("plate_odd")}</span>}
          </div>
        </div>
      </form>
      {told.length > 0 && (
        <details>
          <summary className="quiet">{t("plate_details")}</summary>
          <ul>{told.map((entry) => <li key={entry[0]}>{fact(entry, words)}</li>)}</ul>
        </details>
      )}
    </section>
  );
}

interface AskProps {
  typed: string;
  form: string;
  onAccept: () => void;
  onCorrect: () => void;
}

/** Nothing is kept yet: the plate would be written otherwise than it was typed. */
function AskForm({ typed, form, onAccept, onCorrect }: AskProps) {
  const { t } = useWords();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  const correct = () => {
    onCorrect();
    document.getElementById("plate")?.focus();
  };
  /** Not Enter: whoever presses it twice out of habit would keep what was never looked at. */
  const press = (event: KeyboardEvent) => {
    const act = { "1": onAccept, Escape: correct }[event.key];
    if (!act || !isPlain(event.nativeEvent)) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  return (
    <div className={css.asked} id="plate-form" role="alert" tabIndex={-1} ref={box} onKeyDown={press}>
      <p>{t("plate_form_typed")} <b>{typed}</b><br />{t("plate_form_kept")} <b id="plate-form-kept">{form}</b></p>
      <p className="quiet">{t("plate_form_why")}</p>
      <div className="row">
        <Button id="plate-form-accept" onPress={onAccept}><kbd>1</kbd> {t("plate_form_accept", { form })}</Button>
        <Button id="plate-form-correct" onPress={correct}><kbd>Esc</kbd> {t("plate_form_correct")}</Button>
      </div>
    </div>
  );
}

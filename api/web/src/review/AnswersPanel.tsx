// What the owner wrote on the look-up page, the reply the owner reads there, and what was done about it.

import { type FormEvent, useRef } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { answer, api, type CaseDetail, type Schemas } from "../api/client";
import { useKeys } from "../shell/keys";
import { tell, tellRefusal } from "../shell/message";
import { useSession } from "../shell/session";
import { useWords } from "../words/words";
import { answersQuery } from "./data";
import css from "./review.module.css";

const REPLIERS = ["officer", "handler", "commander"];
const DEALINGS = ["noted", "driver_found", "corrected", "unfounded", "other"] as const;
type Dealing = (typeof DEALINGS)[number];
/** Who says these is owed words. */
const OWED = ["dispute", "complaint"];
/** Merely taking note is enough for these, as the server has it. */
const MERELY_NOTED = ["accept", "explain"];

/** The form that had the focus goes; the next key is one of the decision's. */
function toDecision(): void {
  document.getElementById("decision")?.focus({ preventScroll: true });
}

/** To the first answer that waits: to the reply where the owner is owed one, else to how it was dealt with. */
function toAnswers(): void {
  const panel = document.getElementById("answers");
  panel?.scrollIntoView({ block: "start" });
  const first = ["[data-owed] [name=text]", "[name=dealing]", "[name=text]"].map((one) => panel?.querySelector<HTMLElement>(one)).find(Boolean);
  first?.focus();
}

/** One request at a time: a second press while one is on its way sends nothing. */
function useOnce(): (work: () => Promise<void>) => Promise<void> {
  const busy = useRef(false);
  return async (work) => {
    if (busy.current) return;
    busy.current = true;
    try {
      await work();
    } finally {
      busy.current = false;
    }
  };
}

export function AnswersPanel({ item }: { item: CaseDetail }) {
  const { t } = useWords();
  const rows = useQuery(answersQuery(item.id)).data ?? [];
  useKeys({ y: toAnswers });
  if (rows.length === 0) return null;
  return (
    <section className="card" id="answers">
      <h2>{t("answers")}</h2>
      {rows.map((row) => <Answer key={row.id} row={row} />)}
    </section>
  );
}

function Answer({ row }: { row: Schemas["AnswerOut"] }) {
  const { t, say, time } = useWords();
  const session = useSession();
  const client = useQueryClient();
  const once = useOnce();
  const reply = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get("text"));
    void once(() => send(text));
  };
  const send = async (text: string) => {
    const path = { case_id: row.case_id, answer_id: row.id };
    try {
      await answer(api.POST("/api/v1/cases/{case_id}/answers/{answer_id}/reply", { params: { path }, body: { text } }));
      tell(t("answer_replied"));
      toDecision();
    } catch (error) {
      tellRefusal(error);
    }
    await client.invalidateQueries({ queryKey: answersQuery(row.case_id).queryKey });
  };
  return (
    <article data-answer={row.id} data-owed={(row.waiting && OWED.includes(row.kind)) || undefined}>
      <div><b className={OWED.includes(row.kind) ? "warn" : undefined}>{say("answers", row.kind)}</b> <span className="quiet">{time(row.at)}</span>{row.waiting && <span className="tag" data-waits={row.id}>{t("answer_waits")}</span>}</div>
      <p className={css.said}>{row.text}</p>
      {row.contact && <p className="quiet">{t("answer_contact", { contact: row.contact })}</p>}
      {row.reply && <p className={css.said}><b>{t("answer_reply_of", { name: row.replied_by ?? "" })}</b> {row.reply}</p>}
      {!row.reply && REPLIERS.includes(session.role) && (
        <form className={css.form} onSubmit={reply}>
          <textarea name="text" rows={2} required maxLength={4000} aria-label={t("answer_reply")} placeholder={t("answer_reply")} />
          <Button type="submit">{t("answer_send")}</Button>
        </form>
      )}
      {row.dealing && row.dealing !== "moved" && (
        <p className={css.said}><b>{say("dealings", row.dealing)}</b> {row.dealing_note} <span className="quiet">{row.dealt_by}, {time(row.dealt_at ?? row.at)}</span></p>
      )}
      {row.waiting && REPLIERS.includes(session.role) && <DealingForm row={row} />}
    </article>
  );
}

function DealingForm({ row }: { row: Schemas["AnswerOut"] }) {
  const { t, say } = useWords();
  const client = useQueryClient();
  const asked = row.kind === "not_driver" ? "answer_driver_note" : "answer_dealing_note";
  const once = useOnce();
  const deal = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    void once(() => send({ dealing: String(given.get("dealing")) as Dealing, note: String(given.get("note")) }));
  };
  const send = async (body: { dealing: Dealing; note: string }) => {
    const path = { case_id: row.case_id, answer_id: row.id };
    try {
      await answer(api.POST("/api/v1/cases/{case_id}/answers/{answer_id}/dealing", { params: { path }, body }));
      tell(t("answer_dealt"));
      toDecision();
    } catch (error) {
      tellRefusal(error);
    }
    await client.invalidateQueries({ queryKey: answersQuery(row.case_id).queryKey });
    void client.invalidateQueries({ queryKey: ["queue"] });
  };
  return (
    <form className={css.form} data-dealing={row.id} onSubmit={deal}>
      {row.kind === "not_driver" && <p className="warn" id="find-driver">{t("find_driver")}</p>}
      <select name="dealing" required aria-label={t("answer_dealing")}>
        {!MERELY_NOTED.includes(row.kind) && <option value="">{t("answer_dealing")}…</option>}
        {DEALINGS.filter((one) => one !== "noted" || MERELY_NOTED.includes(row.kind)).map((one) => <option key={one} value={one}>{say("dealings", one)}</option>)}
      </select>
      <input name="note" maxLength={1000} aria-label={t(asked)} placeholder={t(asked)} />
      <Button type="submit">{t("answer_deal")}</Button>
    </form>
  );
}

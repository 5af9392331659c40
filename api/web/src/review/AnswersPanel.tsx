// What the owner wrote on the look-up page, and the reply the owner reads there.

import { type FormEvent } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { answer, api, type CaseDetail, type Schemas } from "../api/client";
import { tell, tellRefusal } from "../shell/message";
import { useSession } from "../shell/session";
import { useWords } from "../words/words";
import { answersQuery } from "./data";
import css from "./review.module.css";

const REPLIERS = ["officer", "handler", "commander"];

export function AnswersPanel({ item }: { item: CaseDetail }) {
  const { t } = useWords();
  const rows = useQuery(answersQuery(item.id)).data ?? [];
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
  const reply = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get("text"));
    const path = { case_id: row.case_id, answer_id: row.id };
    try {
      await answer(api.POST("/api/v1/cases/{case_id}/answers/{answer_id}/reply", { params: { path }, body: { text } }));
      tell(t("answer_replied"));
    } catch (error) {
      tellRefusal(error);
    }
    await client.invalidateQueries({ queryKey: answersQuery(row.case_id).queryKey });
  };
  return (
    <article data-answer={row.id}>
      <div><b className={["dispute", "complaint"].includes(row.kind) ? "warn" : undefined}>{say("answers", row.kind)}</b> <span className="quiet">{time(row.at)}</span></div>
      <p className={css.said}>{row.text}</p>
      {row.contact && <p className="quiet">{t("answer_contact", { contact: row.contact })}</p>}
      {row.reply && <p className={css.said}><b>{t("answer_reply_of", { name: row.replied_by ?? "" })}</b> {row.reply}</p>}
      {!row.reply && REPLIERS.includes(session.role) && (
        <form className={css.form} onSubmit={reply}>
          <textarea name="text" rows={2} required maxLength={4000} aria-label={t("answer_reply")} placeholder={t("answer_reply")} />
          <Button type="submit">{t("answer_send")}</Button>
        </form>
      )}
    </article>
  );
}

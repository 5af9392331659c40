// One's own password: the present one, the new one twice. All logins end with it, so the new one logs in again at once.

import { type FormEvent, useRef, useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { answer, api, keepToken, Refusal } from "../api/client";
import { useWords, type Words } from "../words/words";
import { tell } from "./message";
import css from "./page.module.css";

interface Props {
  name: string;
  onDone: () => void;
}

export function PasswordForm({ name, onDone }: Props) {
  const words = useWords();
  const { t } = words;
  const client = useQueryClient();
  const [fault, setFault] = useState("");
  const sending = useRef(false);
  const change = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (sending.current) return; // the first press ends all logins: a second one would meet that
    const form = event.currentTarget;
    const [old, fresh, again] = ["old", "new", "again"].map((field) => String(new FormData(form).get(field)));
    if (old === undefined || fresh === undefined) return;
    if (fresh !== again) return setFault(t("password_unlike"));
    sending.current = true;
    try {
      await answer(api.PUT("/api/v1/session/password", { body: { old, new: fresh } }));
      keepToken((await answer(api.POST("/api/v1/session", { body: { name, password: fresh } }))).csrf_token);
      tell(t("password_changed"));
      onDone();
      await client.invalidateQueries({ queryKey: ["session"] });
    } catch (error) {
      setFault(toldOf(error, words));
    } finally {
      sending.current = false;
    }
  };
  return (
    <form className={css.password} id="own-password" onSubmit={change}>
      <input name="username" autoComplete="username" value={name} readOnly hidden />
      <label><span>{t("password_old")}</span><input name="old" type="password" required autoFocus autoComplete="current-password" /></label>
      <label><span>{t("password_new")}</span><input name="new" type="password" required autoComplete="new-password" aria-describedby="password-rule" /></label>
      <p className="quiet" id="password-rule">{t("password_rule")}</p>
      <label><span>{t("password_again")}</span><input name="again" type="password" required autoComplete="new-password" /></label>
      <p className="bad" id="password-fault" role="alert">{fault}</p>
      <p className="quiet">{t("password_ends")}</p>
      <Button type="submit" id="change-password">{t("password_change")}</Button>
    </form>
  );
}

/** The server calls a wrong old password a refused login; here no name is in question. */
function toldOf(error: unknown, { t, problem }: Words): string {
  if (!(error instanceof Refusal)) throw error;
  return error.problem.code === "login_refused" ? t("password_old_wrong") : problem(error.problem);
}

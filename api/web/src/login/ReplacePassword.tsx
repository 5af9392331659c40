// Comes before every page while the password is one that an administrator chose: its owner replaces it, or leaves.

import { useQueryClient } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { useLocation } from "wouter";
import { api, type Session } from "../api/client";
import { tellRefusal } from "../shell/message";
import { PasswordForm } from "../shell/PasswordForm";
import { useReady } from "../shell/ready";
import { switchLanguage, useWords } from "../words/words";
import css from "./login.module.css";

export function ReplacePassword({ session }: { session: Session }) {
  const { t } = useWords();
  const client = useQueryClient();
  const [, go] = useLocation();
  useReady(true, `${t("password_change")} · ${t("title")}`);
  const leave = async () => {
    await api.DELETE("/api/v1/session").catch(tellRefusal);
    client.clear();
    go("/login");
  };
  return (
    <main>
      <section className={css.form} id="replace-password">
        <h1>{t("password_due_head")}</h1>
        <p>{t("password_due_told", { name: session.display_name })}</p>
        <PasswordForm name={session.name} onDone={() => undefined} />
        <div className="row">
          <Button id="logout" onPress={leave}>{t("logout")}</Button>
          <Button id="language" onPress={switchLanguage}>{t("language")}</Button>
        </div>
      </section>
    </main>
  );
}

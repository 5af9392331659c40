// Name and password, then the queue.

import { type FormEvent, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Label, TextField } from "react-aria-components";
import { useLocation } from "wouter";
import { answer, api } from "../api/client";
import { hush, tellRefusal } from "../shell/message";
import { useReady } from "../shell/ready";
import { placeToReturn } from "../shell/return";
import { switchLanguage, useWords } from "../words/words";
import css from "./login.module.css";

export function LoginPage() {
  const { t } = useWords();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [, go] = useLocation();
  const client = useQueryClient();
  const ways = useQuery({ queryKey: ["ways"], queryFn: () => answer(api.GET("/api/v1/session/ways")), retry: false });
  useReady(true, t("title"));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await answer(api.POST("/api/v1/session", { body: { name, password } }));
      client.clear();
      hush(); // "please log in" has been done
      go(placeToReturn());
    } catch (error) {
      setPassword("");
      tellRefusal(error);
    }
  };
  return (
    <main>
      <form className={css.form} onSubmit={submit}>
        <h1>{t("title")}</h1>
        <TextField value={name} onChange={setName} autoComplete="username" isRequired autoFocus>
          <Label>{t("name")}</Label>
          <Input id="name" />
        </TextField>
        <TextField value={password} onChange={setPassword} type="password" autoComplete="current-password" isRequired>
          <Label>{t("password")}</Label>
          <Input id="password" />
        </TextField>
        <Button type="submit" id="login">{t("login")}</Button>
        {ways.data?.oidc && <a id="oidc" href="/api/v1/session/oidc">{t("login_oidc", { name: ways.data.oidc })}</a>}
        <Button id="language" onPress={switchLanguage}>{t("language")}</Button>
      </form>
    </main>
  );
}

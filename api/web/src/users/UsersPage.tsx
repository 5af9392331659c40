// Accounts, kept by administrators: made, confined to wards, closed, given a new password.

import { type FormEvent } from "react";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { answer, api, type Schemas } from "../api/client";
import { tell, tellRefusal } from "../shell/message";
import { Page } from "../shell/Page";
import { useReady } from "../shell/ready";
import { useWords } from "../words/words";
import css from "../style/table.module.css";
import { Roles, Titles, wardsOf } from "./choices";
import { UserRow } from "./UserRow";

export type User = Schemas["UserOut"];
export type Role = User["role"];
/** Does it and tells what it did in the words given; false where the server refused. */
export type CarryOut = (work: () => Promise<unknown>, told: string) => Promise<boolean>;

const usersQuery = queryOptions({ queryKey: ["users"], queryFn: () => answer(api.GET("/api/v1/users")) });
const HEADS = ["name", "user_display_name", "role", "ward", "user_title", "user_active", "user_password"];

export default function UsersPage() {
  const { t } = useWords();
  const client = useQueryClient();
  const users = useQuery(usersQuery);
  useReady(users.isFetched, `${t("users")} · ${t("title")}`);
  const carryOut = async (work: () => Promise<unknown>, told: string): Promise<boolean> => {
    try {
      await work();
      tell(told);
      return true;
    } catch (error) {
      tellRefusal(error);
      return false;
    } finally {
      await client.invalidateQueries({ queryKey: ["users"] });
    }
  };
  return (
    <Page title={t("users")}>
      <div className={css.page}>
        <NewUser onAdd={carryOut} />
        <section className={css.accounts} tabIndex={0} aria-label={t("users")}>
          <table>
            <thead><tr>{HEADS.map((name) => <th key={name} scope="col">{t(name)}</th>)}</tr></thead>
            <tbody id="users">{(users.data ?? []).map((user) => <UserRow key={user.name} user={user} onChange={carryOut} />)}</tbody>
          </table>
        </section>
      </div>
    </Page>
  );
}

function NewUser({ onAdd }: { onAdd: CarryOut }) {
  const { t } = useWords();
  const add = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const given = (name: string) => String(new FormData(form).get(name) ?? "");
    const body = {
      name: given("name"), display_name: given("display_name"), role: given("role") as Role, wards: wardsOf(given("wards")),
      title: given("title") || null, password: given("password"),
    };
    if (await onAdd(() => answer(api.POST("/api/v1/users", { body })), t("user_kept"))) form.reset();
  };
  return (
    <form className={`${css.form} card`} id="new-user" onSubmit={add}>
      <label><span>{t("name")}</span><input name="name" required minLength={2} maxLength={32} pattern="[a-z0-9][a-z0-9._\-]+" title={t("user_name_form")} autoComplete="off" /></label>
      <label><span>{t("user_display_name")}</span><input name="display_name" autoComplete="off" /></label>
      <label><span>{t("role")}</span><select name="role"><Roles /></select></label>
      <label><span>{t("user_wards")}</span><input name="wards" autoComplete="off" /></label>
      <label><span>{t("user_title")}</span><select name="title"><Titles /></select></label>
      <label><span>{t("password")}</span><input name="password" type="password" required autoComplete="new-password" /></label>
      <Button type="submit">{t("user_add")}</Button>
      <p className="quiet">{t("user_temporary")}</p>
    </form>
  );
}

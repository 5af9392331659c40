// Accounts, kept by administrators: made, confined to wards, closed, given a new password.

import { type FormEvent } from "react";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { answer, api, type Schemas } from "../api/client";
import { tell, tellRefusal } from "../shell/message";
import { Page } from "../shell/Page";
import { useReady } from "../shell/ready";
import { useSession } from "../shell/session";
import { useWords } from "../words/words";
import css from "../style/table.module.css";

type User = Schemas["UserOut"];
type Role = User["role"];

const usersQuery = queryOptions({ queryKey: ["users"], queryFn: () => answer(api.GET("/api/v1/users")) });
const HEADS = ["name", "user_display_name", "role", "ward", "user_title", "user_active", "user_password"];

/** Wards typed with commas between them. */
const wardsOf = (text: string): string[] => text.split(",").map((ward) => ward.trim()).filter(Boolean);

export default function UsersPage() {
  const { t } = useWords();
  const client = useQueryClient();
  const users = useQuery(usersQuery);
  useReady(users.isFetched, `${t("users")} · ${t("title")}`);
  const carryOut = async (work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work();
      tell(t("user_kept"));
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
        <section tabIndex={0} aria-label={t("users")}>
          <table>
            <thead><tr>{HEADS.map((name) => <th key={name} scope="col">{t(name)}</th>)}</tr></thead>
            <tbody id="users">{(users.data ?? []).map((user) => <UserRow key={user.name} user={user} onChange={carryOut} />)}</tbody>
          </table>
        </section>
      </div>
    </Page>
  );
}

type CarryOut = (work: () => Promise<unknown>) => Promise<boolean>;

function Roles() {
  const { say, codes } = useWords();
  return codes("roles").map((role) => <option key={role} value={role}>{say("roles", role)}</option>);
}

function Titles() {
  const { say, codes } = useWords();
  return <><option value="">–</option>{codes("titles").map((title) => <option key={title} value={title}>{say("titles", title)}</option>)}</>;
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
    if (await onAdd(() => answer(api.POST("/api/v1/users", { body })))) form.reset();
  };
  return (
    <form className={`${css.form} card`} id="new-user" onSubmit={add}>
      <label><span>{t("name")}</span><input name="name" required minLength={2} maxLength={32} pattern="[a-z0-9._\-]+" autoComplete="username" /></label>
      <label><span>{t("user_display_name")}</span><input name="display_name" autoComplete="off" /></label>
      <label><span>{t("role")}</span><select name="role"><Roles /></select></label>
      <label><span>{t("user_wards")}</span><input name="wards" autoComplete="off" /></label>
      <label><span>{t("user_title")}</span><select name="title"><Titles /></select></label>
      <label><span>{t("password")}</span><input name="password" type="password" required autoComplete="new-password" /></label>
      <Button type="submit">{t("user_add")}</Button>
    </form>
  );
}

function UserRow({ user, onChange }: { user: User; onChange: CarryOut }) {
  const { t } = useWords();
  const session = useSession();
  const own = user.name === session.name;
  const change = (body: Schemas["UserChangeIn"]) =>
    void onChange(() => answer(api.PATCH("/api/v1/users/{name}", { params: { path: { name: user.name } }, body })));
  const setPassword = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const password = String(new FormData(form).get("password"));
    const path = { name: user.name };
    void onChange(() => answer(api.PUT("/api/v1/users/{name}/password", { params: { path }, body: { password } }))).then(() => form.reset());
  };
  return (
    <tr data-user={user.name}>
      <td>{user.name}{!user.local && <span className="tag">OpenID</span>}</td>
      <td>{user.display_name}</td>
      <td>
        <select aria-label={`${t("role")} ${user.name}`} value={user.role} disabled={own} onChange={(event) => change({ role: event.target.value as Role })}><Roles /></select>
      </td>
      <td>
        <input key={user.wards.join()} aria-label={`${t("user_wards")} ${user.name}`} defaultValue={user.wards.join(", ")} disabled={own}
          onBlur={(event) => event.target.value !== user.wards.join(", ") && change({ wards: wardsOf(event.target.value) })} />
      </td>
      <td>
        <select aria-label={`${t("user_title")} ${user.name}`} value={user.title ?? ""} disabled={own} onChange={(event) => change({ title: event.target.value || null })}><Titles /></select>
      </td>
      <td>
        <input type="checkbox" aria-label={`${t("user_active")} ${user.name}`} checked={user.active} disabled={own} onChange={(event) => change({ active: event.target.checked })} />
      </td>
      <td>
        <form className="row" onSubmit={setPassword}>
          <input name="username" autoComplete="username" value={user.name} readOnly hidden />
          <input name="password" type="password" required size={10} autoComplete="new-password" aria-label={`${t("user_password")} ${user.name}`} />
          <Button type="submit">{t("user_set_password")}</Button>
        </form>
      </td>
    </tr>
  );
}

// One account. What is changed in its fields waits for a button; closing it is asked about; one's own stays as it is.

import { type FormEvent, useRef, useState } from "react";
import { Button } from "react-aria-components";
import { answer, api, type Schemas } from "../api/client";
import { Confirm } from "../shell/Confirm";
import { useSession } from "../shell/session";
import { useWords } from "../words/words";
import css from "../style/table.module.css";
import { Roles, Titles, wardsOf } from "./choices";
import type { CarryOut, Role, User } from "./UsersPage";

interface Draft {
  display_name: string;
  role: Role;
  wards: string;
  title: string;
}

const draftOf = (user: User): Draft => ({
  display_name: user.display_name, role: user.role, wards: user.wards.join(", "), title: user.title ?? "",
});

export function UserRow({ user, onChange }: { user: User; onChange: CarryOut }) {
  const { t } = useWords();
  const own = user.name === useSession().name;
  const [edited, setEdited] = useState<Draft | null>(null);
  const first = useRef<HTMLInputElement>(null);
  const stands = draftOf(user);
  const draft = edited ?? stands;
  const changed = Object.keys(stands).some((key) => draft[key as keyof Draft] !== stands[key as keyof Draft]);
  const form = `change-${user.name}`;
  const edit = (change: Partial<Draft>) => setEdited({ ...draft, ...change });
  const settle = () => {
    setEdited(null);
    first.current?.focus();
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const body = { ...draft, wards: wardsOf(draft.wards), title: draft.title || null };
    if (changed && (await onChange(() => patch(user.name, body), t("user_saved", { name: user.name })))) settle();
  };
  const label = (word: string) => `${t(word)} ${user.name}`;
  const field = { form, disabled: own };
  return (
    <tr data-user={user.name} data-changed={changed || undefined}>
      <td>
        {user.name}{!user.local && <span className="tag">OpenID</span>}{own && <span className="tag">{t("user_own")}</span>}
        {changed && <span className="tag">{t("user_changed")}</span>}
        <form id={form} className={css.saving} hidden={!changed} onSubmit={save}>
          <Button type="submit" aria-label={label("user_save")}>{t("user_save")}</Button>
          <Button data-discard aria-label={label("user_discard")} onPress={settle}>{t("user_discard")}</Button>
        </form>
      </td>
      <td><input {...field} ref={first} name="display_name" required maxLength={200} aria-label={label("user_display_name")} value={draft.display_name} onChange={(event) => edit({ display_name: event.target.value })} /></td>
      <td><select {...field} name="role" aria-label={label("role")} value={draft.role} onChange={(event) => edit({ role: event.target.value as Role })}><Roles /></select></td>
      <td><input {...field} name="wards" aria-label={label("user_wards")} value={draft.wards} onChange={(event) => edit({ wards: event.target.value })} /></td>
      <td><select {...field} name="title" aria-label={label("user_title")} value={draft.title} onChange={(event) => edit({ title: event.target.value })}><Titles /></select></td>
      <td><Openness user={user} own={own} onChange={onChange} /></td>
      <td>{own ? <span className="quiet">{t("user_own_password")}</span> : <GivenPassword user={user} onChange={onChange} />}</td>
    </tr>
  );
}

const patch = (name: string, body: Schemas["UserChangeIn"]) => answer(api.PATCH("/api/v1/users/{name}", { params: { path: { name } }, body }));

function Openness({ user, own, onChange }: { user: User; own: boolean; onChange: CarryOut }) {
  const { t, say } = useWords();
  const [asked, setAsked] = useState(false);
  const does = user.active ? "user_close" : "user_reopen";
  const values = { name: user.name, role: say("roles", user.role) };
  const turn = () => {
    setAsked(false);
    void onChange(() => patch(user.name, { active: !user.active }), t("user_kept"));
  };
  return (
    <div className="row">
      <span className={user.active ? "good" : "bad"} data-open={user.active}>{t(user.active ? "user_is_open" : "user_is_closed")}</span>
      {!own && <Button data-turn aria-label={`${t(does)} ${user.name}`} onPress={() => setAsked(true)}>{t(does)}</Button>}
      {asked && <Confirm question={t(`${does}_ask`, values)} told={t(`${does}_told`, values)} does={t(does)} onYes={turn} onNo={() => setAsked(false)} />}
    </div>
  );
}

function GivenPassword({ user, onChange }: { user: User; onChange: CarryOut }) {
  const { t } = useWords();
  const give = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const body = { password: String(new FormData(form).get("password")) };
    const put = () => answer(api.PUT("/api/v1/users/{name}/password", { params: { path: { name: user.name } }, body }));
    if (await onChange(put, t("user_password_set", { name: user.name }))) form.reset();
  };
  return (
    <form className="row" onSubmit={give}>
      <input name="username" autoComplete="username" value={user.name} readOnly hidden />
      <input name="password" type="password" required size={10} autoComplete="new-password" aria-label={`${t("user_password")} ${user.name}`} />
      <Button type="submit" aria-label={`${t("user_set_password")} ${user.name}`}>{t("user_set_password")}</Button>
      {user.password_due && <span className="tag" data-password-due>{t("user_password_due")}</span>}
    </form>
  );
}

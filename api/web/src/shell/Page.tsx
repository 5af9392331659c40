// The frame of every page behind the login: title, places to go, account, language, theme, the line of keys.

import { type ReactNode, useState } from "react";
import { Link, useLocation } from "wouter";
import { useQueryClient } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { api } from "../api/client";
import { switchLanguage, useWords } from "../words/words";
import { AccountDialog } from "./AccountDialog";
import { Help } from "./Help";
import { useKeys } from "./keys";
import { tellRefusal } from "./message";
import { placesOf } from "./places";
import { forgetPlace } from "./return";
import { useSession } from "./session";
import { switchTheme } from "./theme";
import css from "./page.module.css";

interface Props {
  title: ReactNode;
  aside?: ReactNode;
  keys?: string;
  /** Stands in the last line, behind the keys. */
  note?: ReactNode;
  still?: boolean;
  children: ReactNode;
}

export function Page({ title, aside, keys, note, still = false, children }: Props) {
  const { t, say } = useWords();
  const session = useSession();
  const [path, go] = useLocation();
  const client = useQueryClient();
  const [help, setHelp] = useState(false);
  const [open, setOpen] = useState(false);
  useKeys(keys ? { "?": () => setHelp(true) } : {});
  const leave = async () => {
    forgetPlace();
    await api.DELETE("/api/v1/session").catch(tellRefusal);
    client.clear();
    go("/login");
  };
  const wards = session.wards.length ? ` · ${session.wards.join(", ")}` : "";
  const account = `${session.display_name} · ${say("roles", session.role)}${wards}`;
  return (
    <div className={still ? css.still : css.flowing}>
      <header className={css.header}>
        <h1 id="heading">{title}</h1>
        <span className={css.aside}>{aside}</span>
        <nav aria-label={t("places")} className={css.places}>
          {placesOf(session.role).map((place) => (
            <Link key={place.path} href={place.path} aria-current={place.path === path ? "page" : undefined}>
              {t(place.words)}
            </Link>
          ))}
        </nav>
        <Button className={css.account} id="account" onPress={() => setOpen(true)}>{account}</Button>
        <Button id="language" onPress={switchLanguage}>{t("language")}</Button>
        <Button id="theme" aria-label={t("theme")} onPress={switchTheme}>◐</Button>
        <Button id="logout" onPress={leave}>{t("logout")}</Button>
      </header>
      <main className={css.main}>{children}</main>
      {keys && <footer className={css.footer}><span className={css.keys}>{keys}</span>{note}<Button id="help" aria-label={t("help")} onPress={() => setHelp(true)}>?</Button></footer>}
      {open && <AccountDialog onClose={() => setOpen(false)} />}
      {help && keys && <Help keys={keys} onClose={() => setHelp(false)} />}
    </div>
  );
}

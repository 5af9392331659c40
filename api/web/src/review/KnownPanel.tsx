// A decided case whose answer a commander lays down: officers meet it now and then as if it were new, and what they say is
// held against it.

import { type FormEvent, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { answer, api, type CaseDetail } from "../api/client";
import { tell, tellRefusal } from "../shell/message";
import { useSession } from "../shell/session";
import { useWords } from "../words/words";
import css from "./review.module.css";

const UNJUDGED = new Set(["NEW", "CHECK", "MORE", "SECOND"]);
const VERDICTS = ["violation", "no_violation"] as const;
type Verdict = (typeof VERDICTS)[number];
const KNOWN = ["known-answers"];

export function KnownPanel({ item }: { item: CaseDetail }) {
  const { t, time } = useWords();
  const client = useQueryClient();
  const shown = useSession().role === "commander" && !UNJUDGED.has(item.state);
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const laid = useQuery({ queryKey: KNOWN, queryFn: () => answer(api.GET("/api/v1/review/known-answers")), enabled: shown }).data;
  if (!shown) return null;
  const here = laid?.find((one) => one.case_id === item.id);
  const params = { path: { case_id: item.id } };
  const send = async (work: Promise<unknown>, said: string) => {
    try {
      await work;
      tell(t(said));
    } catch (error) {
      tellRefusal(error);
    }
    await client.invalidateQueries({ queryKey: KNOWN });
  };
  const lay = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const note = String(new FormData(event.currentTarget).get("note")).trim();
    if (verdict) void send(answer(api.PUT("/api/v1/review/known-answers/{case_id}", { params, body: { verdict, note } })), "known_laid");
  };
  return (
    <details className={`card ${css.choice}`} id="known">
      <summary>{t("known")}{here && <> · <b>{t(`known_${here.verdict}`)}</b></>}</summary>
      <p className="quiet">{t("known_hint")}</p>
      {here && (
        <p id="known-here">
          <b>{t(`known_${here.verdict}`)}</b> · {here.set_by}, {time(here.set_at)}{here.note && ` · “${here.note}”`}{" "}
          <Button id="known-drop" onPress={() => void send(api.DELETE("/api/v1/review/known-answers/{case_id}", { params }), "known_dropped")}>{t("known_drop")}</Button>
        </p>
      )}
      <form onSubmit={lay}>
        {VERDICTS.map((one) => (
          <label key={one} className={css.purpose}>
            <input type="radio" name="verdict" value={one} required checked={verdict === one} onChange={() => setVerdict(one)} />
            <span>{t(`known_${one}`)}</span>
          </label>
        ))}
        <label><span>{t("known_why")}</span><input id="known-note" name="note" required maxLength={1000} pattern=".*\S.*" autoComplete="off" /></label>
        <p className="row"><Button type="submit" id="known-lay">{t("known_lay")}</Button></p>
      </form>
    </details>
  );
}

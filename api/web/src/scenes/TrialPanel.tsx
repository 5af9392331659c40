// What the drawing would have changed in the hours kept: cases that appear, vanish or stay. A chosen one shows its
// path on the street, and the picture of its case where it had one.

import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { Link } from "wouter";
import { useWords } from "../words/words";
import { stillQuery } from "../review/data";
import type { Scene } from "./scene";
import type { Act, Trial, Trying } from "./trial";
import css from "./scenes.module.css";

const HOURS = [1, 6, 24, 48];
const USUAL_HOURS = 24;
const HOUR_S = 3600;
const TONES: Record<string, string> = { appears: "warn", vanishes: "good", stays: "quiet" };

interface Props {
  scene: Scene;
  good: boolean;
  trying: Trying;
  shown: Act | null;
  onShow: (act: Act | null) => void;
}

export function TrialPanel({ scene, good, trying, shown, onShow }: Props) {
  const { t } = useWords();
  const [hours, setHours] = useState(USUAL_HOURS);
  const { trial, of, begin, cancel } = trying;
  const running = trial?.state === "running";
  return (
    <section className="card" id="trial" aria-live="polite">
      <h2>{t("trial")}</h2>
      <div className="row">
        <label>{t("trial_hours")}{" "}
          <select id="trial-hours" value={hours} onChange={(event) => setHours(Number(event.target.value))}>
            {HOURS.map((one) => <option key={one} value={one}>{t("trial_hours_n", { n: one })}</option>)}
          </select>
        </label>
        <Button id="try" isDisabled={!good || running} onPress={() => { onShow(null); void begin(hours); }}>{t("trial_begin")}</Button>
      </div>
      {!trial && <p className="quiet">{t("trial_hint")}</p>}
      {running && (
        <p><progress value={trial.total ? trial.done : undefined} max={trial.total || 1} aria-label={t("trial_running")} /> {t("trial_running")} {trial.total > 0 && `${trial.done} / ${trial.total}`}{" "}
          <Button id="trial-cancel" onPress={cancel}>{t("cancel")}</Button></p>
      )}
      {trial?.state === "failed" && <p className="bad" id="trial-failed">{t(`trial_failed_${trial.why ?? "fault"}`)}</p>}
      {trial?.outcome && of !== scene && <p className="warn" id="trial-stale">{t("trial_stale")}</p>}
      {trial?.outcome && <Outcome found={trial.outcome} shown={shown} onShow={onShow} />}
    </section>
  );
}

type Found = NonNullable<Trial["outcome"]>;

function Outcome({ found, shown, onShow }: { found: Found; shown: Act | null; onShow: (act: Act | null) => void }) {
  const { t, say, number, time } = useWords();
  if (found.watched_s === 0) {
    return <p className="warn" id="trial-counts">{t(found.unfit ? "trial_unfit_all" : "trial_nothing_kept")}</p>;
  }
  const when = (act: Act) => (act.start_at ? time(act.start_at) : t("second", { n: number(act.start_s, 1) }));
  return (
    <>
      <p id="trial-counts">
        <b className="warn">{t("trial_appears", { n: found.appears })}</b> · <b className="good">{t("trial_vanishes", { n: found.vanishes })}</b> ·{" "}
        {t("trial_stays", { n: found.stays })}
      </p>
      <p className="quiet">
        {found.watched_s < HOUR_S
          ? t("trial_watched_minutes", { minutes: number(found.watched_s / 60, 1) })
          : t("trial_watched", { hours: number(found.watched_s / HOUR_S, 1) })}
        {found.first_at && found.last_at && ` (${time(found.first_at)} – ${time(found.last_at)})`}
      </p>
      {found.blind.length > 0 && <p className="warn">{t("trial_blind", { zones: found.blind.join(", ") })}</p>}
      {found.unlikely_rider_m !== null && <p className="warn" id="trial-ground">{t("trial_ground", { m: number(found.unlikely_rider_m, 1) })}</p>}
      {found.unfit > 0 && <p className="warn">{t("trial_unfit", { n: found.unfit })}</p>}
      <div className={css.acts} id="trial-acts">
        {found.acts.map((act, place) => (
          <button key={place} type="button" data-effect={act.effect} aria-pressed={shown === act} onClick={() => onShow(shown === act ? null : act)}>
            <span className={TONES[act.effect]}>{say("effects", act.effect)}</span>{" "}
            {say("kinds", act.kind)} · {say("vehicles", act.vehicle ?? "none")} · {act.zone_id}
            <div className="quiet">{when(act)} · {t("trial_lasted", { s: number(act.end_s - act.start_s, 1) })}{act.reminder_only && ` · ${t("reminder_only")}`}</div>
          </button>
        ))}
      </div>
      {found.acts.length < found.appears + found.vanishes + found.stays && <p className="quiet">{t("trial_more", { n: found.acts.length })}</p>}
      {shown?.case_id && <Pictured caseId={shown.case_id} />}
    </>
  );
}

function Pictured({ caseId }: { caseId: string }) {
  const { t } = useWords();
  const picture = useQuery(stillQuery(caseId, "during.jpg"));
  return (
    <figure className={css.pictured} id="trial-picture">
      {picture.data && <img src={picture.data} alt={t("trial_picture", { id: caseId })} />}
      <figcaption><Link href={`/cases/${encodeURIComponent(caseId)}`}>{caseId}</Link></figcaption>
    </figure>
  );
}

// The list of what is drawn, and what the server thinks of it.

import { useEffect, useRef, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "../api/client";
import { useWords } from "../words/words";
import { checkQuery } from "./data";
import type { Chosen, Scene } from "./scene";
import css from "./scenes.module.css";

const PAUSE_MS = 300;

/** The server's opinion of a drawing, asked when the hand rests; of nobody else's than of who may draw. */
export function useChecked(scene: Scene | null, mayDraw: boolean): Schemas["SceneCheckOut"] | undefined {
  const [resting, setResting] = useState<Scene | null>(null);
  const first = useRef(true);
  useEffect(() => {
    const timer = setTimeout(() => setResting(scene), first.current ? 0 : PAUSE_MS);
    if (scene) first.current = false;
    return () => clearTimeout(timer);
  }, [scene]);
  const asked = mayDraw ? resting : null;
  const { data, isPlaceholderData } = useQuery({ ...checkQuery(asked), enabled: asked !== null });
  const stale = isPlaceholderData || resting !== scene;
  return data && stale ? { ...data, good: false } : data;
}

interface FaultsProps {
  check: Schemas["SceneCheckOut"] | undefined;
  scene: Scene;
}

/** Each place where something is wrong, and what. */
export function Faults({ check, scene }: FaultsProps) {
  const { t, number, language } = useWords();
  const rmse = check?.ground_rmse_m;
  const empty = !scene.zones?.length && !scene.turns?.length;
  return (
    <section className="card" id="faults" aria-live="polite">
      <h2>{t("scene_check")}</h2>
      {empty && <p className="warn">{t("scene_empty")}</p>}
      {!empty && check?.faults.map((fault) => (
        <p key={fault.place + fault.message}>
          <b className="bad" data-place={fault.place}>{fault.where[language]}:</b> <span>{fault.told[language]}</span>
        </p>
      ))}
      {check?.good && <p className="good">{t("scene_good")}</p>}
      {rmse != null && <p className="quiet">{t("scene_ground_error", { m: number(rmse) })}</p>}
    </section>
  );
}

export function Things({ scene, chosen, onChoose }: { scene: Scene; chosen: Chosen; onChoose: (chosen: Chosen) => void }) {
  const { t, say } = useWords();
  const rows = [
    ...(scene.zones ?? []).map((zone, index) => ({ what: "zone" as const, index, id: zone.id, kind: zone.kind })),
    ...(scene.turns ?? []).map((turn, index) => ({ what: "turn" as const, index, id: turn.id, kind: turn.kind })),
  ];
  const pressed = (what: string, index: number) => chosen?.what === what && "index" in chosen && chosen.index === index;
  return (
    <section className="card"><h2>{t("scene_things")}</h2>
      <div className={css.things} id="things">
        {rows.map(({ what, index, id, kind }) => (
          <button key={`${what}-${index}`} type="button" aria-pressed={pressed(what, index)} onClick={() => onChoose({ what, index })}>
            {say("zones", kind)} <span className="quiet">{id}</span>
          </button>
        ))}
        <button type="button" aria-pressed={chosen?.what === "ground"} onClick={() => onChoose({ what: "ground" })}>
          {t("scene_ground")} <span className="quiet">{scene.ground?.px.length ?? 0}</span>
        </button>
      </div>
    </section>
  );
}

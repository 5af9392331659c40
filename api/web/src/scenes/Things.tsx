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

export function Faults({ check }: { check: Schemas["SceneCheckOut"] | undefined }) {
  const { t, number } = useWords();
  const rmse = check?.ground_rmse_m;
  return (
    <section className="card" id="faults" aria-live="polite">
      <h2>{t("scene_check")}</h2>
      {check?.faults.map((fault) => (
        <p key={fault.place + fault.message} className="bad">{fault.place && <b>{fault.place}: </b>}{fault.message}</p>
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
            {id} <span className="quiet">{say("zones", kind)}</span>
          </button>
        ))}
        <button type="button" aria-pressed={chosen?.what === "ground"} onClick={() => onChoose({ what: "ground" })}>
          {t("scene_ground")} <span className="quiet">{scene.ground?.px.length ?? 0}</span>
        </button>
      </div>
    </section>
  );
}

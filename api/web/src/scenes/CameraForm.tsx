// Which camera, where, and what it is in law.

import { useWords } from "../words/words";
import type { Scene } from "./scene";
import css from "./scenes.module.css";

const SOURCES = ["device", "community", "citizen"];

export function CameraForm({ scene, onChange }: { scene: Scene; onChange: (scene: Scene) => void }) {
  const { t, say } = useWords();
  const { camera } = scene;
  const set = (change: Partial<Scene["camera"]>) => onChange({ ...scene, camera: { ...camera, ...change } });
  const figure = (name: "lat" | "lon") => (
    <label><span>{t(`scene_${name}`)}</span>
      <input type="number" step="0.0001" value={camera[name] ?? ""}
        onChange={(event) => set({ [name]: event.target.value ? event.target.valueAsNumber : null })} />
    </label>
  );
  return (
    <details className="card">
      <summary>{t("camera")}</summary>
      <div className={css.form}>
        <label><span>{t("scene_camera_name")}</span><input id="camera-name" value={camera.name ?? ""} onChange={(event) => set({ name: event.target.value })} /></label>
        <label><span>{t("ward")}</span><input id="camera-ward" value={camera.ward ?? ""} onChange={(event) => set({ ward: event.target.value })} /></label>
        <label><span>{t("source")}</span>
          <select value={camera.source ?? "device"} onChange={(event) => set({ source: event.target.value })}>
            {SOURCES.map((source) => <option key={source} value={source}>{say("sources", source)}</option>)}
          </select>
        </label>
        {figure("lat")}{figure("lon")}
      </div>
    </details>
  );
}

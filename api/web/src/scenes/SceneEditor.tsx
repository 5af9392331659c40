// Draws one camera's scene: zones, gates, ground points. The server judges every change as the detector would; a
// drawing is kept as a new version and put in force by another person.

import { useEffect, useRef, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { Link } from "wouter";
import { answer, api, type Schemas } from "../api/client";
import { useKeys } from "../shell/keys";
import { tell, tellRefusal } from "../shell/message";
import { Page } from "../shell/Page";
import { useReady } from "../shell/ready";
import { useSession } from "../shell/session";
import { switchLanguage, useWords } from "../words/words";
import { Canvas, type Tool } from "./Canvas";
import { CameraForm } from "./CameraForm";
import { base64Of, checkQuery, downloadVersion, loadPicture, readVersion, startQuery, viewOf } from "./data";
import { addGround, addTurn, addZone, type Chosen, emptyScene, inside, type Point, remove, type Scene } from "./scene";
import { ThingForm } from "./ThingForm";
import { type Act, useTrial } from "./trial";
import { TrialPanel } from "./TrialPanel";
import { Versions } from "./Versions";
import css from "./scenes.module.css";

const TOOLS: Tool[] = ["choose", "zone", "turn", "ground"];
const DRAWERS = ["operator", "commander"];
const PAUSE_MS = 300;
const FULL_HD: Point = [1920, 1080];

export default function SceneEditor({ camera }: { camera: string }) {
  const { t } = useWords();
  const session = useSession();
  const client = useQueryClient();
  const start = useQuery(startQuery(camera));
  const [past, setPast] = useState<Scene[]>([]);
  const [scene, setScene] = useState<Scene | null>(null);
  const [picture, setPicture] = useState<HTMLImageElement | null>(null);
  const [newPicture, setNewPicture] = useState<File | null>(null);
  const [chosen, setChosen] = useState<Chosen>(null);
  const [tool, setTool] = useState<Tool>("choose");
  const [sketch, setSketch] = useState<Point[]>([]);
  const [note, setNote] = useState("");
  const check = useChecked(scene);
  const trying = useTrial(camera, scene);
  const [act, setAct] = useState<Act | null>(null);
  const mayDraw = DRAWERS.includes(session.role);

  useReady(scene !== null && (check !== undefined || !mayDraw), `${camera} · ${t("title")}`);
  useEffect(() => {
    if (start.error) tellRefusal(start.error);
  }, [start.error]);
  useEffect(() => {
    if (!start.isSuccess || scene) return;
    setScene((start.data?.scene as unknown as Scene | undefined) ?? emptyScene(camera, FULL_HD));
    void viewOf(camera, start.data).then(async (address) => address && setPicture(await loadPicture(address))).catch(tellRefusal);
  }, [start.isSuccess, start.data, scene, camera]);

  const change = (next: Scene) => {
    if (scene) setPast([...past.slice(-99), scene]);
    setScene(next);
  };
  const undo = () => {
    const before = past.at(-1);
    if (!before) return;
    setPast(past.slice(0, -1));
    setScene(before);
  };
  const use = (next: Tool) => {
    setTool(next);
    setSketch([]);
    setChosen(next === "ground" ? { what: "ground" } : null);
  };
  const point = (at: Point) => {
    if (!scene) return;
    const drawn = [...sketch, inside(at, scene.size)];
    const [a, b, c, d] = drawn;
    if (tool === "ground" && drawn[0]) change(addGround(scene, drawn[0]));
    else if (tool === "turn" && a && b && c && d) {
      change(addTurn(scene, [a, b, c, d]));
      use("choose");
      setChosen({ what: "turn", index: scene.turns?.length ?? 0 });
    } else setSketch(drawn);
  };
  const close = () => {
    if (!scene || tool !== "zone" || sketch.length < 3) return;
    change(addZone(scene, sketch));
    use("choose");
    setChosen({ what: "zone", index: scene.zones?.length ?? 0 });
  };
  const save = async () => {
    if (!scene) return;
    try {
      const reference = newPicture ? await base64Of(newPicture) : null;
      const body = { scene: scene as unknown as Record<string, never>, note, based_on: start.data?.based_on ?? null, reference_jpeg: reference };
      const kept = await answer(api.POST("/api/v1/scenes/{camera_id}/versions", { params: { path: { camera_id: camera } }, body }));
      tell(t("scene_saved", { n: kept.number }));
      setNote("");
      setNewPicture(null);
      setPast([]);
      await client.invalidateQueries({ queryKey: ["scenes"] });
    } catch (error) {
      tellRefusal(error);
    }
  };
  const activate = async (number: number) => {
    const path = { camera_id: camera, number };
    try {
      await answer(api.POST("/api/v1/scenes/{camera_id}/versions/{number}/activation", { params: { path } }));
      tell(t("scene_now_in_force", { n: number }));
    } catch (error) {
      tellRefusal(error);
    }
    await client.invalidateQueries({ queryKey: ["scenes"] });
  };
  const open = (number: number) => readVersion(camera, number).then(change, tellRefusal);
  const take = async (file: File | undefined) => {
    if (!file || !scene) return;
    const view = await loadPicture(URL.createObjectURL(file)).catch(tellRefusal);
    if (!view) return;
    setPicture(view);
    setNewPicture(file);
    if (!scene.zones?.length && !scene.turns?.length) change({ ...scene, size: [view.naturalWidth, view.naturalHeight] });
  };
  const drop = () => {
    if (!scene || !chosen || !mayDraw) return;
    change(remove(scene, chosen));
    setChosen(null);
  };
  useKeys({
    Enter: close, Escape: () => use("choose"), Delete: drop, v: switchLanguage,
    ...Object.fromEntries(TOOLS.map((name, index) => [String(index + 1), () => mayDraw && use(name)])), u: undo,
  });
  return (
    <Page still title={<span id="case">{camera}</span>} aside={<Link href="/scenes">{t("scenes")}</Link>} keys={t("keys_scene")}>
      {scene && (
        <div className={css.editor}>
          <div className={css.desk}>
            <div className="row" role="toolbar" aria-label={t("scene_tools")}>
              {TOOLS.map((name, index) => (
                <button key={name} type="button" data-tool={name} aria-pressed={tool === name} disabled={!mayDraw} onClick={() => use(name)}>
                  <kbd>{index + 1}</kbd> {t(`tool_${name}`)}
                </button>
              ))}
              <Button onPress={undo} isDisabled={past.length === 0}><kbd>u</kbd> {t("undo")}</Button>
              {mayDraw && (
                <label className={css.upload}>{t("scene_picture")}
                  <input type="file" accept="image/jpeg" onChange={(event) => void take(event.target.files?.[0])} />
                </label>
              )}
            </div>
            <div className={css.surface} tabIndex={0} role="region" aria-label={t("scene_surface")}>
              <Canvas scene={scene} picture={picture} chosen={mayDraw ? chosen : null} tool={tool} sketch={sketch}
                path={act?.path ?? null} label={t("scene_surface")} onChoose={setChosen} onChange={change} onPoint={point} />
            </div>
          </div>
          <div className={css.side} tabIndex={0} role="region" aria-label={t("scene_things")}>
            <Things scene={scene} chosen={chosen} onChoose={setChosen} />
            {mayDraw && <section className="card"><ThingForm scene={scene} chosen={chosen} onChange={change} onChoose={setChosen} /></section>}
            {mayDraw && <CameraForm scene={scene} onChange={change} />}
            {mayDraw && <Faults check={check} />}
            {mayDraw && <TrialPanel scene={scene} good={check?.good === true} trying={trying} shown={act} onShow={setAct} />}
            {mayDraw && (
              <section className="card">
                <label className={css.note}><span>{t("note")}</span>
                  <input id="scene-note" value={note} onChange={(event) => setNote(event.target.value)} />
                </label>
                <Button id="save" isDisabled={check?.good !== true} onPress={() => void save()}>{t("scene_save")}</Button>
              </section>
            )}
            <section className="card"><h2>{t("scene_versions")}</h2>
              <Versions versions={start.data?.versions ?? []} mayActivate={mayDraw} onActivate={(number) => void activate(number)}
                onOpen={(number) => void open(number)}
                onDownload={(number) => void downloadVersion(camera, number).catch(tellRefusal)} />
            </section>
          </div>
        </div>
      )}
    </Page>
  );
}

/** The server's opinion of a drawing, asked when the hand rests. */
function useChecked(scene: Scene | null): Schemas["SceneCheckOut"] | undefined {
  const session = useSession();
  const [resting, setResting] = useState<Scene | null>(null);
  const first = useRef(true);
  useEffect(() => {
    const timer = setTimeout(() => setResting(scene), first.current ? 0 : PAUSE_MS);
    if (scene) first.current = false;
    return () => clearTimeout(timer);
  }, [scene]);
  const asked = DRAWERS.includes(session.role) ? resting : null;
  const { data, isPlaceholderData } = useQuery({ ...checkQuery(asked), enabled: asked !== null });
  const stale = isPlaceholderData || resting !== scene;
  return data && stale ? { ...data, good: false } : data;
}

function Faults({ check }: { check: Schemas["SceneCheckOut"] | undefined }) {
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

function Things({ scene, chosen, onChoose }: { scene: Scene; chosen: Chosen; onChoose: (chosen: Chosen) => void }) {
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

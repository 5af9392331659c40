// Draws one camera's scene: zones, gates, ground points. The server judges every change as the detector would; a
// drawing is kept as a new version and put in force by another person.

import { useEffect, useRef, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { Link } from "wouter";
import { answer, api, Refusal } from "../api/client";
import { FileButton } from "../shell/FileButton";
import { useKeys } from "../shell/keys";
import { tell, tellRefusal } from "../shell/message";
import { Page } from "../shell/Page";
import { useReady } from "../shell/ready";
import { useSession } from "../shell/session";
import { switchLanguage, useWords } from "../words/words";
import { Canvas, type Tool } from "./Canvas";
import { CameraForm } from "./CameraForm";
import { CompareCanvas } from "./CompareCanvas";
import { ComparePanel } from "./ComparePanel";
import { useComparison, type Version } from "./comparison";
import { base64Of, downloadVersion, loadPicture, readVersion, startQuery, viewOf } from "./data";
import { addGround, addTurn, addZone, type Chosen, emptyScene, inside, type Point, remove, type Scene } from "./scene";
import { ThingForm } from "./ThingForm";
import { Faults, Things, useChecked } from "./Things";
import { type Act, type Trying, useTrial } from "./trial";
import { TrialPanel } from "./TrialPanel";
import { Versions } from "./Versions";
import css from "./scenes.module.css";

const TOOLS: Tool[] = ["choose", "zone", "turn", "ground"];
const DRAWERS = ["operator", "commander"];
const FULL_HD: Point = [1920, 1080];
/** How far an arrow key carries the aim, as shares of the picture's width; with Shift, and without. */
const STEPS = [0.002, 0.02] as const;
const ARROWS: Record<string, Point> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** A trial of another drawing says nothing about this one. */
const ofThis = (trying: Trying, scene: Scene): Trying =>
  (trying.of === scene || trying.trial?.state === "running" ? trying : { ...trying, trial: null });

const middle = (scene: Scene): Point => [scene.size[0] / 2, scene.size[1] / 2];

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
  /** Where a key would put the next point; null until an arrow key is used. */
  const [aim, setAim] = useState<Point | null>(null);
  const surface = useRef<HTMLDivElement>(null);
  const [note, setNote] = useState("");
  const mayDraw = DRAWERS.includes(session.role);
  const comparing = useComparison(camera);
  const { comparison } = comparing;
  const check = useChecked(scene, mayDraw);
  const trying = useTrial(camera, comparison?.after ?? scene);
  const [act, setAct] = useState<Act | null>(null);

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
    setAim(null);
    surface.current?.focus({ preventScroll: true });
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
  const carry = (event: KeyboardEvent) => {
    const [dx = 0, dy = 0] = ARROWS[event.key] ?? [];
    if (!scene) return;
    const [x, y] = aim ?? middle(scene);
    const step = scene.size[0] * STEPS[event.shiftKey ? 0 : 1];
    setAim(inside([x + dx * step, y + dy * step], scene.size));
  };
  const put = () => {
    if (!scene) return;
    setAim(aim ?? middle(scene));
    point(aim ?? middle(scene));
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
  const compare = (version: Version) => {
    setAct(null);
    use("choose");
    void comparing.open(version, start.data?.versions ?? []);
  };
  /** Puts in force what was compared; where another came into force since, the comparison is made anew instead. */
  const activate = async () => {
    if (!comparison) return;
    const { version: { number }, inForce } = comparison;
    try {
      const params = { path: { camera_id: camera, number } };
      await answer(api.POST("/api/v1/scenes/{camera_id}/versions/{number}/activation", { params, body: { instead_of: inForce } }));
      comparing.close();
      tell(t("scene_now_in_force", { n: number }));
    } catch (error) {
      tellRefusal(error);
      if (error instanceof Refusal && error.problem.code === "scene_moved") {
        const now = await client.fetchQuery(startQuery(camera)).catch(tellRefusal);
        await comparing.open(comparison.version, now?.versions ?? []);
      }
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
  const drawing = mayDraw && comparison === null;
  useKeys({
    Escape: () => (comparison ? comparing.close() : use("choose")), v: switchLanguage,
    ...(drawing ? { Enter: close, Delete: drop, u: undo, ...Object.fromEntries(TOOLS.map((name, index) => [String(index + 1), () => use(name)])) } : {}),
    ...(drawing && tool !== "choose" ? { ...Object.fromEntries(Object.keys(ARROWS).map((key) => [key, carry])), " ": put } : {}),
  });
  return (
    <Page still title={<span id="case">{camera}</span>} aside={<Link href="/scenes">{t("scenes")}</Link>} keys={t(comparison ? "keys_compare" : "keys_scene")}>
      {scene && (
        <div className={css.editor}>
          <div className={css.desk}>
            <div className="row" role="toolbar" aria-label={t("scene_tools")}>
              {TOOLS.map((name, index) => (
                <button key={name} type="button" data-tool={name} aria-pressed={tool === name} disabled={!drawing} onClick={() => use(name)}>
                  <kbd>{index + 1}</kbd> {t(`tool_${name}`)}
                </button>
              ))}
              <Button onPress={undo} isDisabled={past.length === 0 || !drawing}><kbd>u</kbd> {t("undo")}</Button>
              {drawing && <FileButton id="scene-picture" label={t("scene_picture")} accept="image/jpeg" onFile={(file) => void take(file)} />}
            </div>
            <div className={css.surface} ref={surface} tabIndex={0} role="region" aria-label={t("scene_surface")}>
              {!(comparison?.picture ?? picture) && <p className={css.bare} id="no-picture">{t("scene_no_picture")}</p>}
              {comparison
                ? <CompareCanvas size={comparison.after.size} picture={comparison.picture ?? picture} things={comparison.difference.things} picked={comparing.picked} path={act?.path ?? null} />
                : <Canvas scene={scene} picture={picture} chosen={mayDraw ? chosen : null} tool={tool} sketch={sketch} aim={aim}
                    path={act?.path ?? null} label={t("scene_surface")} onChoose={setChosen} onChange={change} onPoint={point} />}
            </div>
          </div>
          <div className={css.side} tabIndex={0} role="region" aria-label={t("scene_things")}>
            {comparison && (
              <ComparePanel comparing={comparing} comparison={comparison} mayActivate={mayDraw} onActivate={() => void activate()}>
                {mayDraw && <TrialPanel scene={comparison.after} good trying={ofThis(trying, comparison.after)} shown={act} onShow={setAct} />}
              </ComparePanel>
            )}
            {!comparison && <Things scene={scene} chosen={chosen} onChoose={setChosen} />}
            {drawing && (
              <>
                <section className="card"><ThingForm scene={scene} chosen={chosen} onChange={change} onChoose={setChosen} /></section>
                <CameraForm scene={scene} onChange={change} />
                <Faults check={check} scene={scene} />
                <TrialPanel scene={scene} good={check?.good === true} trying={trying} shown={act} onShow={setAct} />
                <section className="card">
                  <label className={css.note}><span>{t("note")}</span>
                    <input id="scene-note" value={note} onChange={(event) => setNote(event.target.value)} />
                  </label>
                  <Button id="save" isDisabled={check?.good !== true} onPress={() => void save()}>{t("scene_save")}</Button>
                </section>
              </>
            )}
            <section className="card"><h2>{t("scene_versions")}</h2>
              <Versions versions={start.data?.versions ?? []} compared={comparison?.version.number ?? null} mayActivate={mayDraw} onCompare={compare}
                onOpen={(number) => { comparing.close(); void open(number); }}
                onDownload={(number) => void downloadVersion(camera, number).catch(tellRefusal)} />
            </section>
          </div>
        </div>
      )}
    </Page>
  );
}


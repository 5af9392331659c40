// Cameras and their scenes; choosing one opens the editor.

import { type FormEvent } from "react";
import { useQuery } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { Link, useLocation, useParams } from "wouter";
import { Page } from "../shell/Page";
import { useReady } from "../shell/ready";
import { useWords } from "../words/words";
import { camerasQuery } from "./data";
import SceneEditor from "./SceneEditor";
import css from "./scenes.module.css";

export default function ScenesPage() {
  const { camera } = useParams<{ camera?: string }>();
  return camera ? <SceneEditor key={camera} camera={decodeURIComponent(camera)} /> : <Cameras />;
}

function Cameras() {
  const { t } = useWords();
  const [, go] = useLocation();
  const cameras = useQuery(camerasQuery);
  useReady(cameras.isFetched, `${t("scenes")} · ${t("title")}`);
  const begin = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const id = String(new FormData(event.currentTarget).get("camera") ?? "").trim();
    if (id) go(`/scenes/${encodeURIComponent(id)}`);
  };
  return (
    <Page title={t("scenes")}>
      <div className={css.list}>
        <table aria-label={t("scenes")}>
          <thead><tr>
            {["camera", "ward", "scene_in_force", "scene_newest", "cases"].map((name) => <th key={name} scope="col">{t(name)}</th>)}
          </tr></thead>
          <tbody id="cameras">
            {(cameras.data ?? []).map((one) => (
              <tr key={one.camera_id}>
                <td><Link href={`/scenes/${encodeURIComponent(one.camera_id)}`}>{one.camera_id}</Link> {one.camera_name}</td>
                <td>{one.ward}</td><td>{one.in_force ?? t("none")}</td><td>{one.newest ?? t("none")}</td><td>{one.cases}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <form className="row" onSubmit={begin}>
          <input name="camera" aria-label={t("scene_new_camera")} placeholder={t("scene_new_camera")} pattern="[A-Za-z0-9_.\-]{1,64}" required />
          <Button type="submit">{t("scene_begin")}</Button>
        </form>
      </div>
    </Page>
  );
}

// The versions of a camera's scene, newest first: who drew them, who put them in force; another's can be activated.

import { Button } from "react-aria-components";
import type { Schemas } from "../api/client";
import { useSession } from "../shell/session";
import { useWords } from "../words/words";
import css from "./scenes.module.css";

type Version = Schemas["SceneVersionOut"];

interface Props {
  versions: Version[];
  mayActivate: boolean;
  onActivate: (number: number) => void;
  onOpen: (number: number) => void;
  onDownload: (number: number) => void;
}

export function Versions({ versions, mayActivate, onActivate, onOpen, onDownload }: Props) {
  const { t, time } = useWords();
  const session = useSession();
  if (versions.length === 0) return <p className="quiet" id="versions">{t("scene_no_versions")}</p>;
  const newestInForce = Math.max(0, ...versions.filter((one) => one.in_force).map((one) => one.number));
  return (
    <ol className={css.versions} id="versions">
      {versions.map((one) => (
        <li key={one.number} data-number={one.number}>
          <b>{one.number}</b> · {one.drawn_by} · {time(one.drawn_at)}{" "}
          <span className={one.in_force ? "good" : "quiet"}>{t(stateOf(one))}</span>
          {one.note && <div className="quiet">{one.note}</div>}
          {one.activated_by && one.activated_at && (
            <div className="quiet">{t("scene_activated_by", { name: one.activated_by, at: time(one.activated_at) })}</div>
          )}
          <div className="row">
            <Button onPress={() => onOpen(one.number)}>{t("scene_open")}</Button>
            <Button data-file={one.number} onPress={() => onDownload(one.number)}>{t("scene_file")}</Button>
            {mayActivate && one.activated_at === null && one.number > newestInForce && (
              one.drawn_by === session.name
                ? <span className="quiet">{t("scene_needs_another")}</span>
                : <Button data-activate={one.number} onPress={() => onActivate(one.number)}>{t("scene_activate")}</Button>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}

function stateOf(version: Version): string {
  if (version.in_force) return "scene_in_force";
  return version.activated_at ? "scene_retired" : "scene_waiting";
}

// The versions of a camera's scene, newest first: who drew them, who put them in force. Another's is compared with the
// one in force before it can take its place.

import { Button } from "react-aria-components";
import { useSession } from "../shell/session";
import { useWords } from "../words/words";
import { inForceOf, type Version } from "./comparison";
import css from "./scenes.module.css";

interface Props {
  versions: Version[];
  /** Number of the one that is compared. */
  compared: number | null;
  mayActivate: boolean;
  onCompare: (version: Version) => void;
  onOpen: (number: number) => void;
  onDownload: (number: number) => void;
}

export function Versions({ versions, compared, mayActivate, onCompare, onOpen, onDownload }: Props) {
  const { t, time } = useWords();
  const session = useSession();
  if (versions.length === 0) return <p className="quiet" id="versions">{t("scene_no_versions")}</p>;
  const inForce = inForceOf(versions) ?? 0;
  return (
    <ol className={css.versions} id="versions">
      {versions.map((one) => {
        const waits = one.activated_at === null && one.number > inForce;
        return (
          <li key={one.number} data-number={one.number} data-compared={one.number === compared || undefined}>
            <b>{one.number}</b> · {one.drawn_by} · {time(one.drawn_at)}{" "}
            <span className={one.in_force ? "good" : waits ? "warn" : "quiet"}>{t(stateOf(one, waits))}</span>
            {one.note && <div className="quiet">{one.note}</div>}
            {one.activated_by && one.activated_at && (
              <div className="quiet">{t("scene_activated_by", { name: one.activated_by, at: time(one.activated_at) })}</div>
            )}
            <div className="row">
              {!one.in_force && (
                <Button data-compare={one.number} onPress={() => onCompare(one)}>
                  {t(waits && mayActivate && one.drawn_by !== session.name ? "diff_open_to_activate" : "diff_open")}
                </Button>
              )}
              <Button onPress={() => onOpen(one.number)}>{t("scene_open")}</Button>
              <Button data-file={one.number} onPress={() => onDownload(one.number)}>{t("scene_file")}</Button>
            </div>
            {mayActivate && waits && one.drawn_by === session.name && <span className="quiet">{t("scene_needs_another")}</span>}
          </li>
        );
      })}
    </ol>
  );
}

function stateOf(version: Version, waits: boolean): string {
  if (version.in_force) return "scene_in_force";
  if (version.activated_at) return "scene_retired";
  return waits ? "scene_waiting" : "scene_passed_over";
}

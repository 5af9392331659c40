// Cameras and how they are doing, as their workers last said; read again every few seconds.

import { queryOptions, useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "wouter";
import { answer, api } from "../api/client";
import { CityMap, type Mark } from "../map/Map";
import { Page } from "../shell/Page";
import { useReady } from "../shell/ready";
import { useWords } from "../words/words";
import css from "../style/table.module.css";

const EVERY_MS = 5000;
const MAP_PX = 300;
const HEADS = ["camera", "ward", "state", "camera_told", "camera_lag", "camera_dropped", "camera_blind", "camera_reconnects", "cases", "scenes"];
const HEALTHY = new Set(["live", "ended"]);
const WAITING = new Set(["connecting", "overloaded"]);

const camerasQuery = queryOptions({
  queryKey: ["cameras"], queryFn: () => answer(api.GET("/api/v1/cameras")), refetchInterval: EVERY_MS, staleTime: 0,
});

function tone(state: string | null): Mark["tone"] {
  if (state === null) return "quiet";
  if (HEALTHY.has(state)) return "good";
  return WAITING.has(state) ? "warn" : "bad";
}

export default function CamerasPage() {
  const { t, say, time, number, language } = useWords();
  const cameras = useQuery(camerasQuery);
  useReady(cameras.isFetched, `${t("cameras")} · ${t("title")}`);
  const [, go] = useLocation();
  const rows = cameras.data ?? [];
  const marks = rows.flatMap((row): Mark[] => (row.lat === null || row.lon === null ? [] : [{
    id: row.camera_id, lat: row.lat, lon: row.lon, label: row.camera_name || row.camera_id, tone: tone(row.state),
    onPress: () => go(`/scenes/${encodeURIComponent(row.camera_id)}`),
  }]));
  const unwatched = rows.filter((row) => row.state === null).length;
  const sick = rows.filter((row) => tone(row.state) === "bad").length;
  return (
    <Page title={t("cameras")} aside={<><span id="sick" className={sick ? "bad" : "quiet"}>{t("cameras_sick", { n: sick, of: rows.length })}</span>{unwatched > 0 && <span id="unwatched">{` · ${t("cameras_unwatched", { n: unwatched })}`}</span>}</>}>
      <div className={css.page}>
        {cameras.isFetched && rows.length === 0 && <p className="quiet" id="no-cameras">{t("cameras_none")}</p>}
        {marks.length > 0 && <CityMap marks={marks} heightPx={MAP_PX} />}
        <section tabIndex={0} aria-label={t("cameras")}>
          <table>
            <thead><tr>{HEADS.map((name) => <th key={name} scope="col">{t(name)}</th>)}</tr></thead>
            <tbody id="cameras">
              {rows.map((row) => (
                <tr key={row.camera_id} data-camera={row.camera_id}>
                  <td>{row.camera_id}<div className="quiet">{row.camera_name}</div></td>
                  <td>{row.ward}</td>
                  <td className={tone(row.state)}>{say("streams", row.state ?? "unwatched")}{row.told && <div className="quiet" data-problem={row.camera_id}>{row.told[language]}</div>}</td>
                  <td>{row.told_at && time(row.told_at)}<div className="quiet">{row.worker}</div></td>
                  <td className={css.number}>{row.lag_s !== null && `${number(row.lag_s)} s`}</td>
                  <td className={css.number}>{row.dropped}</td>
                  <td className={css.number}>{row.blind}</td>
                  <td className={css.number}>{row.reconnects}</td>
                  <td className={css.number}>{row.cases}</td>
                  <td><Link href={`/scenes/${encodeURIComponent(row.camera_id)}`}>{row.scene_in_force ?? t("none")}</Link></td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </div>
    </Page>
  );
}

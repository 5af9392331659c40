// Where it was, on a map with the cameras around; opened when it is wanted, and then for every case.

import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { answer, api, type CaseDetail } from "../api/client";
import { CityMap, type Mark } from "../map/Map";
import { useWords } from "../words/words";

const OPEN_KEY = "phatnguoi.map";
const HEIGHT_PX = 230;
const MINUTES_10 = 600_000;

export function PlacePanel({ item }: { item: CaseDetail }) {
  const { t } = useWords();
  const [open, setOpen] = useState(localStorage.getItem(OPEN_KEY) === "open");
  const known = item.lat !== null && item.lon !== null;
  const cameras = useQuery({
    queryKey: ["cameras-around"], queryFn: () => answer(api.GET("/api/v1/cameras")), enabled: open && known, staleTime: MINUTES_10,
  }).data ?? [];
  const toggle = (now: boolean) => {
    setOpen(now);
    localStorage.setItem(OPEN_KEY, now ? "open" : "closed");
  };
  const around = cameras.flatMap((camera): Mark[] => (camera.lat === null || camera.lon === null || camera.camera_id === item.camera_id
    ? [] : [{ id: camera.camera_id, lat: camera.lat, lon: camera.lon, label: camera.camera_name || camera.camera_id, tone: "quiet" }]));
  const here: Mark[] = item.lat !== null && item.lon !== null
    ? [{ id: item.camera_id, lat: item.lat, lon: item.lon, label: item.camera_name || item.camera_id, tone: "bad", chosen: true }] : [];
  return (
    <details className="card" id="place" open={open} onToggle={(event) => toggle(event.currentTarget.open)}>
      <summary>{t("map_place")}</summary>
      {open && (known ? <CityMap marks={[...around, ...here]} heightPx={HEIGHT_PX} /> : <p className="quiet">{t("map_nowhere")}</p>)}
    </details>
  );
}

// A map that needs no internet: marks by their coordinates, the city's own lines under them where it laid some down,
// tiles where a server of tiles is configured. Without either it says so and shows distances true to scale.

import { type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../api/client";
import { useWords } from "../words/words";
import { bounded, type Place, placeAt, scaleOf, TILE_PX, type View, viewOf, worldPx } from "./projection";
import css from "./map.module.css";

export interface Mark extends Place {
  id: string;
  label: string;
  tone: "quiet" | "good" | "warn" | "bad";
  chosen?: boolean;
  onPress?: () => void;
}

interface Props {
  marks: Mark[];
  heightPx: number;
}

const SCALE_PX = 110;
const LABELS_FROM_ZOOM = 14;
const STEP = 1;
/** Marks so close have their labels one below the other. */
const CROWDED_PX = 12;
const LINE_PX = 15;

export const groundQuery = queryOptions({ queryKey: ["map"], queryFn: () => answer(api.GET("/api/v1/map")), staleTime: Infinity });

export function CityMap({ marks, heightPx }: Props) {
  const { t, number } = useWords();
  const ground = useQuery(groundQuery).data;
  const box = useRef<HTMLDivElement>(null);
  const [widthPx, setWidthPx] = useState(600);
  const [moved, setMoved] = useState<View | null>(null);
  const held = useRef<[number, number] | null>(null);
  useEffect(() => {
    const watching = new ResizeObserver(([entry]) => entry && setWidthPx(entry.contentRect.width));
    if (box.current) watching.observe(box.current);
    return () => watching.disconnect();
  }, []);
  const spots = marks.map(({ id, lat, lon, chosen }) => `${id}${lat},${lon}${chosen ?? ""}`).join();
  const fitting = useMemo(() => {
    const chosen = marks.filter((mark) => mark.chosen);
    return viewOf(chosen.length ? chosen : marks, widthPx, heightPx);
  }, [spots, widthPx, heightPx]);
  const view = moved ?? fitting;
  if (!view) return <p className="quiet">{t("map_nowhere")}</p>;
  const [cx, cy] = worldPx(view.centre, view.zoom);
  const at = (place: Place): [number, number] => {
    const [x, y] = worldPx(place, view.zoom);
    return [x - cx + widthPx / 2, y - cy + heightPx / 2];
  };
  const zoom = (step: number) => setMoved({ ...view, zoom: bounded(view.zoom + step) });
  const drag = (event: PointerEvent) => {
    if (!held.current) return;
    const [x, y] = held.current;
    held.current = [event.clientX, event.clientY];
    setMoved({ ...view, centre: placeAt([cx - event.clientX + x, cy - event.clientY + y], view.zoom) });
  };
  const ordered = [...marks].sort((a, b) => Number(a.chosen ?? false) - Number(b.chosen ?? false));
  const spotsPx = ordered.map(at);
  const scale = scaleOf(view, SCALE_PX);
  const length = scale.metres >= 1000 ? `${number(scale.metres / 1000)} km` : `${number(scale.metres)} m`;
  return (
    <div className={css.map} ref={box} id="map">
      <svg width={widthPx} height={heightPx} role="img" aria-label={t("map_label", { n: marks.length })}
        onPointerDown={(event) => { held.current = [event.clientX, event.clientY]; }}
        onPointerMove={drag} onPointerUp={() => { held.current = null; }} onPointerLeave={() => { held.current = null; }}>
        {ground?.tiles && <Tiles address={ground.tiles} view={view} widthPx={widthPx} heightPx={heightPx} />}
        {ground?.features && <Ground features={ground.features} at={at} />}
        {ordered.map((mark, index) => {
          const [x, y] = spotsPx[index] ?? [0, 0];
          const below = spotsPx.slice(0, index).filter(([otherX, otherY]) => Math.hypot(otherX - x, otherY - y) < CROWDED_PX).length;
          return (
            <g key={mark.id} data-mark={mark.id} className={`${css[mark.tone]} ${mark.onPress ? css.pressable : ""}`} onClick={mark.onPress}>
              <circle cx={x} cy={y} r={mark.chosen ? 9 : 6} className={mark.chosen ? css.chosen : css.spot}><title>{mark.label}</title></circle>
              {(mark.chosen || view.zoom >= LABELS_FROM_ZOOM) && <text x={x + 11} y={y + 4 + below * LINE_PX}>{mark.label}</text>}
            </g>
          );
        })}
        <g className={css.scale} transform={`translate(12 ${heightPx - 14})`}>
          <path d={`M0 -6V0H${scale.px.toFixed(1)}V-6`} /><text x={scale.px / 2} y={-8} textAnchor="middle">{length}</text>
        </g>
      </svg>
      <div className={css.buttons}>
        <button type="button" aria-label={t("map_closer")} onClick={() => zoom(STEP)}>+</button>
        <button type="button" aria-label={t("map_farther")} onClick={() => zoom(-STEP)}>−</button>
        {moved && <button type="button" onClick={() => setMoved(null)}>{t("map_all")}</button>}
      </div>
      {ground && !ground.tiles && !ground.features && <p className={`quiet ${css.note}`} id="map-note">{t("map_bare")}</p>}
      {ground?.attribution && <p className={`quiet ${css.note}`}>{ground.attribution}</p>}
    </div>
  );
}

function Tiles({ address, view, widthPx, heightPx }: { address: string; view: View; widthPx: number; heightPx: number }) {
  const level = Math.floor(view.zoom);
  const side = TILE_PX * 2 ** (view.zoom - level);
  const [cx, cy] = worldPx(view.centre, view.zoom);
  const [left, top] = [cx - widthPx / 2, cy - heightPx / 2];
  const count = 2 ** level;
  const range = (from: number, length: number) => {
    const first = Math.floor(from / side);
    return Array.from({ length: Math.floor((from + length) / side) - first + 1 }, (_, index) => first + index);
  };
  return range(top, heightPx).filter((row) => row >= 0 && row < count).flatMap((row) => range(left, widthPx).map((column) => {
    const x = ((column % count) + count) % count;
    const href = address.replace("{z}", String(level)).replace("{x}", String(x)).replace("{y}", String(row));
    return <image key={`${level}/${column}/${row}`} href={href} x={column * side - left} y={row * side - top} width={side} height={side} />;
  }));
}

type Feature = NonNullable<Schemas["MapOut"]["features"]>[number];

function Ground({ features, at }: { features: Feature[]; at: (place: Place) => [number, number] }) {
  return features.map((feature, index) => {
    const way = feature.points.map(([lon = 0, lat = 0], place) => `${place ? "L" : "M"}${at({ lat, lon }).map((px) => px.toFixed(1)).join(" ")}`).join("");
    return <path key={index} d={feature.closed ? `${way}Z` : way} className={feature.closed ? css.area : css.way}><title>{feature.name}</title></path>;
  });
}

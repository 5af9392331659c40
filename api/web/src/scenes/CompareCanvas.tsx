// Two scenes over one street: what is in force broken and orange, what another version puts there whole and blue, what
// both share thin and grey. Colours never stand alone: lines differ, and each bears its word.

import { useRef } from "react";
import { Arrow, Image as Picture, Layer, Line, Stage, Text } from "react-konva";
import { useWords } from "../words/words";
import { useWidth } from "./Canvas";
import type { ThingChange } from "./difference";
import type { Point, Turn, Zone } from "./scene";
import css from "./scenes.module.css";

const OLD = "#ff9e3d";
const NEW = "#4db8ff";
const SAME = "#d5dbe2";
/** Room for a label at the picture's edge, pixels of the screen. */
const LABEL_WIDTH = 150;
const LABEL_HEIGHT = 20;

interface Props {
  size: Point;
  picture: HTMLImageElement | null;
  things: ThingChange[];
  picked: string | null;
  /** Rows `t_s, x1, y1, x2, y2` of a road user of a trial, px. */
  path: number[][] | null;
}

export function CompareCanvas({ size, picture, things, picked, path }: Props) {
  const { t } = useWords();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const scale = width / size[0];
  const ordered = [...things.filter((one) => one.way === "same"), ...things.filter((one) => one.way !== "same")];
  const feet = path?.flatMap(([, x1 = 0, , x2 = 0, y2 = 0]) => [(x1 + x2) / 2, y2]);
  return (
    <div className={css.canvas} id="compare-canvas" ref={box} role="img" aria-label={t("diff_surface")}>
      <Stage width={width} height={size[1] * scale} scaleX={scale} scaleY={scale}>
        <Layer listening={false}>
          {picture && <Picture image={picture} width={size[0]} height={size[1]} opacity={0.8} />}
          {ordered.map((one) => <Both key={one.what + one.id} change={one} px={1 / scale} size={size} strong={picked === one.id} />)}
          {feet && <Stroke points={feet} colour="#ffe14b" width={3 / scale} px={1 / scale} />}
        </Layer>
      </Stage>
    </div>
  );
}

function Both({ change, px, size, strong }: { change: ThingChange; px: number; size: Point; strong: boolean }) {
  const { t } = useWords();
  const { id, way, before, after, shifts } = change;
  const moved = way === "new" || way === "removed" || shifts.length > 0;
  const width = (way === "same" ? 1.5 : strong ? 6 : 3) * px;
  return (
    <>
      {moved && before && <Outline thing={before} colour={OLD} width={width} px={px} size={size} broken label={t(way === "removed" ? "diff_label_removed" : "diff_label_old", { id })} />}
      {after && (
        <Outline thing={after} colour={way === "same" ? SAME : NEW} width={width} px={px} size={size}
          label={way === "same" ? id : t(way === "new" ? "diff_label_new" : "diff_label_changed", { id })} />
      )}
    </>
  );
}

interface OutlineProps {
  thing: Zone | Turn;
  colour: string;
  width: number;
  /** One pixel of the screen in the scene's. */
  px: number;
  size: Point;
  broken?: boolean;
  label: string;
}

function Outline({ thing, colour, width, px, size, broken = false, label }: OutlineProps) {
  const zone = "polygon" in thing ? (thing as Zone) : null;
  const turn = zone ? null : (thing as Turn);
  const lines = zone ? [zone.polygon] : turn ? [turn.enter, turn.leave] : [];
  const corners = lines.flat();
  const [x, y] = (broken ? corners.reduce((low, one) => (one[1] > low[1] ? one : low), corners[0] ?? [0, 0]) : corners[0]) ?? [0, 0];
  return (
    <>
      {lines.map((points, part) => (
        <Stroke key={part} points={points.flat()} closed={zone !== null} colour={colour} width={width} px={px}
          dash={broken ? [12 * px, 8 * px] : part ? [3 * px, 5 * px] : undefined} />
      ))}
      {zone?.direction && (
        <Arrow points={zone.direction.flat()} stroke={colour} fill={colour} strokeWidth={width} dash={broken ? [12 * px, 8 * px] : undefined}
          pointerLength={14 * px} pointerWidth={14 * px} />
      )}
      <Text x={Math.max(0, Math.min(x, size[0] - LABEL_WIDTH * px))} y={Math.max(0, Math.min(y, size[1] - LABEL_HEIGHT * px))} text={label} fontSize={14 * px} fontStyle="bold" fill={colour} stroke="#000" strokeWidth={4 * px} fillAfterStrokeEnabled />
    </>
  );
}

interface StrokeProps {
  points: number[];
  closed?: boolean;
  colour: string;
  width: number;
  px: number;
  dash?: number[] | undefined;
}

/** With a black edge, so that it is seen on any street. */
function Stroke({ points, closed = false, colour, width, px, dash }: StrokeProps) {
  const how = { points, closed, dash, lineJoin: "round", lineCap: "butt" } as const;
  return (
    <>
      <Line {...how} stroke="#000" strokeWidth={width + 2 * px} />
      <Line {...how} stroke={colour} strokeWidth={width} />
    </>
  );
}

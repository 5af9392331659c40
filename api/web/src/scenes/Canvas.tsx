// The street with everything drawn on it. Corners of the chosen thing can be dragged; a new thing is drawn by clicking
// its points. Whoever cannot use a pointer types the points into the form beside it instead.

import Konva from "konva";
import { type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { Arrow, Circle, Image as Picture, Layer, Line, Stage, Text } from "react-konva";
import { type Chosen, movePoint, type Point, pointsOf, type Scene, splitEdge } from "./scene";
import { useWords } from "../words/words";
import css from "./scenes.module.css";

export type Tool = "choose" | "zone" | "turn" | "ground";

interface Props {
  scene: Scene;
  picture: HTMLImageElement | null;
  chosen: Chosen;
  tool: Tool;
  sketch: Point[];
  /** Where a key would put the next point. */
  aim: Point | null;
  /** Rows `t_s, x1, y1, x2, y2` of a road user to be shown, px. */
  path: number[][] | null;
  label: string;
  onChoose: (chosen: Chosen) => void;
  onChange: (scene: Scene) => void;
  onPoint: (point: Point) => void;
}

const COLOURS: Record<string, string> = {
  sidewalk: "#ffb000", no_stopping: "#ff5c5c", no_parking: "#ff8f5c", one_way: "#4db8ff", no_entry: "#ff4bd8",
  carriageway: "#c9c9c9", load_check: "#b18cff", ignore: "#7a8794",
};
const TURN = "#4bffb1";
const GROUND = "#ffffff";
/** Letters on the street, pixels of the screen. */
const NAME_PX = 14;
const ID_PX = 10;

/** How wide a box stands on the screen, px. */
export function useWidth(box: RefObject<HTMLDivElement | null>): number {
  const [width, setWidth] = useState(640);
  useEffect(() => {
    const watching = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width));
    if (box.current) watching.observe(box.current);
    return () => watching.disconnect();
  }, [box]);
  return width;
}

export function Canvas({ scene, picture, chosen, tool, sketch, aim, path, label, onChoose, onChange, onPoint }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const scale = width / scene.size[0];
  const thin = 2 / scale;
  const click = (event: Konva.KonvaEventObject<MouseEvent | TouchEvent>) => {
    const stage = event.target.getStage();
    const at = stage?.getPointerPosition();
    if (!at) return;
    if (tool !== "choose") onPoint([at.x / scale, at.y / scale]);
    else if (event.target === stage || event.target.name() === "picture") onChoose(null);
  };
  const select = (what: "zone" | "turn", index: number) => (tool === "choose" ? () => onChoose({ what, index }) : undefined);
  const isChosen = (what: string, index: number) => chosen?.what === what && "index" in chosen && chosen.index === index;
  return (
    <div className={css.canvas} id="canvas" ref={box} role="img" aria-label={label}>
      <Stage width={width} height={scene.size[1] * scale} scaleX={scale} scaleY={scale} onClick={click} onTap={click}>
        <Layer>
          {picture && <Picture name="picture" image={picture} width={scene.size[0]} height={scene.size[1]} />}
          {(scene.zones ?? []).map((zone, index) => (
            <Line key={zone.id} points={zone.polygon.flat()} closed stroke={COLOURS[zone.kind] ?? "#fff"}
              strokeWidth={isChosen("zone", index) ? 2 * thin : thin} fill={`${COLOURS[zone.kind] ?? "#ffffff"}33`}
              onClick={select("zone", index)} onTap={select("zone", index)} />
          ))}
          {(scene.zones ?? []).map((zone) => zone.direction && (
            <Arrow key={zone.id} points={zone.direction.flat()} stroke={COLOURS.one_way} fill={COLOURS.one_way}
              strokeWidth={1.5 * thin} pointerLength={7 * thin} pointerWidth={7 * thin} listening={false} />
          ))}
          {(scene.turns ?? []).map((turn, index) => [turn.enter, turn.leave].map((gate, part) => (
            <Line key={`${turn.id}-${part}`} points={gate.flat()} stroke={TURN} dash={part ? [6 * thin, 4 * thin] : undefined}
              strokeWidth={isChosen("turn", index) ? 3 * thin : 2 * thin} hitStrokeWidth={10 * thin}
              onClick={select("turn", index)} onTap={select("turn", index)} />
          )))}
          {(scene.zones ?? []).map((zone) => zone.polygon[0] && <Name key={zone.id} at={zone.polygon[0]} kind={zone.kind} id={zone.id} px={1 / scale} size={scene.size} />)}
          {(scene.turns ?? []).map((turn) => <Name key={turn.id} at={turn.enter[0]} kind={turn.kind} id={turn.id} px={1 / scale} size={scene.size} />)}
          {(scene.ground?.px ?? []).map((point, index) => (
            <Text key={index} x={point[0] + 5 / scale} y={point[1] + 5 / scale} text={String(index + 1)} fontSize={13 / scale}
              fill={GROUND} stroke="#000" strokeWidth={3 / scale} fillAfterStrokeEnabled listening={false} />
          ))}
          {path && <Way path={path} thin={thin} />}
          <Handles scene={scene} chosen={chosen} radius={6 / scale} onChange={onChange} />
          {sketch.length > 0 && <Line points={sketch.flat()} stroke="#fff" strokeWidth={thin} dash={[4 * thin, 3 * thin]} listening={false} />}
          {sketch.map((point, index) => <Circle key={index} x={point[0]} y={point[1]} radius={4 / scale} fill="#fff" listening={false} />)}
          {aim && <Aim at={aim} size={scene.size} px={1 / scale} />}
        </Layer>
      </Stage>
    </div>
  );
}

/** What a thing is, and its id behind it in small; kept within the picture. */
function Name({ at: [x, y], kind, id, px, size }: { at: Point; kind: string; id: string; px: number; size: Point }) {
  const { say } = useWords();
  const word = say("zones", kind);
  const wide = useMemo(() => ({ word: widthOf(word, NAME_PX), id: widthOf(id, ID_PX) }), [word, id]);
  const left = Math.max(0, Math.min(x, size[0] - (wide.word + wide.id + 8) * px));
  const top = Math.max(0, Math.min(y, size[1] - 1.4 * NAME_PX * px));
  const drawn = { fill: "#fff", stroke: "#000", strokeWidth: 3 * px, fillAfterStrokeEnabled: true, listening: false };
  return (
    <>
      <Text name="kind" x={left} y={top} text={word} fontSize={NAME_PX * px} {...drawn} />
      <Text name="id" x={left + (wide.word + 5) * px} y={top + (NAME_PX - ID_PX) * px} text={id} fontSize={ID_PX * px} {...drawn} />
    </>
  );
}

const widthOf = (text: string, fontSize: number): number => new Konva.Text({ text, fontSize }).width();

/** Two lines across the street that meet where the next point would be put. */
function Aim({ at: [x, y], size, px }: { at: Point; size: Point; px: number }) {
  const lines = [[x, 0, x, size[1]], [0, y, size[0], y]];
  return (
    <>
      {lines.map((points, place) => <Line key={`edge-${place}`} points={points} stroke="#000" strokeWidth={3 * px} listening={false} />)}
      {lines.map((points, place) => <Line key={place} points={points} stroke="#fff" strokeWidth={px} listening={false} />)}
      <Circle x={x} y={y} radius={7 * px} stroke="#ffe14b" strokeWidth={2 * px} listening={false} />
    </>
  );
}

/** Where a road user's foot went, and its box in the middle of that. */
function Way({ path, thin }: { path: number[][]; thin: number }) {
  const feet = path.flatMap(([, x1 = 0, , x2 = 0, y2 = 0]) => [(x1 + x2) / 2, y2]);
  const [, x1 = 0, y1 = 0, x2 = 0, y2 = 0] = path[Math.floor(path.length / 2)] ?? [];
  return (
    <>
      <Line points={feet} stroke="#000" strokeWidth={3 * thin} lineJoin="round" lineCap="round" listening={false} />
      <Line points={feet} stroke="#ffe14b" strokeWidth={1.5 * thin} lineJoin="round" lineCap="round" listening={false} />
      <Line points={[x1, y1, x2, y1, x2, y2, x1, y2]} closed stroke="#ffe14b" strokeWidth={1.5 * thin} listening={false} />
    </>
  );
}

interface HandlesProps {
  scene: Scene;
  chosen: Chosen;
  radius: number;
  onChange: (scene: Scene) => void;
}

function Handles({ scene, chosen, radius, onChange }: HandlesProps) {
  const zone = chosen?.what === "zone" ? scene.zones?.[chosen.index] : undefined;
  const middles = zone && chosen?.what === "zone" ? zone.polygon.map((point, place) => {
    const next = zone.polygon[(place + 1) % zone.polygon.length] ?? point;
    return (
      <Circle key={`edge-${place}`} x={(point[0] + next[0]) / 2} y={(point[1] + next[1]) / 2} radius={radius * 0.6}
        fill="#ffffff88" stroke="#000" strokeWidth={radius / 6} onClick={() => onChange(splitEdge(scene, chosen.index, place))}
        onTap={() => onChange(splitEdge(scene, chosen.index, place))} />
    );
  }) : null;
  const drop = (place: number) => (event: Konva.KonvaEventObject<DragEvent>) =>
    onChange(movePoint(scene, chosen, place, [event.target.x(), event.target.y()]));
  return (
    <>
      {middles}
      {pointsOf(scene, chosen).map((point, place) => (
        <Circle key={place} x={point[0]} y={point[1]} radius={radius} fill="#fff" stroke="#000" strokeWidth={radius / 4}
          draggable onDragMove={drop(place)} />
      ))}
    </>
  );
}

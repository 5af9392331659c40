// A scene as the editor holds it: the file's own fields, so that whatever the editor does not show is kept as it is.

export type Point = [number, number];

export interface CalendarEntry {
  days?: string[];
  from?: number | string;
  to?: number | string;
  holidays?: string;
  valid_from?: string;
  valid_to?: string;
  [more: string]: unknown;
}

interface Bound {
  id: string;
  kind: string;
  classes?: string[];
  calendar?: CalendarEntry[];
  reminder_only?: boolean;
  sign?: { code: string; [more: string]: unknown };
  [more: string]: unknown;
}

export interface Zone extends Bound {
  polygon: Point[];
  limit_s?: number;
  direction?: [Point, Point];
  one_way_street?: boolean;
}

export interface Turn extends Bound {
  enter: [Point, Point];
  leave: [Point, Point];
}

export interface Scene {
  version: 1;
  camera: { id: string; name?: string; ward?: string; lat?: number; lon?: number; source?: string; [more: string]: unknown };
  size: Point;
  ground?: { px: Point[]; m: Point[] };
  zones?: Zone[];
  turns?: Turn[];
  [more: string]: unknown;
}

export const ZONE_KINDS = ["sidewalk", "no_stopping", "no_parking", "one_way", "no_entry", "carriageway", "load_check", "ignore"];
export const TURN_KINDS = ["no_left_turn", "no_right_turn", "no_u_turn"];
export const LIMITED = new Set(["sidewalk", "no_stopping", "no_parking", "carriageway"]);
/** Seconds something may stand where a zone names no limit, as `detector/scene/zone.py` has it. */
export const DEFAULT_LIMIT_S: Record<string, number> = { sidewalk: 120, no_stopping: 60, no_parking: 180, carriageway: 120 };
export const CLASSES = ["bicycle", "motorcycle", "car", "bus", "truck"];
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** One drawn thing: a zone, a turn with its two gates, or the ground points. */
export type Chosen = { what: "zone" | "turn"; index: number } | { what: "ground" } | null;

/** A drawing under a citizen's report number shows what that citizen filmed, and goes the citizens' track. */
export const emptyScene = (cameraId: string, size: Point): Scene => ({
  version: 1, camera: { id: cameraId, name: "", ward: "", ...(cameraId.startsWith("PA-") ? { source: "citizen" as const } : {}) },
  size, zones: [], turns: [],
});

const round = (value: number): number => Math.round(value * 10) / 10;

export function inside(point: Point, size: Point): Point {
  return [round(Math.min(Math.max(point[0], 0), size[0])), round(Math.min(Math.max(point[1], 0), size[1]))];
}

export function freshId(scene: Scene, stem: string): string {
  const taken = new Set([...(scene.zones ?? []), ...(scene.turns ?? [])].map((one) => one.id));
  let number = 1;
  while (taken.has(`${stem}-${number}`)) number += 1;
  return `${stem}-${number}`;
}

export function addZone(scene: Scene, polygon: Point[]): Scene {
  const zone: Zone = { id: freshId(scene, "zone"), kind: "no_stopping", polygon };
  return { ...scene, zones: [...(scene.zones ?? []), zone] };
}

export function addTurn(scene: Scene, [a, b, c, d]: [Point, Point, Point, Point]): Scene {
  const turn: Turn = { id: freshId(scene, "turn"), kind: "no_left_turn", enter: [a, b], leave: [c, d] };
  return { ...scene, turns: [...(scene.turns ?? []), turn] };
}

export function addGround(scene: Scene, point: Point): Scene {
  const ground = scene.ground ?? { px: [], m: [] };
  return { ...scene, ground: { px: [...ground.px, point], m: [...ground.m, [0, 0]] } };
}

export function changeZone(scene: Scene, index: number, change: Partial<Zone>): Scene {
  const zones = (scene.zones ?? []).map((zone, place) => (place === index ? fitted(clean({ ...zone, ...change })) : zone));
  return { ...scene, zones };
}

export function changeTurn(scene: Scene, index: number, change: Partial<Turn>): Scene {
  const turns = (scene.turns ?? []).map((turn, place) => (place === index ? clean({ ...turn, ...change }) : turn));
  return { ...scene, turns };
}

export function remove(scene: Scene, chosen: Chosen): Scene {
  if (!chosen) return scene;
  if (chosen.what === "ground") return clean({ ...scene, ground: undefined });
  const name = chosen.what === "zone" ? "zones" : "turns";
  return { ...scene, [name]: (scene[name] ?? []).filter((_one, place) => place !== chosen.index) };
}

/** Fields of another kind go, and a one-way zone gets an arrow to be turned the right way. */
function fitted(zone: Zone): Zone {
  if (zone.kind === "one_way" && !zone.direction) {
    const [first, second] = [zone.polygon[0], zone.polygon[Math.floor(zone.polygon.length / 2)]];
    if (first && second) return { ...zone, direction: [first, second] };
  }
  const wrongWay = zone.kind === "one_way" ? {} : { direction: undefined, one_way_street: undefined };
  const limit = LIMITED.has(zone.kind) ? {} : { limit_s: undefined };
  return clean({ ...zone, ...wrongWay, ...limit });
}

function clean<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}

/** Every point of a drawn thing, and the thing with other points in their place. */
export function pointsOf(scene: Scene, chosen: Chosen): Point[] {
  if (!chosen) return [];
  if (chosen.what === "ground") return scene.ground?.px ?? [];
  if (chosen.what === "turn") {
    const turn = scene.turns?.[chosen.index];
    return turn ? [...turn.enter, ...turn.leave] : [];
  }
  const zone = scene.zones?.[chosen.index];
  return zone ? [...zone.polygon, ...(zone.direction ?? [])] : [];
}

export function movePoint(scene: Scene, chosen: Chosen, place: number, to: Point): Scene {
  if (!chosen) return scene;
  const points = pointsOf(scene, chosen).map((point, index) => (index === place ? inside(to, scene.size) : point));
  if (chosen.what === "ground") return { ...scene, ground: { px: points, m: scene.ground?.m ?? [] } };
  if (chosen.what === "turn") {
    const [a, b, c, d] = points;
    return a && b && c && d ? changeTurn(scene, chosen.index, { enter: [a, b], leave: [c, d] }) : scene;
  }
  const corners = scene.zones?.[chosen.index]?.polygon.length ?? 0;
  const [from, toPoint] = points.slice(corners);
  const direction: { direction?: [Point, Point] } = from && toPoint ? { direction: [from, toPoint] } : {};
  return changeZone(scene, chosen.index, { polygon: points.slice(0, corners), ...direction });
}

/** A corner more, in the middle of the edge behind corner `place`. */
export function splitEdge(scene: Scene, index: number, place: number): Scene {
  const polygon = scene.zones?.[index]?.polygon ?? [];
  const [from, to] = [polygon[place], polygon[(place + 1) % polygon.length]];
  if (!from || !to) return scene;
  const middle: Point = [round((from[0] + to[0]) / 2), round((from[1] + to[1]) / 2)];
  return changeZone(scene, index, { polygon: [...polygon.slice(0, place + 1), middle, ...polygon.slice(place + 1)] });
}

export function dropCorner(scene: Scene, index: number, place: number): Scene {
  const polygon = scene.zones?.[index]?.polygon ?? [];
  return polygon.length <= 3 ? scene : changeZone(scene, index, { polygon: polygon.filter((_point, at) => at !== place) });
}

export const clockText = (value: number | string | undefined, otherwise: string): string =>
  typeof value === "number"
    ? `${String(Math.floor(value / 60)).padStart(2, "0")}:${String(value % 60).padStart(2, "0")}`
    : (value ?? otherwise);

export const pointsText = (points: Point[]): string => points.map((point) => point.join(", ")).join("\n");

/** Points typed as lines of `x, y`; null while a line is none. */
export function pointsFrom(text: string): Point[] | null {
  const rows = text.split("\n").filter((line) => line.trim() !== "").map((line) => line.split(/[,;\s]+/).filter(Boolean).map(Number));
  const good = rows.every((row) => row.length === 2 && row.every(Number.isFinite));
  return good ? (rows as Point[]) : null;
}

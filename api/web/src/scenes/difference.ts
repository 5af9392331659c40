// What differs between the scene in force and another one: thing by thing and field by field, with how far lines moved.

import type { Point, Scene, Turn, Zone } from "./scene";

export type Way = "new" | "removed" | "changed" | "same";
type Thing = Zone | Turn;

/** `null`: the field stands in one of them only. */
export interface FieldChange {
  name: string;
  before: unknown;
  after: unknown;
}

/** Lines that lie elsewhere: how far at most, as a share of the picture's width, and by how much their area grew. */
export interface Shift {
  name: string;
  share: number;
  grown: number | null;
}

export interface ThingChange {
  what: "zone" | "turn";
  id: string;
  way: Way;
  kind: string;
  fields: FieldChange[];
  shifts: Shift[];
  before: Thing | null;
  after: Thing | null;
}

export interface Difference {
  things: ThingChange[];
  /** Of the camera, the ground points, the rules' settings. */
  whole: FieldChange[];
}

const LINES = ["polygon", "direction", "enter", "leave"] as const;
const NO_FIELDS = new Set<string>(["id", ...LINES]);
/** What binds whom comes first; the rest as the scene has it. */
const FIRST = ["kind", "limit_s", "classes", "calendar", "one_way_street", "reminder_only", "sign"];
const NO_SETTINGS = new Set(["version", "reference", "zones", "turns", "ground"]);

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

/** `before` null: nothing is in force yet, so that all is new. Its lines are told in the pixels of `after`. */
export function differenceOf(before: Scene | null, after: Scene): Difference {
  const old = before && resized(before, after.size);
  const things = (["zone", "turn"] as const).flatMap((what) => {
    const [was, is] = [thingsOf(old, what), thingsOf(after, what)];
    const ids = [...new Set([...is, ...was].map((thing) => thing.id))];
    return ids.map((id) => changeOf(what, was.find((one) => one.id === id) ?? null, is.find((one) => one.id === id) ?? null, after.size));
  });
  return { things, whole: before && old ? wholeOf(before, old, after) : [] };
}

const thingsOf = (scene: Scene | null, what: "zone" | "turn"): Thing[] => (what === "zone" ? scene?.zones : scene?.turns) ?? [];

function changeOf(what: "zone" | "turn", before: Thing | null, after: Thing | null, size: Point): ThingChange {
  const fields = fieldsOf(before, after, NO_FIELDS);
  const shifts = before && after ? LINES.flatMap((name) => shiftOf(name, before[name], after[name], size)) : [];
  const way = !before ? "new" : !after ? "removed" : fields.length + shifts.length > 0 ? "changed" : "same";
  const { id, kind } = (after ?? before) as Thing;
  return { what, id, way, kind, fields, shifts, before, after };
}

function fieldsOf(before: object | null, after: object | null, left: Set<string>): FieldChange[] {
  const [was, is] = [(before ?? {}) as Record<string, unknown>, (after ?? {}) as Record<string, unknown>];
  const names = [...new Set([...Object.keys(is), ...Object.keys(was)])].filter((name) => !left.has(name) && !same(was[name], is[name]));
  const place = (name: string) => (FIRST.indexOf(name) + FIRST.length + 1) % (FIRST.length + 1);
  return names.sort((one, other) => place(one) - place(other)).map((name) => ({ name, before: was[name] ?? null, after: is[name] ?? null }));
}

/** What is no zone and no gate; settings of rules by their own names, as the scene's file writes them. */
function wholeOf(before: Scene, resizedBefore: Scene, after: Scene): FieldChange[] {
  const leaves = (scene: Scene) => flat(Object.fromEntries(Object.entries(scene).filter(([name]) => !NO_SETTINGS.has(name))));
  const ground = same(resizedBefore.ground, after.ground) ? []
    : [{ name: "ground", before: before.ground?.px.length ?? null, after: after.ground?.px.length ?? null }];
  return [...fieldsOf(leaves(before), leaves(after), new Set()), ...ground];
}

function flat(value: object, path = ""): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).flatMap(([name, one]) => (one !== null && typeof one === "object" && !Array.isArray(one)
    ? Object.entries(flat(one as object, `${path}${name}.`)) : [[`${path}${name}`, one]])));
}

function shiftOf(name: string, before: unknown, after: unknown, size: Point): Shift[] {
  if (same(before, after)) return [];
  const [was, is] = [(before ?? []) as Point[], (after ?? []) as Point[]];
  const closed = name === "polygon";
  const share = was.length && is.length ? Math.max(farthest(was, is, closed), farthest(is, was, closed)) / size[0] : 1;
  return [{ name, share, grown: closed && area(was) > 0 ? area(is) / area(was) - 1 : null }];
}

/** The largest distance of a corner of one outline from the other outline. */
function farthest(corners: Point[], outline: Point[], closed: boolean): number {
  const ends = outline.map((from, place): [Point, Point] => [from, outline[(place + 1) % outline.length] ?? from]);
  const edges = closed || ends.length < 2 ? ends : ends.slice(0, -1);
  return Math.max(...corners.map((corner) => Math.min(...edges.map(([from, to]) => distance(corner, from, to)))));
}

function distance([x, y]: Point, [x1, y1]: Point, [x2, y2]: Point): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const along = Math.min(Math.max(((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1), 0), 1);
  return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
}

const area = (points: Point[]): number =>
  Math.abs(points.reduce((sum, [x, y], place) => {
    const [nextX, nextY] = points[(place + 1) % points.length] ?? [x, y];
    return sum + x * nextY - nextX * y;
  }, 0)) / 2;

/** Degrees by which an arrow was turned, 0 to 180. */
export function turned([from, to]: [Point, Point], [otherFrom, otherTo]: [Point, Point]): number {
  const heading = (a: Point, b: Point) => Math.atan2(b[1] - a[1], b[0] - a[0]);
  const degrees = Math.abs(((heading(otherFrom, otherTo) - heading(from, to)) * 180) / Math.PI) % 360;
  return Math.min(degrees, 360 - degrees);
}

/** A scene drawn on pictures of another size, in pixels of this one. */
function resized(scene: Scene, size: Point): Scene {
  if (same(scene.size, size)) return scene;
  const fit = ([x, y]: Point): Point => [(x * size[0]) / scene.size[0], (y * size[1]) / scene.size[1]];
  const lines = <T extends Thing>(thing: T): T =>
    Object.fromEntries(Object.entries(thing).map(([name, value]) => [name, (LINES as readonly string[]).includes(name) ? (value as Point[]).map(fit) : value])) as T;
  const ground = scene.ground && { ...scene.ground, px: scene.ground.px.map(fit) };
  return { ...scene, ground, zones: scene.zones?.map(lines), turns: scene.turns?.map(lines) };
}

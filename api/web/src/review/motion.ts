// Where the offender is at a moment: its measured path, straight between two looks.

export type Box = [number, number, number, number];
export type Point = [number, number];

/** `GET /cases/{id}/overlay`: pixels of `size`; path rows are (t_s, x1, y1, x2, y2). */
export interface Overlay {
  size: Point;
  start_s: number;
  end_s: number;
  zones: { id: string; kind: string; judged: boolean; polygon: Point[]; direction: [Point, Point] | null; limit_s: number | null }[];
  turns: { id: string; kind: string; judged: boolean; enter: [Point, Point]; leave: [Point, Point] }[];
  path: [number, number, number, number, number][];
  moments: Record<string, { t_s: number; xyxy: Box }>;
  clip_starts_s: Record<string, number>;
}

/** Looks farther apart than this have nothing drawn between them, seconds. */
const HOLE_S = 3;

/** (x1, y1, x2, y2) at stream second `tS`, null outside the path and in its holes. */
export function boxAt(path: Overlay["path"], tS: number): Box | null {
  const after = path.findIndex((row) => row[0] >= tS);
  const right = path[after];
  if (!right) return null;
  if (right[0] - tS < 1e-3) return [right[1], right[2], right[3], right[4]];
  const left = path[after - 1];
  if (!left || right[0] - left[0] > HOLE_S) return null;
  const share = (tS - left[0]) / (right[0] - left[0]);
  const between = (index: 1 | 2 | 3 | 4) => left[index] + share * (right[index] - left[index]);
  return [between(1), between(2), between(3), between(4)];
}

/** The box a still's own moment says, for stills taken during the act. */
export function boxOfStill(overlay: Overlay, name: string): Box | null {
  const moment = overlay.moments[name];
  const during = moment && moment.t_s >= overlay.start_s - 1e-6 && moment.t_s <= overlay.end_s + 1e-6;
  return during ? moment.xyxy : null;
}

/** Where its foot has been up to `tS`. */
export function feetUntil(path: Overlay["path"], tS: number): Point[] {
  const feet = path.filter((row) => row[0] <= tS).map((row): Point => [(row[1] + row[3]) / 2, row[4]]);
  const box = boxAt(path, tS);
  return box ? [...feet, [(box[0] + box[2]) / 2, box[3]]] : feet;
}

/** The clip that shows a moment best, and the second in it; null when no clip's start is known. */
export function clipAt(overlay: Overlay, tS: number): { name: string; second: number } | null {
  const starts = Object.entries(overlay.clip_starts_s).sort((a, b) => a[1] - b[1]);
  const begun = starts.filter(([, startS]) => startS <= tS);
  const chosen = begun.at(-1) ?? starts[0];
  return chosen ? { name: chosen[0], second: Math.max(0, tS - chosen[1]) } : null;
}

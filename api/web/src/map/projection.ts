// Web Mercator, as map tiles have it: degrees to pixels of the whole world at a zoom, and what a pixel is in metres.

export interface Place {
  lat: number;
  lon: number;
}

export interface View {
  centre: Place;
  zoom: number;
}

export const TILE_PX = 256;
const METRES_AT_ZERO = 156543.03392;
const CLOSEST = 19;
const FARTHEST = 4;
const ALONE_ZOOM = 15.5;
const MARGIN = 0.82;

export const bounded = (zoom: number): number => Math.min(Math.max(zoom, FARTHEST), CLOSEST);

export function worldPx({ lat, lon }: Place, zoom: number): [number, number] {
  const world = TILE_PX * 2 ** zoom;
  const sine = Math.sin((lat * Math.PI) / 180);
  return [((lon + 180) / 360) * world, (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * world];
}

export function placeAt([x, y]: [number, number], zoom: number): Place {
  const world = TILE_PX * 2 ** zoom;
  const lat = (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / world))) * 180) / Math.PI;
  return { lat, lon: (x / world) * 360 - 180 };
}

export const metresPerPx = ({ centre, zoom }: View): number => (METRES_AT_ZERO * Math.cos((centre.lat * Math.PI) / 180)) / 2 ** zoom;

/** The view that shows all places, or one of them closely. */
export function viewOf(places: Place[], widthPx: number, heightPx: number): View | null {
  const [first] = places;
  if (!first) return null;
  const points = places.map((place) => worldPx(place, 0));
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const centre = placeAt([(left + right) / 2, (top + bottom) / 2], 0);
  const room = Math.min((widthPx * MARGIN) / (right - left), (heightPx * MARGIN) / (bottom - top));
  return { centre, zoom: Number.isFinite(room) ? bounded(Math.min(Math.log2(room), ALONE_ZOOM)) : ALONE_ZOOM };
}

/** A round length for the scale, metres, and how many pixels that is. */
export function scaleOf(view: View, mostPx: number): { metres: number; px: number } {
  const perPx = metresPerPx(view);
  const most = mostPx * perPx;
  const power = 10 ** Math.floor(Math.log10(most));
  const metres = [5, 2, 1].map((step) => step * power).find((length) => length <= most) ?? power;
  return { metres, px: metres / perPx };
}

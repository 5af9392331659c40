// How near the large picture is looked at: by key around the offender, by wheel at the pointer, dragged by hand.

import { type PointerEvent, type RefObject, useEffect, useRef } from "react";
import type { View } from "./drawing";
import { boxAt, type Overlay } from "./motion";

/** `zoom` times as large, with the point at these shares of the stage staying where it is. */
export interface Lens {
  zoom: number;
  x: number;
  y: number;
}

export const WHOLE: Lens = { zoom: 1, x: 0.5, y: 0.5 };
const MOST = 12;
const STEP = 1.4;
const STEPS = [1, 2.5, 5];

const inside = (share: number): number => Math.min(Math.max(share, 0), 1);

/** What was drawn for the whole stage, as seen through the lens. */
export function through({ zoom, x, y }: Lens, view: View, stage: { clientWidth: number; clientHeight: number }): View {
  const moved = (at: number, share: number, whole: number) => share * whole + (at - share * whole) * zoom;
  return { scale: view.scale * zoom, left: moved(view.left, x, stage.clientWidth), top: moved(view.top, y, stage.clientHeight) };
}

/** The next of the fixed steps, around the offender where it is known. */
export function nearer(lens: Lens, overlay: Overlay | null, tS: number | null): Lens {
  const zoom = STEPS.find((step) => step > lens.zoom + 0.01) ?? 1;
  return zoom === 1 ? WHOLE : { zoom, ...(lens.zoom > 1 ? { x: lens.x, y: lens.y } : offender(overlay, tS)) };
}

export const stepped = (lens: Lens, direction: 1 | -1): Lens => {
  const zoom = Math.min(Math.max(lens.zoom * STEP ** direction, 1), MOST);
  return zoom < 1.05 ? WHOLE : { ...lens, zoom };
};

function offender(overlay: Overlay | null, tS: number | null): { x: number; y: number } {
  const box = overlay && boxAt(overlay.path, tS ?? (overlay.start_s + overlay.end_s) / 2);
  if (!overlay || !box) return { x: 0.5, y: 0.5 };
  return { x: inside((box[0] + box[2]) / 2 / overlay.size[0]), y: inside((box[1] + box[3]) / 2 / overlay.size[1]) };
}

/** The wheel brings the point under the pointer nearer. */
export function useWheel(stage: RefObject<HTMLElement | null>, lens: Lens, onLens: (lens: Lens) => void): void {
  const latest = useRef({ lens, onLens });
  latest.current = { lens, onLens };
  useEffect(() => {
    const box = stage.current;
    if (!box) return undefined;
    const turn = (event: WheelEvent) => {
      event.preventDefault();
      const now = latest.current.lens;
      const next = stepped(now, event.deltaY < 0 ? 1 : -1);
      const frame = box.getBoundingClientRect();
      latest.current.onLens(next.zoom === 1 ? WHOLE : {
        zoom: next.zoom,
        x: held((event.clientX - frame.left) / frame.width, now.x, now.zoom, next.zoom),
        y: held((event.clientY - frame.top) / frame.height, now.y, now.zoom, next.zoom),
      });
    };
    box.addEventListener("wheel", turn, { passive: false });
    return () => box.removeEventListener("wheel", turn);
  }, [stage]);
}

/** The share that keeps what lies under `at` there while the zoom changes. */
function held(at: number, share: number, zoom: number, next: number): number {
  const under = share + (at - share) / zoom;
  return inside((under * next - at) / (next - 1));
}

/** An enlarged still is moved by dragging it. */
export function useHand(lens: Lens, onLens: (lens: Lens) => void, grips: boolean) {
  const held = useRef<{ x: number; y: number; lens: Lens } | null>(null);
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (!grips || lens.zoom === 1 || event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      held.current = { x: event.clientX, y: event.clientY, lens };
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const from = held.current;
      if (!from) return;
      const box = event.currentTarget;
      const moved = (delta: number, share: number, whole: number) => inside(share - delta / whole / (from.lens.zoom - 1));
      onLens({
        zoom: from.lens.zoom, x: moved(event.clientX - from.x, from.lens.x, box.clientWidth),
        y: moved(event.clientY - from.y, from.lens.y, box.clientHeight),
      });
    },
    onPointerUp: () => { held.current = null; },
    onPointerCancel: () => { held.current = null; },
  };
}

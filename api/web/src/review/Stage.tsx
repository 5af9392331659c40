// The large picture: a still or the clip, with what was measured drawn over it on a canvas of its own, so that the
// evidence itself stays untouched and the drawing can be taken away with one key.

import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { useQuery } from "@tanstack/react-query";
import { type Item, itemAddress } from "../api/client";
import { type Words, useWords } from "../words/words";
import { captionOf, isStill, stem, stillQuery } from "./data";
import { contained, draw, type Moment } from "./drawing";
import { boxAt, boxOfStill, type Overlay } from "./motion";
import css from "./review.module.css";

interface Props {
  caseId: string;
  item: Item;
  /** Null draws nothing: for crops and copies that bear their marks already. */
  overlay: Overlay | null;
  /** Stream second of a still. */
  stillS: number | null;
  zoomed: boolean;
  video: RefObject<HTMLVideoElement | null>;
  startAt: number;
  onTime: (tS: number) => void;
}

export function Stage(props: Props) {
  const { caseId, item, overlay, stillS, zoomed, video, startAt, onTime } = props;
  const words = useWords();
  const stage = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const still = useQuery({ ...stillQuery(caseId, item.name), enabled: isStill(item) });
  const caption = captionOf(item, words);
  const clipStartS = overlay?.clip_starts_s[item.name] ?? null;

  useLayoutEffect(() => {
    const surface = canvas.current;
    const box = stage.current;
    if (!surface || !box) return undefined;
    const film = isStill(item) ? null : video.current;
    const secondNow = () => (film ? (clipStartS === null ? null : clipStartS + film.currentTime) : stillS);
    const repaint = () => {
      const context = fitted(surface, box);
      if (!context || !overlay) return;
      const view = contained(overlay.size, box.clientWidth, box.clientHeight);
      const tS = secondNow();
      const now: Moment | null = tS === null ? null
        : { tS, box: film ? boxAt(overlay.path, tS) : boxOfStill(overlay, stem(item)) };
      draw(context, overlay, view, now, timerText(overlay, tS, words));
      surface.dataset.second = tS === null ? "" : tS.toFixed(2);
    };
    const watching = new ResizeObserver(repaint);
    watching.observe(box);
    repaint();
    const stop = film ? eachFrame(film, () => {
      repaint();
      const tS = secondNow();
      if (tS !== null) onTime(tS);
    }) : undefined;
    return () => {
      watching.disconnect();
      stop?.();
    };
  }, [item, overlay, stillS, clipStartS, words, video, onTime, still.data]);

  useEffect(() => {
    const film = video.current;
    if (film && !isStill(item)) film.currentTime = startAt;
  }, [item, startAt, video]);

  const centre = zoomed && overlay ? centreOf(overlay, stillS) : null;
  return (
    <div className={css.stage} id="stage" ref={stage} data-zoomed={centre ? true : undefined}>
      <div className={css.lens} style={centre ? { transform: "scale(2.5)", transformOrigin: centre } : undefined}>
        {isStill(item)
          ? still.data && <img src={still.data} alt={caption} />
          : <video ref={video} src={itemAddress(caseId, item.name)} controls preload="auto" muted aria-label={caption} />}
        <canvas ref={canvas} id="overlay" className={css.overlay} aria-hidden="true" />
      </div>
    </div>
  );
}

/** The canvas at the screen's own resolution, empty. */
function fitted(surface: HTMLCanvasElement, box: HTMLElement): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio || 1;
  surface.width = Math.round(box.clientWidth * ratio);
  surface.height = Math.round(box.clientHeight * ratio);
  const context = surface.getContext("2d");
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

function eachFrame(film: HTMLVideoElement, act: () => void): () => void {
  let handle = film.requestVideoFrameCallback(function again() {
    act();
    handle = film.requestVideoFrameCallback(again);
  });
  film.addEventListener("seeked", act);
  return () => {
    film.cancelVideoFrameCallback(handle);
    film.removeEventListener("seeked", act);
  };
}

function timerText(overlay: Overlay, tS: number | null, { t, fixed, number }: Words): string {
  if (tS === null) return "";
  const limitS = overlay.zones.find((zone) => zone.judged)?.limit_s ?? null;
  const ranS = Math.min(Math.max(tS - overlay.start_s, 0), overlay.end_s - overlay.start_s);
  const ran = fixed(ranS, 1);
  return limitS === null ? t("timer", { ran }) : t("timer_of", { ran, limit: number(limitS) });
}

function centreOf(overlay: Overlay, tS: number | null): string | null {
  const box = boxAt(overlay.path, tS ?? (overlay.start_s + overlay.end_s) / 2);
  if (!box) return null;
  const share = (low: number, high: number, whole: number) => `${(((low + high) / 2 / whole) * 100).toFixed(1)}%`;
  return `${share(box[0], box[2], overlay.size[0])} ${share(box[1], box[3], overlay.size[1])}`;
}

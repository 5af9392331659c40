// The large picture: a still or the clip, with what was measured drawn over it on a canvas of its own, so that the
// evidence itself stays untouched and the drawing can be taken away with one key.

import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { useQuery } from "@tanstack/react-query";
import { type Item, itemAddress } from "../api/client";
import { type Words, useWords } from "../words/words";
import { captionOf, isStill, stem, stillQuery } from "./data";
import { contained, draw, type Moment } from "./drawing";
import { type Lens, stepped, through, useHand, useWheel } from "./lens";
import { boxAt, boxOfStill, type Overlay } from "./motion";
import css from "./review.module.css";

interface Props {
  caseId: string;
  item: Item;
  /** Null draws nothing: for crops and copies that bear their marks already. */
  overlay: Overlay | null;
  /** Stream second of a still. */
  stillS: number | null;
  lens: Lens;
  onLens: (lens: Lens) => void;
  video: RefObject<HTMLVideoElement | null>;
  startAt: number;
  /** Whether the act is standing still, so that a zone's limit counts. */
  stands: boolean;
  onTime: (tS: number) => void;
}

export function Stage(props: Props) {
  const { caseId, item, overlay, stillS, lens, onLens, video, startAt, stands, onTime } = props;
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
      const view = through(lens, contained(overlay.size, box.clientWidth, box.clientHeight), box);
      const tS = secondNow();
      const now: Moment | null = tS === null ? null
        : { tS, box: film ? boxAt(overlay.path, tS) : boxOfStill(overlay, stem(item)) };
      draw(context, overlay, view, now, timerText(overlay, tS, stands, words));
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
  }, [item, overlay, stillS, clipStartS, words, video, onTime, still.data, lens, stands]);

  useEffect(() => {
    const film = video.current;
    if (film && !isStill(item)) film.currentTime = startAt;
  }, [item, startAt, video]);

  useWheel(stage, lens, onLens);
  const hand = useHand(lens, onLens, isStill(item));
  return (
    <div className={css.stage} id="stage" ref={stage} data-zoom={lens.zoom} {...hand}>
      <div className={css.lens} style={{ transform: `scale(${lens.zoom})`, transformOrigin: `${lens.x * 100}% ${lens.y * 100}%` }}>
        {isStill(item)
          ? still.data && <img src={still.data} alt={caption} draggable={false} />
          : <video ref={video} src={itemAddress(caseId, item.name)} controls preload="auto" muted aria-label={caption} />}
      </div>
      <canvas ref={canvas} id="overlay" className={css.overlay} aria-hidden="true" />
      <div className={css.nearer} onPointerDown={(event) => event.stopPropagation()}>
        <button type="button" id="nearer" aria-label={words.t("map_closer")} onClick={() => onLens(stepped(lens, 1))}>+</button>
        <button type="button" id="farther" aria-label={words.t("map_farther")} onClick={() => onLens(stepped(lens, -1))}>−</button>
      </div>
      {lens.zoom > 1 && <span className={css.zoom} id="zoom">{words.t("zoomed", { n: words.number(lens.zoom, 1) })}</span>}
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

/** A zone's limit is how long one may stand there; it says nothing of who rides through. */
function timerText(overlay: Overlay, tS: number | null, stands: boolean, { t, fixed, number }: Words): string {
  if (tS === null) return "";
  const limitS = stands ? (overlay.zones.find((zone) => zone.judged)?.limit_s ?? null) : null;
  const ranS = Math.min(Math.max(tS - overlay.start_s, 0), overlay.end_s - overlay.start_s);
  const ran = fixed(ranS, 1);
  return limitS === null ? t("timer", { ran }) : t("timer_of", { ran, limit: number(limitS) });
}

// Small pictures to choose from, and the moment each was taken on one line of time with the act marked on it.

import { useQuery } from "@tanstack/react-query";
import type { Item } from "../api/client";
import { useWords } from "../words/words";
import { captionOf, isMarked, isStill, stillQuery } from "./data";
import type { Overlay } from "./motion";
import css from "./review.module.css";

interface StripProps {
  caseId: string;
  items: Item[];
  shown: number;
  onShow: (index: number) => void;
}

export function Strip({ caseId, items, shown, onShow }: StripProps) {
  return (
    <div className={css.strip} id="strip">
      {items.map((item, index) => (
        <Thumb key={item.name} caseId={caseId} item={item} pressed={index === shown} onPress={() => onShow(index)} />
      ))}
    </div>
  );
}

function Thumb({ caseId, item, pressed, onPress }: { caseId: string; item: Item; pressed: boolean; onPress: () => void }) {
  const words = useWords();
  // Marked copies are read when somebody opens them: what they show is drawn over the originals anyway.
  const picture = useQuery({ ...stillQuery(caseId, item.name), enabled: isStill(item) && !isMarked(item) });
  return (
    <button type="button" aria-pressed={pressed} data-name={item.name} data-marked={isMarked(item) || undefined} onClick={onPress}>
      {picture.data && <img src={picture.data} alt="" />}
      {!picture.data && !isMarked(item) && <span className={css.film} aria-hidden="true">{isStill(item) ? "" : "▶"}</span>}
      <span>{captionOf(item, words)}</span>
    </button>
  );
}

interface TimelineProps {
  overlay: Overlay;
  tS: number;
  /** False for a crop, of whose moment nothing is told. */
  known: boolean;
  onSeek: (tS: number) => void;
}

const STEP_S = 0.1;

export function Timeline({ overlay, tS, known, onSeek }: TimelineProps) {
  const { t, number, fixed } = useWords();
  const moments = Object.values(overlay.moments).map((moment) => moment.t_s);
  const firstS = Math.min(overlay.start_s, ...moments, ...Object.values(overlay.clip_starts_s));
  const lastS = Math.max(overlay.end_s, ...moments) + 5;
  const place = (atS: number) => `${(((atS - firstS) / (lastS - firstS)) * 100).toFixed(2)}%`;
  const width = `${(((overlay.end_s - overlay.start_s) / (lastS - firstS)) * 100).toFixed(2)}%`;
  return (
    <div className={css.timeline}>
      <div className={css.rail} aria-hidden="true">
        <span className={css.act} style={{ left: place(overlay.start_s), width }} />
        {moments.map((atS) => <span key={atS} className={css.tick} style={{ left: place(atS) }} />)}
      </div>
      <input type="range" id="timeline" aria-label={t("moment")} min={firstS} max={lastS} step={STEP_S}
        value={Math.min(Math.max(tS, firstS), lastS)} aria-valuetext={`${number(tS, 1)} s`}
        onChange={(event) => onSeek(event.target.valueAsNumber)} />
      <output id="moment">{known ? t("second", { n: fixed(tS, 1) }) : "–"}</output>
    </div>
  );
}

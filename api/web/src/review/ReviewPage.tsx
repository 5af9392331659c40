// One case under review: evidence on the left with what was measured drawn over it, facts and the decision on the
// right, all by keyboard; the next case of the queue is read ahead.

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useLocation } from "wouter";
import type { Item } from "../api/client";
import { ahead, neighbour } from "../queue/order";
import { useKeys } from "../shell/keys";
import { tell, tellRefusal } from "../shell/message";
import { Page } from "../shell/Page";
import { useReady } from "../shell/ready";
import { useSession } from "../shell/session";
import { switchLanguage, useWords } from "../words/words";
import { answersQuery, caseQuery, evidenceQuery, firstShown, freeStills, isMarked, isStill, overlayQuery, plainStem, readAhead, shownItems } from "./data";
import { KEYS, useDecision } from "./decision";
import { AnswersPanel } from "./AnswersPanel";
import { BEFORE_PAPERS, DocumentsPanel } from "./DocumentsPanel";
import { DecisionPanel } from "./DecisionPanel";
import { ExportPanel } from "./ExportPanel";
import { KnownPanel } from "./KnownPanel";
import { nearer, stepped, WHOLE } from "./lens";
import { clipAt, type Overlay } from "./motion";
import { type LawChoice, LawPanel } from "./LawPanel";
import { PlacePanel } from "./PlacePanel";
import { PlatePanel } from "./PlatePanel";
import { EvidenceState, Facts, History, Particulars } from "./Panels";
import { Stage } from "./Stage";
import { Strip, Timeline } from "./Strip";
import css from "./review.module.css";

/** Kinds that a zone's limit is about. */
const STANDING = new Set(["illegal_parking", "sidewalk_encroachment"]);

const addressOf = (id: string) => `/cases/${encodeURIComponent(id)}`;

export function ReviewPage({ id }: { id: string }) {
  const { t, say } = useWords();
  const client = useQueryClient();
  const [, go] = useLocation();
  const read = useQuery(caseQuery(id));
  const item = read.data;
  const manifest = useQuery({ ...evidenceQuery(id), enabled: item !== undefined });
  const overlay = useQuery({ ...overlayQuery(id), enabled: item !== undefined });
  const failure = read.error ?? manifest.error;

  useReady(item !== undefined && (manifest.isFetched || failure !== null), `${id} · ${t("title")}`);
  useEffect(() => {
    if (failure) tellRefusal(failure);
  }, [failure]);
  useEffect(() => freeStills(client), [client]);
  useEffect(() => {
    if (manifest.data) readAhead(client, id).catch(() => undefined); // the next case is read again when it is opened
  }, [client, id, manifest.data]);

  const move = (step: number) => {
    const next = neighbour(id, step);
    if (next) go(addressOf(next));
    else tell(t("last_case"));
  };
  /** The next case, which is read ahead already and stands at once. */
  const onward = useCallback(async () => {
    const next = neighbour(id, 1) ?? (await ahead(id).catch(() => null));
    if (next) go(addressOf(next));
  }, [go, id]);
  /** What the owner says and nobody dealt with yet comes before all else. */
  const answersWait = (useQuery({ ...answersQuery(id), enabled: item !== undefined }).data ?? []).some((row) => row.waiting);
  const papersFirst = useSession().role !== "officer" && item !== undefined && !BEFORE_PAPERS.has(item.state);
  const [lawChoice, setLawChoice] = useState<LawChoice>({});
  const decision = useDecision(item, lawChoice, onward);
  const facts = useRef<HTMLDivElement>(null);
  /** Turns the facts by most of what is seen of them; nothing else on this page scrolls. */
  const turn = (pages: number) => facts.current?.scrollBy({ top: 0.85 * pages * facts.current.clientHeight });
  const digits = Object.fromEntries([...KEYS].map((key, index) => [key, () => decision.choose(index)]));
  useKeys({
    ...digits,
    c: decision.toggleClaim, j: () => move(1), k: () => move(-1), q: () => go("/"), v: switchLanguage,
    Escape: decision.reset, PageDown: () => turn(1), PageUp: () => turn(-1),
  });

  return (
    <Page still title={<span id="case">{id}</span>} keys={t("keys_case")}
      aside={<span id="state">{item && say("states", item.state)}</span>}>
      <div className={css.review}>
        {manifest.data ? <Media id={id} kind={item?.kind ?? ""} items={shownItems(manifest.data)} overlay={overlay.data ?? null} /> : <div />}
        <div className={css.beside}>
          <div className={css.side} ref={facts} tabIndex={0} role="region" aria-label={t("facts")}>
            {item && (
              <>
                <Particulars item={item} />
                {answersWait && <AnswersPanel item={item} />}
                {manifest.data && <PlatePanel item={item} items={shownItems(manifest.data)} />}
                {!answersWait && <AnswersPanel item={item} />}
                {papersFirst && <DocumentsPanel item={item} />}
                <Facts item={item} />
                <LawPanel item={item} choice={lawChoice} onChoose={setLawChoice} />
                {!papersFirst && <DocumentsPanel item={item} />}
                <PlacePanel item={item} />
                <EvidenceState item={item} />
                <ExportPanel item={item} />
                <KnownPanel item={item} />
                <History item={item} />
              </>
            )}
          </div>
          {item && <DecisionPanel item={item} decision={decision} />}
        </div>
      </div>
    </Page>
  );
}

/** Plays; a pause that comes before the first picture is no fault. */
function start(film: HTMLVideoElement): void {
  film.play().catch((error: unknown) => {
    if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
  });
}

/** Stream second of a still: its moment's, null for crops. */
function secondOf(item: Item, overlay: Overlay | null): number | null {
  return overlay?.moments[plainStem(item)]?.t_s ?? null;
}

function Media({ id, kind, items, overlay }: { id: string; kind: string; items: Item[]; overlay: Overlay | null }) {
  const { t } = useWords();
  const [shown, setShown] = useState(() => firstShown(items));
  const [tS, setTS] = useState<number | null>(null);
  const [startAt, setStartAt] = useState(0);
  const [drawn, setDrawn] = useState(true);
  const [lens, setLens] = useState(WHOLE);
  const video = useRef<HTMLVideoElement>(null);
  const item = items[Math.min(shown, items.length - 1)];
  const stillS = item ? secondOf(item, overlay) : null;
  const nowS = item && isStill(item) ? (stillS ?? tS) : tS;
  const visible = useMemo(() => {
    const bare = !item || isMarked(item) || (isStill(item) && stillS === null);
    return drawn && !bare ? overlay : null;
  }, [item, stillS, overlay, drawn]);

  const show = (index: number) => {
    const place = (index + items.length) % items.length;
    const next = items[place];
    if (next && isStill(next)) setTS(secondOf(next, overlay) ?? tS);
    setShown(place);
  };
  /** Shows the clip at a moment of the stream. */
  const seek = (atS: number): HTMLVideoElement | null => {
    const found = overlay && clipAt(overlay, atS);
    const place = items.findIndex((one) => (found ? one.name === found.name : !isStill(one)));
    if (place < 0) return null;
    setStartAt(found?.second ?? 0);
    setTS(atS);
    setShown(place);
    if (place === shown && video.current && found) video.current.currentTime = found.second;
    return video.current;
  };
  const play = () => {
    if (item && !isStill(item)) {
      const film = video.current;
      if (film?.paused) start(film);
      else film?.pause();
      return;
    }
    seek(nowS ?? overlay?.start_s ?? 0);
    requestAnimationFrame(() => video.current && start(video.current));
  };
  useKeys({
    ArrowRight: () => show(shown + 1), ArrowLeft: () => show(shown - 1), p: play,
    o: () => setDrawn(!drawn), z: () => setLens(nearer(lens, visible ?? (stillS === null ? null : overlay), stillS)),
    "+": () => setLens(stepped(lens, 1)), "=": () => setLens(stepped(lens, 1)), "-": () => setLens(stepped(lens, -1)),
  });
  if (!item) return <p className="quiet">{t("no_media")}</p>;
  return (
    <div className={css.media}>
      <Stage caseId={id} item={item} overlay={visible} stillS={stillS} lens={lens} onLens={setLens} video={video} startAt={startAt}
        stands={STANDING.has(kind)} onTime={setTS} />
      {overlay && <Timeline overlay={overlay} tS={nowS ?? overlay.start_s} known={!isStill(item) || stillS !== null} onSeek={seek} />}
      <Strip caseId={id} items={items} shown={shown} onShow={show} />
    </div>
  );
}

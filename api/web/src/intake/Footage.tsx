// What the citizen sent. Small pictures show nobody; the original is opened on purpose, and that look is logged. On an
// opened one the officer marks the vehicle with the mouse, a finger, or by typing its corners.

import { type PointerEvent, type RefObject, useEffect, useRef, useState } from "react";
import { Button } from "react-aria-components";
import { useWords } from "../words/words";
import { type Box, fileAddress, isPhoto, type Media, previewAddress, type Report, stillOf } from "./data";
import css from "./intake.module.css";

interface Props {
  report: Report;
  shown: number;
  opened: boolean;
  box: Box | null;
  film: RefObject<HTMLVideoElement | null>;
  onShow: (index: number) => void;
  onOpen: () => void;
  onBox: (box: Box | null) => void;
}

export function Footage({ report, shown, opened, box, film, onShow, onOpen, onBox }: Props) {
  const { t, number } = useWords();
  const file = report.media[shown];
  if (!file) return null;
  return (
    <section className="card" aria-label={t("intake_footage")}>
      {opened ? <Original key={report.id + file.name} report={report} file={file} box={box} film={film} onBox={onBox} />
        : (
          <div className={css.closed}>
            {isPhoto(file) && <img className={css.veiled} src={previewAddress(report, file)} alt="" />}
            <Button id="open-file" onPress={onOpen}><kbd>o</kbd> {t("intake_open")}</Button>
            <span className="quiet">{t(isPhoto(file) ? "intake_open_hint" : "intake_open_hint_video")}</span>
          </div>
        )}
      <div className={css.strip} id="report-files">
        {report.media.map((one, index) => (
          <button key={one.name} type="button" aria-pressed={index === shown} data-file={one.name} onClick={() => onShow(index)}>
            {isPhoto(one) ? <img src={previewAddress(report, one)} alt="" /> : <span className={css.film} aria-hidden="true">▶</span>}
            <span>{t(isPhoto(one) ? "intake_photo" : "intake_video", { n: index + 1 })} · {number(Math.max(one.size_bytes / 1e6, 0.1), 1)} MB</span>
          </button>
        ))}
      </div>
    </section>
  );
}

function Original({ report, file, box, film, onBox }: { report: Report; file: Media } & Pick<Props, "box" | "film" | "onBox">) {
  const { t } = useWords();
  const [size, setSize] = useState<[number, number] | null>(null);
  const [broken, setBroken] = useState(false);
  const from = useRef<[number, number] | null>(null);
  const address = fileAddress(report, file);
  useEffect(() => onBox(null), [address]); // eslint-disable-line -- a box belongs to one file
  const place = (event: PointerEvent<SVGSVGElement>): [number, number] => {
    const [width, height] = size ?? [1, 1];
    const frame = event.currentTarget.getBoundingClientRect();
    const within = (share: number, whole: number) => Math.round(Math.min(Math.max(share, 0), 1) * whole);
    return [within((event.clientX - frame.left) / frame.width, width), within((event.clientY - frame.top) / frame.height, height)];
  };
  const begin = (event: PointerEvent<SVGSVGElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = place(event);
  };
  const drag = (event: PointerEvent<SVGSVGElement>) => {
    if (!from.current) return;
    const [[x, y], [fromX, fromY]] = [place(event), from.current];
    if (x !== fromX && y !== fromY) onBox([Math.min(x, fromX), Math.min(y, fromY), Math.max(x, fromX), Math.max(y, fromY)]);
  };
  if (broken) {
    return <p className="warn" id="not-playable">{t("intake_not_playable")} <a href={address} download={`${report.id}-${file.name}`}>{t("intake_download")}</a></p>;
  }
  return (
    <>
      <div className={css.original}>
        <div className={css.frame}>
          {isPhoto(file)
            ? <img src={address} alt={t("intake_footage")} onError={() => setBroken(true)}
                onLoad={(event) => setSize([event.currentTarget.naturalWidth, event.currentTarget.naturalHeight])} />
            : <video ref={film} src={address} preload="auto" muted aria-label={t("intake_footage")} onError={() => setBroken(true)}
                onLoadedMetadata={(event) => setSize([event.currentTarget.videoWidth, event.currentTarget.videoHeight])} />}
          {size && (
            <svg className={css.marker} id="marker" viewBox={`0 0 ${size[0]} ${size[1]}`} preserveAspectRatio="none" aria-label={t("intake_mark")} role="img"
              onPointerDown={begin} onPointerMove={drag} onPointerUp={() => { from.current = null; }}>
              {box && <rect x={box[0]} y={box[1]} width={Math.max(box[2] - box[0], 0)} height={Math.max(box[3] - box[1], 0)} vectorEffect="non-scaling-stroke" />}
            </svg>
          )}
        </div>
      </div>
      {!isPhoto(file) && <Player film={film} name={`${report.id}.jpg`} />}
    </>
  );
}

/** Under the picture, so that the vehicle can be marked anywhere in it. */
function Player({ film, name }: Pick<Props, "film"> & { name: string }) {
  const { t, fixed } = useWords();
  const [atS, setAtS] = useState(0);
  const [lengthS, setLengthS] = useState(0);
  useEffect(() => {
    const video = film.current;
    if (!video) return undefined;
    const tell = () => {
      setAtS(video.currentTime);
      setLengthS(Number.isFinite(video.duration) ? video.duration : 0);
    };
    const events = ["timeupdate", "seeked", "loadedmetadata"];
    for (const name of events) video.addEventListener(name, tell);
    return () => {
      for (const name of events) video.removeEventListener(name, tell);
    };
  }, [film]);
  const seek = (second: number) => {
    if (film.current) film.current.currentTime = second;
  };
  return (
    <div className={css.player}>
      <Button onPress={() => playOrPause(film.current)}><kbd>p</kbd> {t("intake_play")}</Button>
      <input type="range" aria-label={t("moment")} min={0} max={lengthS || 1} step={0.04} value={Math.min(atS, lengthS || 1)}
        onChange={(event) => seek(event.target.valueAsNumber)} />
      <output>{t("second", { n: fixed(atS, 1) })}</output>
      <Button onPress={() => film.current && downloadStill(film.current, name)}>{t("intake_still")}</Button>
    </div>
  );
}

/** The picture of this moment as a file: what a scene for the video is drawn on. */
function downloadStill(film: HTMLVideoElement, name: string): void {
  const link = document.createElement("a");
  const bytes = Uint8Array.from(atob(stillOf(film)), (letter) => letter.charCodeAt(0));
  link.href = URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

export function playOrPause(video: HTMLVideoElement | null): void {
  if (!video) return;
  if (!video.paused) video.pause();
  else {
    video.play().catch((error: unknown) => {
      if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
    });
  }
}

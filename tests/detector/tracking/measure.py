"""The tracker beside other people's: makes the tables of `docs/tracking.md`.

    python -m tests.detector.tracking.measure --footage ../shared/data/footage --cache /tmp/tracking

Libraries that are not installed and footage that is not there are left out. Detections come from the default network
of `models/registry.toml` and are cached, so that a second run only tracks.
"""

import argparse
import logging
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from detector.inference import Backend, Picture, default_registry_path, load_registry, open_backend
from detector.types import Detections
from tests.detector.tracking.footage import Footage, load, reference, thin
from tests.detector.tracking.peers import Maker, installed
from tests.detector.tracking.scoring import IdentityScorer, Scores
from tests.detector.tracking.simulation import SCENARIOS, SIZE_WH, Moment, observe

CLIPS = ("ql1_lanes", "hanoi_junction_1080p", "haiphong_junction", "low_junction_720p", "night_dual_carriageway")
JUDGES = ("trackers ByteTrack", "Ultralytics ByteTrack")
RATES = (5.0, 10.0)
SEEDS = (1, 2)
SCORE_FLOOR = 0.1
Case = tuple[str, float, list[tuple[tuple[int, int], list[Moment]]]]


def main() -> None:
    """Parse the command line, measure, print Markdown tables."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--footage", type=Path, help="folder of the real clips")
    parser.add_argument("--cache", type=Path, default=Path("/tmp/tracking"), help="where detections are kept")
    asked = parser.parse_args()
    makers = installed()
    for title, partial, cases in (
        ("Simulated traffic, exact identities", False, simulated(colours=True)),
        ("The same without colours", False, simulated(colours=False)),
        ("Real footage, identities agreed at full rate", True, filmed(asked.footage, asked.cache, makers)),
    ):
        table(title, cases, makers, partial=partial)


def simulated(*, colours: bool) -> Iterator[Case]:
    """Every scenario at every rate; without colours at the lower one only."""
    for name, make in SCENARIOS.items():
        for fps in RATES if colours else RATES[:1]:
            films = [observe(*make(seed), fps=fps, seed=seed) for seed in SEEDS]
            if not colours:
                films = [[_colourless(moment) for moment in moments] for moments in films]
            yield name, fps, [(SIZE_WH, moments) for moments in films]


def filmed(folder: Path | None, cache: Path, makers: dict[str, Maker]) -> Iterator[Case]:
    """Every clip that is there at every rate, if both judges are installed."""
    if folder is None or not all(judge in makers for judge in JUDGES):
        print("real footage left out: it needs --footage, `trackers`, `ultralytics` and `lap`", file=sys.stderr)
        return
    clips = [load(cached(folder / f"{name}.mp4", cache)) for name in CLIPS if (folder / f"{name}.mp4").exists()]
    truths = [reference(clip, *(makers[judge] for judge in JUDGES)) for clip in clips]
    for clip, truth in zip(clips, truths, strict=True):
        boxes, found = sum(len(row[0]) for row in truth.values()), len({i for row in truth.values() for i in row[0]})
        print(f"{clip.name}: {clip.fps:.0f} fps, {found} agreed road users, {boxes} boxes", file=sys.stderr)
    for fps in RATES:
        for clip, truth in zip(clips, truths, strict=True):
            yield clip.name, fps, [(clip.size_wh, _moments(clip, truth, fps))]


def _moments(
    clip: Footage, truth: dict[float, tuple[NDArray[np.intp], NDArray[np.float64]]], fps: float
) -> list[Moment]:
    return [
        Moment(t_s=t_s, ids=truth[t_s][0], xyxy_px=truth[t_s][1], detections=seen)
        for t_s, seen in thin(clip.frames, fps)
    ]


def _colourless(moment: Moment) -> Moment:
    seen = moment.detections
    plain = Detections(xyxy=seen.xyxy, score=seen.score, kind=seen.kind)
    return Moment(t_s=moment.t_s, ids=moment.ids, xyxy_px=moment.xyxy_px, detections=plain)


def table(title: str, cases: Iterator[Case], makers: dict[str, Maker], *, partial: bool) -> None:
    """One row per tracker and rate, summed over cases of that rate, with IDF1 of each case."""
    cases = list(cases)
    print(f"\n### {title}\n")
    for fps in sorted({case[1] for case in cases}):
        chosen = [case for case in cases if case[1] == fps]
        print(f"| {fps:g} fps | IDF1 | switches | stitches | fragments | recall | ms a frame | {_names(chosen)} |")
        print("|---|" + "---:|" * (6 + len(chosen)))
        for name, maker in makers.items():
            print(_row(name, maker, chosen, partial=partial), flush=True)
        print()


def _names(cases: list[Case]) -> str:
    return " | ".join(case[0] for case in cases)


def _row(name: str, maker: Maker, cases: list[Case], *, partial: bool) -> str:
    total, parts, spent_s, frames = Scores(), [], 0.0, 0
    for _, fps, runs in cases:
        part = Scores()
        for size_wh, moments in runs:
            scores, run_s = run(maker, fps, size_wh, moments, partial=partial)
            part, spent_s, frames = part + scores, spent_s + run_s, frames + len(moments)
        parts.append(f"{part.idf1:.3f}")
        total += part
    figures = f"{total.idf1:.3f} | {total.switches} | {total.stitches} | {total.fragments} | {total.recall:.3f}"
    return f"| {name} | {figures} | {spent_s / frames * 1e3:.1f} | {' | '.join(parts)} |"


def run(
    maker: Maker, fps: float, size_wh: tuple[int, int], moments: list[Moment], *, partial: bool
) -> tuple[Scores, float]:
    """Scores of one tracker over one film, and the CPU seconds it took."""
    step, scorer, spent_s = maker(fps, size_wh), IdentityScorer(partial=partial), 0.0
    for moment in moments:
        begun = time.process_time()
        ids, boxes = step(moment.t_s, moment.detections)
        spent_s += time.process_time() - begun
        scorer.add(moment.ids, moment.xyxy_px, ids, boxes)
    return scorer.result(), spent_s


def cached(video: Path, cache: Path) -> Path:
    """The file with the detections of every frame of a video, made if absent."""
    path = cache / f"{video.stem}.npz"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        registry = load_registry(default_registry_path())
        backend = open_backend(registry.network(registry.defaults["detect"]), score_min=SCORE_FLOOR)
        try:
            _detect(video, path, backend)
        finally:
            backend.close()
    return path


def _detect(video: Path, path: Path, backend: Backend) -> None:
    t_s, rows, looks, size_wh = [], [], [], (0, 0)
    with av.open(str(video)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            size_wh = (frame.width, frame.height)
            picture = Picture.resized(frame.to_ndarray(format="bgr24"), backend.letterbox(size_wh))
            seen = backend.submit(picture).result()
            t_s.append(float(frame.time))
            rows.append(np.column_stack([np.full(len(seen), index), seen.xyxy, seen.score, seen.kind]))
            looks.append(np.zeros((len(seen), 48), np.uint8) if seen.appearance is None else seen.appearance)
    rows_px = np.concatenate(rows).astype(np.float32)
    np.savez_compressed(path, t=np.array(t_s), rows=rows_px, app=np.concatenate(looks), size=np.array(size_wh))


if __name__ == "__main__":
    main()

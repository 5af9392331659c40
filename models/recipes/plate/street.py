"""Plates on real streets: every vehicle that is followed through a clip is treated as if it had offended.

In: clips of `FOOTAGE` (those that are absent are named and passed over) and the registry's networks. Out, printed:
counts, no plate in clear: vehicles followed for a second, those with a plate in some picture, how wide their plates
are, how surely they are read, and what is painted on trucks. Nobody has written down what stands there: a sheet of the
crops with what was read (`SHEET`) is for the eye, and stays out of every repository.

    python -m models.recipes.plate.street --footage ../shared/data/footage --sheet runs/plate/street.png
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from detector.inference import Backend, Picture, load_registry, open_backend
from detector.inference.registry import Registry, default_registry_path
from detector.tracking import Tracker
from detector.types import MOTOR_VEHICLES, ClockGrade, Finding, FrameStamp, ObjectClass, SourceError, ViolationKind
from detector.types.violation import PathRow
from models.recipes.network import Image
from pipelines.plate_evidence import ActPlate, PlateWitness, open_witness
from pipelines.shots import Looks
from pipelines.video.recording import open_recording
from pipelines.video.source import SourceFrame, open_source
from pipelines.video.stills import Still

RATE_HZ = 5.0
SECONDS_MAX = 60.0
SCORE_FLOOR = 0.1
FOLLOWED_S = 1.0
WIDE_PX = 30
READ = 0.5
TILE_WH = (260, 130)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFrames:
    """`Footage` of the pictures that were looked at, kept in memory."""

    frames: tuple[Still, ...]
    name: str
    sha256: str | None = None
    clip_suffix: str | None = None
    frame_s: float = 1 / RATE_HZ

    def stills(self, times_s: Sequence[float]) -> list[Still]:
        times = np.array([still.t_s for still in self.frames])
        return [self.frames[int(np.abs(times - t_s).argmin())] for t_s in times_s]

    def cut(self, t_start_s: float, t_end_s: float, target: Path) -> float:
        raise SourceError(f"{target}: there are no packets from {t_start_s} to {t_end_s} s")


@dataclass(slots=True)
class Vehicle:
    """One that was followed: its class as voted last, and where it was seen."""

    kind: ObjectClass = ObjectClass.CAR
    rows: list[PathRow] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return self.rows[-1][0] - self.rows[0][0] if self.rows else 0.0


def vehicles_of(clip: Path, backend: Backend, registry: Registry) -> tuple[SeenFrames, list[Vehicle], tuple[int, int]]:
    """The pictures looked at, the motor vehicles followed through them, and the picture's size."""
    network, stills, found = registry.network(registry.defaults["detect"]), list[Still](), dict[int, Vehicle]()
    tracker: Tracker | None = None
    size_wh = (0, 0)
    for frame in _thinned(clip):
        image = frame.full()
        size_wh = (image.shape[1], image.shape[0])
        tracker = tracker or Tracker(ground=None, size_wh=size_wh, calibration=network.calibrated)
        stills.append(Still(frame.t_s, image))
        seen = backend.submit(Picture.resized(image, backend.letterbox(size_wh))).result()
        stamp = FrameStamp(
            camera_id="street",
            epoch=0,
            index=len(stills),
            pts=None,
            t_s=frame.t_s,
            seen_at=None,
            clock=ClockGrade.PTS,
        )
        for track in tracker.step(stamp, seen).tracks:
            if track.measured and track.kind in MOTOR_VEHICLES:
                vehicle = found.setdefault(track.id, Vehicle())
                vehicle.kind = track.kind
                vehicle.rows.append((frame.t_s, *track.xyxy))
    followed = [vehicle for vehicle in found.values() if vehicle.seconds >= FOLLOWED_S]
    return SeenFrames(frames=tuple(stills), name=clip.name), followed, size_wh


def _thinned(clip: Path) -> Iterator[SourceFrame]:
    """Frames at most `RATE_HZ`, for `SECONDS_MAX`."""
    next_s = 0.0
    for frame in open_source(open_recording(clip)).frames():
        if frame.t_s > SECONDS_MAX:
            return
        if frame.t_s >= next_s - 1e-6:
            next_s = frame.t_s + 1 / RATE_HZ
            yield frame


def as_offender(vehicle: Vehicle, number: int) -> Finding:
    """An act of that vehicle, over the whole time in which it was followed."""
    return Finding(
        kind=ViolationKind.WRONG_WAY,
        zone_id="street",
        rule_version="none",
        track_id=number,
        vehicle=vehicle.kind,
        t_start_s=vehicle.rows[0][0],
        t_end_s=vehicle.rows[-1][0],
        confidence=1.0,
        moments={},
        facts={},
        path=tuple(vehicle.rows),
    )


def print_clip(clip: Path, backend: Backend, registry: Registry, witness: PlateWitness) -> list[ActPlate]:
    """Counts of one clip; its readings."""
    footage, vehicles, size_wh = vehicles_of(clip, backend, registry)
    started = time.process_time()
    findings = [as_offender(vehicle, number) for number, vehicle in enumerate(vehicles)]
    read = [witness.read(Looks(footage, finding, size_wh), finding) for finding in findings]
    spent = (time.process_time() - started) / max(len(vehicles), 1)
    plates = [plate for plate in read if plate is not None]
    with_plate = [plate for plate in plates if plate.shots]
    wide = [plate for plate in with_plate if max(shot.crop.shape[1] for shot in plate.shots) >= WIDE_PX]
    words = [plate.painted for plate in plates if plate.painted is not None]
    told = [word.number.says.value for word in words if word.number is not None]
    counts = [
        len(vehicles),
        len(with_plate),
        len(wide),
        sum(plate.reading.valid and plate.reading.confidence >= READ for plate in with_plate),
        sum(plate.sure for plate in with_plate),
        len(words),
        ", ".join(f"{told.count(says)} {says}" for says in sorted(set(told))) or 0,
        f"{spent * 1000:.0f}",
    ]
    print(f"| {clip.stem} | {' | '.join(map(str, counts))} |", flush=True)
    return plates


def sheet(plates: Sequence[ActPlate], path: Path) -> None:
    """Crops beside what was read of them, the surest first; painted numbers last."""
    shown = sorted((plate for plate in plates if plate.shots), key=lambda plate: -plate.reading.confidence)
    tiles = [
        _tile(max((shot.crop for shot in plate.shots), key=lambda crop: crop.shape[1]), plate.reading.shown, plate.sure)
        for plate in shown
        if plate.reading.confidence >= READ
    ]
    for plate in plates:
        if plate.painted is not None and plate.painted.number is not None:
            number = plate.painted.number
            tiles += [_tile(crop, f"{number.reading.shown} {number.says.value}", False) for crop in plate.painted.crops]
    tiles += [np.full((*TILE_WH[::-1], 3), 255, np.uint8)] * (-len(tiles) % 5 + (5 if not tiles else 0))
    cv2.imwrite(str(path), np.vstack([np.hstack(tiles[n : n + 5]) for n in range(0, len(tiles), 5)]))


def _tile(crop: Image, text: str, sure: bool) -> Image:
    tile = np.full((*TILE_WH[::-1], 3), 255, np.uint8)
    wide, high = TILE_WH[0], TILE_WH[1] - 30
    scale = min(wide / crop.shape[1], high / crop.shape[0])
    size = (max(1, int(crop.shape[1] * scale)), max(1, int(crop.shape[0] * scale)))
    tile[: size[1], : size[0]] = cv2.resize(crop, size, interpolation=cv2.INTER_CUBIC)
    told = f"{text} {'sure' if sure else ''} {crop.shape[1]}px"
    cv2.putText(tile, told, (2, TILE_WH[1] - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1)
    return tile


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--footage", type=Path, required=True, help="folder with clips")
    parser.add_argument("--clips", nargs="*", help="file names; all of the folder's by default")
    parser.add_argument("--registry", type=Path, default=default_registry_path())
    parser.add_argument("--sheet", type=Path)
    args = parser.parse_args()
    registry = load_registry(args.registry)
    witness = open_witness(registry)
    if witness is None:
        parser.error(f"{args.registry}: names no plate networks under [defaults]")
    clips = [args.footage / name for name in args.clips or sorted(path.name for path in args.footage.glob("*.mp4"))]
    for clip in clips:
        if not clip.is_file():
            print(f"{clip}: absent, passed over")
    backend = open_backend(registry.network(registry.defaults["detect"]), score_min=SCORE_FLOOR)
    print("| clip | vehicles | plate found | >= 30 px | read from 0.5 | sure | trucks searched | painted | ms each |")
    print("|---|---|---|---|---|---|---|---|---|")
    read = [plate for clip in clips if clip.is_file() for plate in print_clip(clip, backend, registry, witness)]
    backend.close()
    if args.sheet:
        sheet(read, args.sheet)


if __name__ == "__main__":
    main()

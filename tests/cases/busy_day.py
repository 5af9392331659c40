"""A whole busy day of tracks, and what trying a drawing on it costs: `python -m tests.cases.busy_day --tracks 60000`.

Riders and cars pass, every twentieth stands for a minute; each drawing of the trial accuses thousands. Told as JSON:
files and bytes on the disk, seconds and CPU of the trial's process, its peak memory, and what it found.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cases.tracks import TrackLog, save_stretch, tracks_folder
from detector.types import ObjectClass, TrackedFrame
from tests.builders import Walk, frames_of, line, standing

CAMERA = "CAM-BUSY"
FPS = 5.0
PIECE_S = 600.0
STANDING_SHARE = 0.05
BEGIN = datetime(2026, 11, 20, tzinfo=UTC)
WHOLE = "polygon: [[0, 0], [1000, 0], [1000, 1000], [0, 1000]]"
HEAD = f"version: 1\ncamera: {{id: {CAMERA}}}\nsize: [1000, 1000]\nzones:\n"
WATCHED = f"{HEAD}  - {{id: down, kind: one_way, {WHOLE}, direction: [[500, 100], [500, 900]]}}\n"
DRAWING = f"{HEAD}  - {{id: kerb, kind: no_parking, {WHOLE}, limit_s: 20}}\n"


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--tracks", type=int, default=60_000)
    asked.add_argument("--hours", type=float, default=24.0)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="phatnguoi-day-") as folder:
        root = tracks_folder(Path(folder))
        began = time.monotonic()
        keep(root, tracks=given.tracks, hours=given.hours)
        files = list(root.rglob("*.npz"))
        told = {
            "tracks": given.tracks,
            "hours": given.hours,
            "files": len(files),
            "mb": round(sum(path.stat().st_size for path in files) / 1e6, 1),
            "made_in_s": round(time.monotonic() - began, 1),
        }
        print(json.dumps(told | tried(root)))


def keep(root: Path, *, tracks: int, hours: float) -> None:
    log = TrackLog(CAMERA, "live/1", WATCHED, lambda stretch: save_stretch(root, stretch))
    for frame in _frames(tracks=tracks, until_s=hours * 3600):
        log.note(frame)
    log.close()


def _frames(*, tracks: int, until_s: float) -> Iterator[TrackedFrame]:
    """Piece by piece, for every frame of a piece looks at all of its walks; nobody is on the street between pieces."""
    chance, pieces = random.Random(20261120), max(round(until_s / PIECE_S), 1)
    share, index = -(-tracks // pieces), 0
    for piece in range(pieces):
        since_s = piece * PIECE_S
        walks = [_walk(chance, piece * share + number + 1, since_s) for number in range(share)]
        for place, frame in enumerate(frames_of(*walks, since_s=since_s, until_s=since_s + PIECE_S - 1 / FPS, fps=FPS)):
            yield _stamped(frame, index + place)
        index += round(PIECE_S * FPS)


def _stamped(frame: TrackedFrame, index: int) -> TrackedFrame:

    seen_at = BEGIN + timedelta(seconds=frame.stamp.t_s)
    return replace(frame, stamp=replace(frame.stamp, index=index, seen_at=seen_at))


def _walk(chance: random.Random, number: int, since_s: float) -> Walk:
    begins_s = since_s + chance.uniform(0, PIECE_S - 75)
    x = chance.uniform(100, 900)
    if chance.random() < STANDING_SHARE:
        where, until_s = standing((x, chance.uniform(200, 800)), size=(120, 80)), begins_s + 60
        return Walk(id=number, kind=ObjectClass.CAR, where=where, since_s=begins_s, until_s=until_s)
    until_s = begins_s + chance.uniform(5, 11)
    ends = ((x, 950.0), (x, 50.0)) if chance.random() < 0.05 else ((x, 50.0), (x, 950.0))
    where = line(*ends, since_s=begins_s, until_s=until_s)
    return Walk(id=number, where=where, since_s=begins_s, until_s=until_s)


def tried(root: Path) -> dict[str, object]:
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "cases.trial", str(root), CAMERA, "48"]
    done = subprocess.run(command, input=DRAWING, text=True, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    outcome = json.loads(done.stdout.splitlines()[-1])
    return {
        "trial_s": round(time.monotonic() - began, 1),
        "trial_cpu_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        "trial_peak_mb": round(after.ru_maxrss / 1024),
        "counts": outcome["counts"],
        "listed": len(outcome["acts"]),
        "watched_h": round(outcome["watched_s"] / 3600, 2),
    }


if __name__ == "__main__":
    main()

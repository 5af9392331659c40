"""What was seen in a recording, segment by segment, on disk: the part of the work that is expensive to repeat.

A segment is written whole or not at all. After a crash the rules replay the stored segments in seconds and analysis
goes on behind the last one, so nothing of a tracker's or rule's state ever needs saving.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cases.evidence.disk import explain
from detector.types import ClockGrade, Detections, FrameStamp
from detector.types.detections import APPEARANCE_WIDTH
from pipelines.video.source import ReadCounters

SEGMENT_S = 30.0
"""Stream seconds per segment: what a crash costs at most."""
_STATE = "state_"
_GRADES = tuple(ClockGrade)


@dataclass(frozen=True, slots=True)
class Observation:
    """One analysed frame: when it was, and what was in it (lasting foreground included, as class OBJECT).

    `read` counts what was read up to this frame; None when the observation comes from a stored segment.
    """

    stamp: FrameStamp
    detections: Detections
    read: ReadCounters | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Consecutive observations and what is needed to go on behind them.

    Attributes:
        observations: in order.
        state: arrays of the foreground model after the last one.
        counters: what was read and went wrong since the start of the recording.
        last: the recording ends with this segment.
    """

    observations: Sequence[Observation]
    state: Mapping[str, NDArray[np.generic]]
    counters: ReadCounters
    last: bool


class SegmentStore:
    """The segments of one job, numbered from zero, in one folder."""

    def __init__(self, folder: Path, *, camera_id: str, start_at: datetime | None) -> None:
        self._folder = folder
        self._camera_id = camera_id
        self._start_at = start_at

    def save(self, number: int, segment: Segment) -> None:
        """Writes segment `number`, atomically.

        Raises:
            EvidenceError: the folder cannot be written (full, read-only).
        """
        target = self._path(number)
        partial = target.with_suffix(".partial")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                file.write(_packed(_arrays(segment)))
                file.flush()
                os.fsync(file.fileno())
            partial.replace(target)
        except OSError as error:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise explain(error, target) from error

    def load(self) -> Iterator[Segment]:
        """The unbroken run of segments from the first on; a damaged one and all behind it are dropped."""
        number = 0
        while self._path(number).exists():
            arrays = _unpacked(self._path(number).read_bytes())
            if arrays is None:
                break
            yield self._segment(arrays)
            number += 1
        self._drop_from(number)

    def _drop_from(self, number: int) -> None:
        while self._path(number).exists():
            self._path(number).unlink()
            number += 1

    def _path(self, number: int) -> Path:
        return self._folder / f"segment-{number:06d}.bin"

    def _segment(self, arrays: dict[str, NDArray[np.generic]]) -> Segment:
        counts = arrays["counters"].tolist()
        ends = np.cumsum(arrays["rows"])
        return Segment(
            observations=[
                Observation(self._stamp(arrays, i), _rows(arrays, int(end - arrays["rows"][i]), int(end)))
                for i, end in enumerate(ends)
            ],
            state={name.removeprefix(_STATE): array for name, array in arrays.items() if name.startswith(_STATE)},
            counters=ReadCounters(counts[0], counts[1], counts[2], bool(counts[3])),
            last=bool(arrays["last"]),
        )

    def _stamp(self, arrays: dict[str, NDArray[np.generic]], i: int) -> FrameStamp:
        t_s, pts = float(arrays["t_s"][i]), int(arrays["pts"][i])
        return FrameStamp(
            camera_id=self._camera_id,
            epoch=int(arrays["epoch"][i]),
            index=int(arrays["index"][i]),
            pts=None if pts == _NO_PTS else pts,
            t_s=t_s,
            seen_at=seen_at(self._start_at, t_s),
            clock=_GRADES[int(arrays["clock"][i])],
            repeated=bool(arrays["repeated"][i]),
        )


def seen_at(start_at: datetime | None, t_s: float) -> datetime | None:
    """UTC of a stream time, None when nothing puts the recording on the calendar."""
    return None if start_at is None else start_at + timedelta(seconds=t_s)


_NO_PTS = np.iinfo(np.int64).min


def _arrays(segment: Segment) -> dict[str, Any]:
    stamps = [observation.stamp for observation in segment.observations]
    seen = [observation.detections for observation in segment.observations]
    counters = segment.counters
    arrays: dict[str, Any] = {
        "t_s": np.array([s.t_s for s in stamps], np.float64),
        "pts": np.array([_NO_PTS if s.pts is None else s.pts for s in stamps], np.int64),
        "index": np.array([s.index for s in stamps], np.int64),
        "epoch": np.array([s.epoch for s in stamps], np.int64),
        "clock": np.array([_GRADES.index(s.clock) for s in stamps], np.uint8),
        "repeated": np.array([s.repeated for s in stamps], bool),
        "rows": np.array([len(d) for d in seen], np.int64),
        "xyxy": np.concatenate([np.zeros((0, 4), np.float32), *(d.xyxy for d in seen)]),
        "score": np.concatenate([np.zeros(0, np.float32), *(d.score for d in seen)]),
        "kind": np.concatenate([np.zeros(0, np.uint8), *(d.kind for d in seen)]),
        "appearance": np.concatenate([np.zeros((0, APPEARANCE_WIDTH), np.uint8), *map(_appearance, seen)]),
        "load": np.concatenate([np.zeros((0, 5), np.float32), *map(_load, seen)]),
        "last": np.array(segment.last),
        "counters": np.array(
            [counters.frames, counters.corrupt, counters.time_faults, int(counters.truncated)], np.int64
        ),
    }
    return arrays | {_STATE + name: array for name, array in segment.state.items()}


def _packed(arrays: Mapping[str, Any]) -> bytes:
    """SHA-256, then the arrays as npz: damage of any byte is noticed, whatever it would make of the archive."""
    buffer = BytesIO()
    np.savez(buffer, **arrays)
    data = buffer.getvalue()
    return hashlib.sha256(data).digest() + data


def _unpacked(packed: bytes) -> dict[str, NDArray[np.generic]] | None:
    """The arrays, None when the bytes are not those that were written."""
    digest, data = packed[: hashlib.sha256().digest_size], packed[hashlib.sha256().digest_size :]
    if hashlib.sha256(data).digest() != digest:
        return None
    with np.load(BytesIO(data), allow_pickle=False) as arrays:
        return dict(arrays)


def _appearance(seen: Detections) -> NDArray[np.uint8]:
    return np.zeros((len(seen), APPEARANCE_WIDTH), np.uint8) if seen.appearance is None else seen.appearance


def _load(seen: Detections) -> NDArray[np.float32]:
    return np.full((len(seen), 5), np.nan, np.float32) if seen.load is None else seen.load


def _rows(arrays: dict[str, NDArray[np.generic]], first: int, end: int) -> Detections:
    return Detections(
        xyxy=arrays["xyxy"][first:end].astype(np.float32),
        score=arrays["score"][first:end].astype(np.float32),
        kind=arrays["kind"][first:end].astype(np.uint8),
        appearance=arrays["appearance"][first:end].astype(np.uint8),
        load=arrays["load"][first:end].astype(np.float32),
    )

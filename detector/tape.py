"""A stretch of tracked frames as a few arrays, small enough to be kept for a day, and back again.

In: what a lane's tracker said, frame by frame. Out: columns sorted by track, so that neighbours are alike and pack
well. Boxes are kept to an eighth of a pixel, speeds and scores to three digits. A track's past before it was announced
comes with its first row; paths grow again as the tracker grows them. Metres are worked out anew, for another scene has
other ground points.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from detector.scene.ground import Ground
from detector.tracking.path import PathRecord
from detector.tracking.settings import PathSettings
from detector.types import ClockGrade, FrameStamp, LoadState, ObjectClass, PathPoint, Track, TrackedFrame
from detector.types.track import Box, Point

Arrays = dict[str, NDArray[np.generic]]
PER_PX = 8
GRADES = tuple(ClockGrade)
KINDS = tuple(ObjectClass)
VOTE_STEPS = 250
RECENT_S = 0.5
"""Speed on the road plane is taken over the last half second of the picture's speed."""
_FRAMES = (("t_s", np.float64), ("seen_s", np.float64), ("epoch", np.int32), ("index", np.int64), ("clock", np.uint8))


def stripped(frame: TrackedFrame, known: set[int]) -> TrackedFrame:
    """The frame without the paths of tracks that are known, for a day of paths fills any memory.

    Args:
        frame: the next one of a source.
        known: tracks seen before; those of this frame are added, ended ones taken out.
    """
    tracks = tuple(replace(track, path=()) if track.id in known else track for track in frame.tracks)
    known |= {track.id for track in tracks}
    known -= set(frame.ended)
    return replace(frame, tracks=tracks)


def pack(frames: Sequence[TrackedFrame]) -> Arrays:
    """The columns of consecutive frames of one source, each `stripped`."""
    rows = [(track.id, place, track) for place, frame in enumerate(frames) for track in frame.tracks]
    rows.sort(key=lambda row: row[:2])
    tracks = [track for _, _, track in rows]
    ended = [(place, one) for place, frame in enumerate(frames) for one in frame.ended]
    arrays: Arrays = _stamps(frames) | _columns(tracks) | _past(tracks) | _loads(tracks)
    arrays["frame"] = np.array([place for _, place, _ in rows], np.int32)
    arrays["ended"] = np.array(ended, np.int64).reshape(-1, 2)
    return arrays


def _stamps(frames: Sequence[TrackedFrame]) -> Arrays:
    stamps = [frame.stamp for frame in frames]
    values = {
        "t_s": [stamp.t_s for stamp in stamps],
        "seen_s": [np.nan if stamp.seen_at is None else stamp.seen_at.timestamp() for stamp in stamps],
        "epoch": [stamp.epoch for stamp in stamps],
        "index": [stamp.index for stamp in stamps],
        "clock": [GRADES.index(stamp.clock) for stamp in stamps],
    }
    return {name: np.array(values[name], kind) for name, kind in _FRAMES}


def _columns(tracks: Sequence[Track]) -> Arrays:
    boxes = np.array([track.xyxy for track in tracks], float).reshape(-1, 4)
    votes = np.array([track.votes or (0.0,) * len(KINDS) for track in tracks], float).reshape(-1, len(KINDS))
    stills = [np.nan if track.still_since_s is None else track.still_since_s for track in tracks]
    return {
        "track": np.array([track.id for track in tracks], np.int64),
        "kind": np.array([track.kind for track in tracks], np.uint8),
        "measured": np.array([track.measured for track in tracks], bool),
        "score": np.array([track.score for track in tracks], np.float16),
        "mean_score": np.array([track.mean_score for track in tracks], np.float16),
        "xyxy": np.diff(np.rint(boxes * PER_PX).astype(np.int32), axis=0, prepend=np.zeros((1, 4), np.int32)),
        "velocity": np.array([track.velocity_px_s for track in tracks], np.float16).reshape(-1, 2),
        "first_s": np.array([track.first_t_s for track in tracks], np.float64),
        "still_s": np.array(stills, np.float64),
        "votes": np.rint(votes * VOTE_STEPS).astype(np.uint8),
    }


def _past(tracks: Sequence[Track]) -> Arrays:
    """Points of paths before the first row of tracks that were not known yet."""
    points = [(track.id, point) for track in tracks for point in track.path[:-1]]
    return {
        "past_track": np.array([one for one, _ in points], np.int64),
        "past_s": np.array([point.t_s for _, point in points], np.float64),
        "past_xyxy": np.array([point.xyxy for _, point in points], np.float32).reshape(-1, 4),
        "past_measured": np.array([point.measured for _, point in points], bool),
    }


def _loads(tracks: Sequence[Track]) -> Arrays:
    """Loads were read of few tracks: their rows, and the scores."""
    read = [(row, track.load) for row, track in enumerate(tracks) if track.load is not None]
    scores = np.array([load for _, load in read], np.float32).reshape(-1, len(LoadState))
    return {"load_row": np.array([row for row, _ in read], np.int64), "load": scores}


@dataclass(slots=True)
class Player:
    """Gives the frames of one source's stretches again, one stretch after the other.

    Attributes:
        camera_id: whose they are.
        ground: picture to road plane in the scene they are judged by, or None.
    """

    camera_id: str
    ground: Ground | None
    _paths: dict[int, PathRecord] = field(default_factory=dict, init=False)

    def play(self, arrays: Mapping[str, NDArray[np.generic]]) -> Iterator[TrackedFrame]:
        """The frames that `pack` was given, in order."""
        table = _Rows(arrays, self.ground)
        self._begin(arrays)
        ended: dict[int, list[int]] = {}
        for place, one in arrays["ended"].tolist():
            ended.setdefault(place, []).append(one)
        for place, stamp in enumerate(self._stamps(arrays)):
            tracks = tuple(self._track(table, row, stamp.t_s) for row in table.of(place))
            over = tuple(ended.get(place, ()))
            for one in over:
                self._paths.pop(one, None)
            yield TrackedFrame(stamp=stamp, tracks=tracks, ended=over)

    def _begin(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        boxes = _boxes(arrays["past_xyxy"].astype(float))
        grounds = _metres(self.ground, _feet(arrays["past_xyxy"].astype(float)))
        rows = zip(arrays["past_track"].tolist(), arrays["past_s"].tolist(), boxes, grounds,
                   arrays["past_measured"].tolist(), strict=True)  # fmt: skip
        for one, t_s, box, metres, measured in rows:
            path = self._path(one)
            if all(last.t_s < t_s for last in path.tail(1)):  # a restarted worker tells the past of a track again
                path.add(PathPoint(t_s, box, ((box[0] + box[2]) / 2, box[3]), metres, measured))

    def _path(self, track_id: int) -> PathRecord:
        return self._paths.setdefault(track_id, PathRecord(PathSettings()))

    def _stamps(self, arrays: Mapping[str, NDArray[np.generic]]) -> Iterator[FrameStamp]:
        columns = (arrays[name].tolist() for name, _ in _FRAMES)
        for t_s, seen_s, epoch, index, clock in zip(*columns, strict=True):
            seen_at = None if np.isnan(seen_s) else datetime.fromtimestamp(seen_s, UTC)
            yield FrameStamp(
                camera_id=self.camera_id, epoch=epoch, index=index, pts=None, t_s=t_s, seen_at=seen_at,
                clock=GRADES[clock],
            )  # fmt: skip

    def _track(self, table: "_Rows", row: int, t_s: float) -> Track:
        foot = table.feet[row]
        path = self._path(table.ids[row])
        path.add(PathPoint(t_s, table.boxes[row], foot, table.grounds[row], table.measured[row]))
        still_s = table.still_s[row]
        return Track(
            id=table.ids[row],
            kind=KINDS[table.kinds[row]],
            score=table.scores[row],
            mean_score=table.means[row],
            xyxy=table.boxes[row],
            measured=table.measured[row],
            foot_px=foot,
            ground_m=table.grounds[row],
            velocity_px_s=table.speeds[row],
            velocity_mps=table.speeds_m[row],
            first_t_s=table.first_s[row],
            still_since_s=None if math.isnan(still_s) else still_s,
            path=path.points(),
            load=table.loads.get(row),
            votes=table.votes[row],
        )


class _Rows:
    """The columns as plain values, by row; `of` gives the rows of a frame by rising track."""

    def __init__(self, arrays: Mapping[str, NDArray[np.generic]], ground: Ground | None) -> None:
        xyxy = np.cumsum(arrays["xyxy"].astype(np.int64), axis=0) / PER_PX
        velocity = arrays["velocity"].astype(float)
        feet = _feet(xyxy)
        self.ids: list[int] = arrays["track"].tolist()
        self.kinds: list[int] = arrays["kind"].tolist()
        self.measured: list[bool] = arrays["measured"].tolist()
        self.scores: list[float] = arrays["score"].astype(float).tolist()
        self.means: list[float] = arrays["mean_score"].astype(float).tolist()
        self.boxes = _boxes(xyxy)
        self.feet: list[Point] = [(x, y) for x, y in feet.tolist()]
        self.grounds = _metres(ground, feet)
        self.speeds: list[Point] = [(x, y) for x, y in velocity.tolist()]
        self.speeds_m = _speeds_m(ground, feet, velocity)
        self.first_s: list[float] = arrays["first_s"].tolist()
        self.still_s: list[float] = arrays["still_s"].tolist()
        votes = arrays["votes"].astype(float) / VOTE_STEPS
        self.votes = [tuple(row) if any(row) else () for row in votes.tolist()]
        loads = zip(arrays["load_row"].tolist(), arrays["load"].tolist(), strict=True)
        self.loads: dict[int, tuple[float, ...]] = {row: tuple(load) for row, load in loads}
        self._order: list[int] = np.argsort(arrays["frame"], kind="stable").tolist()
        self._ends: list[int] = np.cumsum(
            np.bincount(arrays["frame"].astype(int), minlength=len(arrays["t_s"]))
        ).tolist()

    def of(self, frame: int) -> Iterable[int]:
        """Rows of a frame."""
        return self._order[self._ends[frame - 1] if frame else 0 : self._ends[frame]]


def _boxes(xyxy: NDArray[np.float64]) -> list[Box]:
    return [(x1, y1, x2, y2) for x1, y1, x2, y2 in xyxy.tolist()]


def _feet(xyxy: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack([(xyxy[:, 0] + xyxy[:, 2]) / 2, xyxy[:, 3]])


def _metres(ground: Ground | None, points_px: NDArray[np.float64]) -> list[Point | None]:
    if ground is None:
        return [None] * len(points_px)
    return _known(ground.to_m(points_px))


def _speeds_m(ground: Ground | None, feet: NDArray[np.float64], velocity: NDArray[np.float64]) -> list[Point | None]:
    if ground is None:
        return [None] * len(feet)
    moved = (ground.to_m(feet) - ground.to_m(feet - velocity * RECENT_S)) / RECENT_S
    return _known(moved)


def _known(xy: NDArray[np.float64]) -> list[Point | None]:
    sure: list[bool] = np.isfinite(xy.sum(axis=1)).tolist()
    return [(x, y) if known else None for (x, y), known in zip(xy.tolist(), sure, strict=True)]

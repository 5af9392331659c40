"""From the tracker's tables to the `Track` values that leave it, and the path points they carry."""

import numpy as np
from numpy.typing import NDArray

from detector.scene.ground import Ground
from detector.tracking.boxes import foot_px
from detector.tracking.rows import Float, Index
from detector.tracking.tracks import Tracks
from detector.types import AS_IT_IS, Calibration, Detections, ObjectClass, PathPoint, Track
from detector.types.track import Box, Point

KINDS = tuple(ObjectClass)


def announce(
    tracks: Tracks,
    detections: Detections,
    source: Index,
    t_s: float,
    ground: Ground | None,
    calibration: Calibration = AS_IT_IS,
) -> tuple[Track, ...]:
    """Add this frame's point to every path and return the announced tracks by rising id.

    Args:
        tracks: all tables after this frame's matching.
        detections: this frame's, as they came.
        source: (m,) row in `detections` of each matched detection.
        t_s: this frame's time.
        ground: picture to road plane, or None.
        calibration: what scores mean; `Track.score` is told by it, `mean_score` stays raw.
    """
    _extend_paths(tracks, t_s, ground)
    lives = tracks.lives
    rows = np.flatnonzero(lives.confirmed)
    rows = rows[np.argsort(lives.id[rows])]
    velocity_px = _points(tracks.velocity_px_s(rows))
    velocity_m = _velocities_m(tracks, rows, ground)
    kinds, scores = lives.kind[rows].tolist(), calibration.probability(lives.kind[rows], lives.score[rows]).tolist()
    means = (lives.score_sum[rows] / lives.hits[rows]).tolist()
    votes = (lives.votes[rows] / lives.votes[rows].sum(axis=1, keepdims=True)).tolist()
    loads = _loads(detections, source, lives.detection[rows])
    out = []
    for i, row in enumerate(rows.tolist()):
        points = tracks.paths[row].points()
        here = points[-1]
        out.append(
            Track(
                id=int(lives.id[row]),
                kind=KINDS[kinds[i]],
                score=scores[i],
                mean_score=means[i],
                xyxy=here.xyxy,
                measured=here.measured,
                foot_px=here.foot_px,
                ground_m=here.ground_m,
                velocity_px_s=velocity_px[i],
                velocity_mps=velocity_m[i],
                first_t_s=float(lives.first_t_s[row]),
                still_since_s=float(tracks.still.since_s[row]) if tracks.still.standing[row] else None,
                path=points,
                load=loads[i],
                votes=tuple(votes[i]),
            )
        )
    return tuple(out)


def _extend_paths(tracks: Tracks, t_s: float, ground: Ground | None) -> None:
    feet = foot_px(tracks.box_px)
    on_ground: list[Point | None] = [None] * len(tracks) if ground is None else _known(ground.to_m(feet))
    boxes: list[Box] = [(x1, y1, x2, y2) for x1, y1, x2, y2 in tracks.box_px.tolist()]
    rows = zip(tracks.paths, boxes, _points(feet), on_ground, tracks.lives.measured.tolist(), strict=True)
    for path, box, foot, metres, measured in rows:
        path.add(PathPoint(t_s, box, foot, metres, measured))


def past_point(t_s: float, xyxy_px: Float, ground: Ground | None) -> PathPoint:
    """The point of a path at an earlier look at a box (4,)."""
    x1, y1, x2, y2 = xyxy_px.tolist()
    (foot,) = _points(foot_px(xyxy_px)[None])
    metres = None if ground is None else _known(ground.to_m(np.array([foot])))[0]
    return PathPoint(t_s, (x1, y1, x2, y2), foot, metres, True)


def _velocities_m(tracks: Tracks, rows: Index, ground: Ground | None) -> list[Point | None]:
    if ground is None:
        return [None] * len(rows)
    return _known(tracks.velocity_mps(rows, ground))


def _points(xy: Float) -> list[Point]:
    return [(x, y) for x, y in xy.tolist()]


def _known(xy: Float) -> list[Point | None]:
    known = np.isfinite(xy.sum(axis=1)).tolist()
    return [point if sure else None for point, sure in zip(_points(xy), known, strict=True)]


def _loads(detections: Detections, source: Index, columns: Index) -> list[tuple[float, ...] | None]:
    if detections.load is None:
        return [None] * len(columns)
    rows = [int(source[column]) if column >= 0 else -1 for column in columns]
    return [_load(detections.load[row]) if row >= 0 else None for row in rows]


def _load(scores: NDArray[np.float32]) -> tuple[float, ...] | None:
    return None if np.isnan(scores).any() else tuple(scores.tolist())

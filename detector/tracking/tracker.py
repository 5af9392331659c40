"""The tracker of one source: detections of a frame in, all road users of that frame out.

It owns every bit of per-track state from birth to the one announcement of the end, knows only stream time, and is
deterministic: equal input gives equal output. One thread calls it, frame by frame. Ids start at 1, rise in the
order of announcement and are never reused, not even after `finish`.
"""

from typing import Any

import numpy as np

from detector.scene.ground import Ground
from detector.tracking.announcement import announce
from detector.tracking.association import Seen, doubles, on_one_foot
from detector.tracking.boxes import at_edge, covered_share, iou
from detector.tracking.flow import FlowField
from detector.tracking.life import OBJECT_GROUP
from detector.tracking.matching import Matching
from detector.tracking.rows import Bool, Index
from detector.tracking.settings import TrackerSettings
from detector.tracking.threes import Look, agreeing, begin
from detector.tracking.tracks import Tracks
from detector.types import AS_IT_IS, Calibration, Detections, FrameStamp, TrackedFrame, Window

DEFAULT_SETTINGS = TrackerSettings()
COAST_S = 0.5
"""A standing object that goes unseen this long is put at rest at its place."""
BRIDGE_STEP_S = 0.2
"""The first look behind a hole counts for as much time as any other look: nobody saw the place empty before it."""
_MEMORY = ("_next_id", "_t_s", "_epoch", "_left", "_tracks", "_flow", "_looks")


class Tracker:
    """Follows the road users of one source.

    Args:
        ground: picture to road plane, None without one.
        size_wh: picture size, px.
        window: the part of it that is looked at, None where it is the whole.
        settings: all thresholds; they are compared with raw scores.
        calibration: what the scores mean, for the tracks it tells of.
    """

    def __init__(
        self,
        *,
        ground: Ground | None,
        size_wh: tuple[int, int],
        window: Window | None = None,
        settings: TrackerSettings = DEFAULT_SETTINGS,
        calibration: Calibration = AS_IT_IS,
    ) -> None:
        self._ground = ground
        self._size_wh = size_wh
        self._window = window or Window.whole(size_wh)
        self._settings = settings
        self._calibration = calibration
        self._next_id = 1
        self._t_s: float | None = None
        self._epoch: int | None = None
        self._left: list[int] = []
        self._tracks = Tracks(settings)
        self._flow = FlowField(size_wh)
        self._looks: tuple[Look, ...] = ()

    def step(self, stamp: FrameStamp, detections: Detections) -> TrackedFrame:
        """Take in one frame.

        Raises:
            ValueError: `stamp.t_s` does not rise within its epoch.
        """
        ended = self._begin(stamp) + self._left
        self._left = []
        dt_s = 0.0 if self._t_s is None else stamp.t_s - self._t_s
        self._t_s, self._epoch = stamp.t_s, stamp.epoch
        ended += self._drop(self._overdue(stamp.t_s, dt_s))
        self._predict(dt_s, stamp.t_s)
        seen = Seen(detections, self._settings.match, self._window)
        matching = Matching(self._tracks, seen, self._flow, stamp.t_s, self._settings)
        ended += self._follow_threes(matching, Look(stamp.t_s, seen))
        matching.run()
        self._looks = (*self._looks[-1:], Look(stamp.t_s, seen))
        self._start(seen, matching.free, stamp.t_s)
        self._tracks.coast()
        self._confirm()
        self._judge_stillness(stamp.t_s, dt_s)
        ended += self._drop(self._gone(seen, dt_s))
        tracks = announce(self._tracks, detections, seen.source, stamp.t_s, self._ground, self._calibration)
        self._learn_flow(dt_s)
        return TrackedFrame(stamp=stamp, tracks=tracks, ended=tuple(sorted(ended)))

    def finish(self) -> tuple[int, ...]:
        """End everything (end of the source, or before a new epoch); returns the ids that were still alive."""
        alive = self._announced_ids(np.ones(len(self._tracks), bool)) + self._left
        self._clear()
        return tuple(sorted(alive))

    def bridge(self, stamp: FrameStamp, stood_by_s: float = np.inf) -> None:
        """Goes on over a hole in the source: what moved has ended, what stood is looked for where it was left.

        Called before the `step` of the first frame behind the hole, whose times must have gone on rising over it. What
        stands only since `stood_by_s` or later has ended too.
        """
        if self._t_s is None:
            return
        still = self._tracks.still
        self._left += self._drop(~still.standing | (still.since_s >= stood_by_s))
        skipped_s = max(stamp.t_s - self._t_s - BRIDGE_STEP_S, 0.0)
        # A vehicle is known again by its look; goods have none, so only time in which they could be seen counts.
        self._tracks.lives.last_t_s[self._tracks.lives.group == OBJECT_GROUP] += skipped_s
        self._t_s, self._epoch = self._t_s + skipped_s, stamp.epoch

    def memory(self) -> dict[str, Any]:
        """Everything it remembers; not a copy, so it must be laid aside before the next step."""
        return {name: getattr(self, name) for name in _MEMORY}

    def recall(self, memory: dict[str, Any]) -> None:
        """Goes on from where `memory` was taken, by a tracker of the same scene and settings."""
        for name in _MEMORY:
            setattr(self, name, memory[name])

    def _clear(self) -> None:
        self._left = []
        self._tracks = Tracks(self._settings)
        self._looks = ()
        self._flow = FlowField(self._size_wh)
        self._t_s = self._epoch = None

    def _begin(self, stamp: FrameStamp) -> list[int]:
        if self._epoch is not None and stamp.epoch != self._epoch:
            return list(self.finish())
        if self._t_s is not None and stamp.t_s <= self._t_s:
            raise ValueError(
                f"FrameStamp.t_s: expected more than {self._t_s} s within epoch {stamp.epoch}, got {stamp.t_s} s; "
                "a stream that jumps back needs a new epoch"
            )
        return []

    def _announced_ids(self, rows: Bool) -> list[int]:
        ids = self._tracks.lives.id[rows]
        return [int(i) for i in ids[ids > 0]]

    def _drop(self, rows: Bool) -> list[int]:
        if not rows.any():
            return []
        ended = self._announced_ids(rows)
        self._tracks.keep(~rows)
        return ended

    def _overdue(self, t_s: float, dt_s: float) -> Bool:
        """Tracks unmeasured for longer than their kind of life allows; each gets at least one more look."""
        tracks, life = self._tracks, self._settings.life
        lost_s = np.where(self._at_edge(), max(life.edge_lost_s, dt_s), life.lost_s)
        third_s = t_s - self._looks[0].t_s if len(self._looks) == 2 else 0.0
        waits_s = third_s if third_s <= 2 * self._settings.threes.longest_gap_s else 0.0
        allowed = np.where(tracks.lives.confirmed, lost_s, max(life.tentative_s, dt_s, waits_s))
        allowed = np.where(tracks.still.standing, life.standing_lost_s, allowed)
        allowed = np.where(tracks.lives.group == OBJECT_GROUP, life.object_lost_s, allowed)
        return np.asarray(tracks.gap_s(t_s) > allowed + 1e-9)

    def _predict(self, dt_s: float, t_s: float) -> None:
        tracks = self._tracks
        tracks.lives.next_look()
        tracks.filter.predict(dt_s, tracks.still.standing)
        resting = tracks.still.standing & (tracks.gap_s(t_s) > COAST_S + dt_s)
        tracks.filter.freeze(resting, tracks.still.place_px[resting])

    def _follow_threes(self, matching: Matching, now: Look) -> list[int]:
        """Continues and starts tracks whose last three looks agree; returns the ids given up for them."""
        if len(self._looks) < 2:
            return []
        looks = self._looks[0], self._looks[1], now
        lives, rules = self._tracks.lives, self._settings.threes
        threes = agreeing(looks, self._tracks, self._settings)
        dear = matching.least_cost(lives.hits > rules.young_hits, [three.columns[2] for three in threes])
        threes = [three for three, cost in zip(threes, dear, strict=True) if cost >= rules.settled_cost]
        going_on = [three for three in threes if three.linked]
        matching.claim([three.rows[0] for three in going_on], [three.columns[2] for three in going_on])
        fresh = [three for three in threes if not three.linked]
        robbed = np.zeros(len(self._tracks), bool)
        robbed[[row for three in fresh for row in three.rows]] = True
        ended = self._drop(robbed)
        for three in fresh:
            begin(self._tracks, looks, three, self._ground)
            matching.free[three.columns[2]] = False
        return ended

    def _start(self, seen: Seen, free: Bool, t_s: float) -> None:
        match = self._settings.match
        columns = np.flatnonzero(free & (seen.score >= match.birth_score))
        columns = columns[~doubles(columns, np.flatnonzero(~free), seen, match)]
        if not len(columns):
            return
        rows = self._tracks.start(columns, seen, t_s)
        blobs = rows[self._tracks.lives.group[rows] == OBJECT_GROUP]
        self._tracks.still.stand(blobs, np.full(len(blobs), t_s), self._tracks.box_px[blobs])

    def _confirm(self) -> None:
        lives, life = self._tracks.lives, self._settings.life
        agreed = (lives.hits >= life.confirm_hits) & (lives.score_sum >= life.confirm_score_sum)
        fresh = np.flatnonzero(~lives.confirmed & lives.measured & (agreed | (lives.group == OBJECT_GROUP)))
        lives.id[fresh] = self._next_id + np.arange(len(fresh))
        self._next_id += len(fresh)

    def _judge_stillness(self, t_s: float, dt_s: float) -> None:
        tracks, still = self._tracks, self._tracks.still
        measured = np.flatnonzero(tracks.lives.measured)
        boxes = tracks.recent.xyxy_px[measured, -1]
        stood = still.standing[measured]
        blob = tracks.lives.group[measured] == OBJECT_GROUP
        still.look(measured[stood & ~blob], boxes[stood & ~blob], dt_s)
        still.follow(measured[stood & blob], boxes[stood & blob], dt_s)
        rows, places = still.settled(measured[~stood], t_s, tracks.recent)
        since = [
            still.arrival_s(place, tracks.paths[row].newest_first()) for row, place in zip(rows, places, strict=True)
        ]
        still.stand(rows, np.minimum(np.array(since, float), t_s), places)

    def _gone(self, seen: Seen, dt_s: float) -> Bool:
        """Tracks that have left the picture, or whose place is seen empty or taken by another."""
        tracks = self._tracks
        gone = ~tracks.lives.measured & ~tracks.still.standing & self._outside()
        waiting = np.flatnonzero(tracks.still.standing & ~tracks.lives.measured & (tracks.lives.group != OBJECT_GROUP))
        if len(waiting):
            visible = waiting[~self._hidden(waiting, seen)]
            gone[tracks.still.seen_empty(visible, dt_s)] = True
            gone[waiting[self._taken(waiting)]] = True
        gone[self._twins(dt_s)] = True
        return np.asarray(gone)

    def _at_edge(self) -> Bool:
        """(n,) tracks last measured at the edge of what is looked at."""
        return at_edge(self._tracks.recent.xyxy_px[:, -1], self._window)

    def _outside(self) -> Bool:
        centre = self._tracks.filter.mean[:, :2]
        return np.asarray(((centre < self._window[:2]) | (centre > self._window[2:])).any(axis=1))

    def _hidden(self, rows: Index, seen: Seen) -> Bool:
        """(k,) whether another box hides a good part of the place, or something unclear is detected there."""
        tracks = self._tracks
        others = tracks.box_px[~tracks.still.standing | tracks.lives.measured]
        boxes = np.concatenate([seen.xyxy_px, others])
        share = covered_share(tracks.still.place_px[rows], boxes)
        return np.asarray((share >= self._settings.life.covered).any(axis=1))

    def _taken(self, rows: Index) -> Bool:
        """(k,) whether another measured, standing track of the same group holds the same place."""
        tracks = self._tracks
        holders = np.flatnonzero(tracks.still.standing & tracks.lives.measured & tracks.lives.confirmed)
        same_group = tracks.lives.group[rows][:, None] == tracks.lives.group[holders][None]
        overlap = iou(tracks.still.place_px[rows], tracks.still.place_px[holders])
        return np.asarray((same_group & (overlap >= self._settings.life.taken_iou)).any(axis=1))

    def _twins(self, dt_s: float) -> Bool:
        """(n,) the younger of two tracks that have followed one road user's two boxes for a while."""
        lives, match = self._tracks.lives, self._settings.match
        rows = np.flatnonzero(lives.measured & (lives.group != OBJECT_GROUP))
        boxes, group = self._tracks.box_px[rows], lives.group[rows]
        same = on_one_foot(boxes, boxes, match) & (group[:, None] == group[None])
        lives.twin_s[rows] = np.where(np.tril(same, -1).any(axis=1), lives.twin_s[rows] + dt_s, 0.0)
        return np.asarray(lives.measured & (lives.twin_s > self._settings.life.twin_s))

    def _learn_flow(self, dt_s: float) -> None:
        tracks = self._tracks
        rows = np.flatnonzero(tracks.lives.confirmed & tracks.lives.measured & (tracks.lives.hits >= 3))
        mean, rate = tracks.filter.mean[rows, :2], tracks.filter.rate[rows, :2]
        self._flow.learn(mean, rate, tracks.filter.size_px[rows], dt_s)

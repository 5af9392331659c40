"""One frame's matching, stage by stage: sure tracks before new ones, high scores before low ones.

1. class-free objects by overlap;
2. announced tracks with high-score detections, then with low-score ones (ByteTrack, Zhang et al., 2022);
3. tentative tracks with what is left, trying for each track seen once every velocity its surroundings suggest;
4. standing tracks just lost with what is left nearby: they may have set off unseen.
"""

import numpy as np

from detector.tracking.association import (
    Prediction,
    Seen,
    add_looks,
    assign,
    back_in_place,
    match_cost,
    object_cost,
)
from detector.tracking.boxes import corner_shift, size_px, to_state
from detector.tracking.flow import FlowField
from detector.tracking.life import OBJECT_GROUP
from detector.tracking.rows import Bool, Float, Index
from detector.tracking.settings import TrackerSettings
from detector.tracking.tracks import Tracks


class Matching:
    """Runs the stages once; `free` tells afterwards which detections no track took."""

    def __init__(self, tracks: Tracks, seen: Seen, flow: FlowField, t_s: float, settings: TrackerSettings) -> None:
        self.tracks = tracks
        self.seen = seen
        self.flow = flow
        self.t_s = t_s
        self.settings = settings
        self.free: Bool = np.ones(len(seen.score), bool)
        self._gap_s = tracks.gap_s(t_s)

    def least_cost(self, wanted: Bool, columns: list[int]) -> list[float]:
        """What detections cost the cheapest of the wanted tracks."""
        rows = np.flatnonzero(wanted)
        if not (len(rows) and columns):
            return [np.inf] * len(columns)
        return list(self._announced_cost(rows, np.array(columns)).min(axis=0).tolist())

    def claim(self, rows: list[int], columns: list[int]) -> None:
        """Continues tracks before all stages."""
        self._take(np.array(rows, np.intp), np.array(columns, np.intp))

    def run(self) -> None:
        """All stages in order."""
        self._gap_s = self.tracks.gap_s(self.t_s)
        blob = self.tracks.lives.group == OBJECT_GROUP
        confirmed = self.tracks.lives.confirmed & ~blob
        lately = (self.tracks.lives.trail[:, 0] >= 0) | (self._gap_s <= self.settings.life.tentative_s + 1e-9)
        tentative = ~confirmed & ~blob & ~self.tracks.lives.measured & lately
        self._objects(np.flatnonzero(blob))
        self._announced(np.flatnonzero(confirmed))
        self._tentative(np.flatnonzero(tentative))
        self._departing(confirmed)

    def _columns(self, wanted: Bool) -> Index:
        return np.flatnonzero(self.free & wanted)

    def _take(self, rows: Index, columns: Index) -> None:
        self.free[columns] = False
        self.tracks.measure(rows, columns, self.seen, self.t_s)

    def _objects(self, rows: Index) -> None:
        columns = self._columns(self.seen.group == OBJECT_GROUP)
        if not (len(rows) and len(columns)):
            return
        cost = object_cost(self.tracks.box_px[rows], self.seen.xyxy_px[columns])
        row, column = assign(cost, 1.0)
        self._take(rows[row], columns[column])

    def _announced(self, rows: Index) -> None:
        """Both rounds at once: what a detection costs a track does not hang on what others took."""
        columns = np.flatnonzero(self.free)
        if not (len(rows) and len(columns)):
            return
        cost = self._announced_cost(rows, columns)
        high = self.seen.high[columns]
        for wanted in (high, ~high):
            left, offered = np.flatnonzero(~self.tracks.lives.measured[rows]), np.flatnonzero(wanted)
            row, column = assign(cost[np.ix_(left, offered)], self.settings.match.unmatched_cost)
            self._take(rows[left[row]], columns[offered[column]])

    def _announced_cost(self, rows: Index, columns: Index) -> Float:
        cost = self._cost(self._ahead(rows), columns)
        standing = np.flatnonzero(self.tracks.still.standing[rows])
        if len(standing):
            stands = rows[standing]
            there = np.minimum(cost[standing], self._cost(self._where_it_stood(stands), columns))
            cost[standing] = np.where(self._in_place(stands, columns), there, np.inf)
        return cost

    def _ahead(self, rows: Index) -> Prediction:
        return Prediction(rows, self.tracks.filter.mean[rows], self.tracks.filter.var[rows])

    def _where_it_stood(self, rows: Index) -> Prediction:
        """Standing rows expected at their place: one look at somebody who passes close by must not lure them away."""
        state = to_state(self.tracks.still.place_px[rows])
        size = np.exp(state[:, 2:].sum(axis=1, keepdims=True) / 2)
        return Prediction(rows, state, self.tracks.filter.noise_var(size))

    def _cost(self, ahead: Prediction, columns: Index, start_px: Float | None = None) -> Float:
        noise_var = self.tracks.filter.noise_var(np.exp(ahead.mean[:, 2:].sum(axis=1, keepdims=True) / 2))
        cost = match_cost(ahead, columns, self.seen, noise_var, self.settings.match, start_px)
        return add_looks(cost, ahead.rows, columns, self.seen, self.tracks)

    def _in_place(self, rows: Index, columns: Index) -> Bool:
        """(k, m): a standing track moves little between looks, and after a gap must be found as it was left."""
        match = self.settings.match
        boxes = self.seen.xyxy_px[columns]
        shift = corner_shift(self.tracks.box_px[rows, None], boxes[None])
        near = shift <= match.still_shift_sizes * size_px(self.tracks.box_px[rows])[:, None]
        back = back_in_place(self.tracks.still.place_px[rows], rows, columns, self.seen, self.tracks)
        return np.where((self._gap_s[rows] > match.rebind_gap_s)[:, None], back, near)

    def _tentative(self, rows: Index) -> None:
        columns = self._columns(self.seen.group != OBJECT_GROUP)
        if not (len(rows) and len(columns)):
            return
        once = self.tracks.lives.hits[rows] == 1
        rows = np.concatenate([rows[~once], rows[once]])
        first = int((~once).sum())
        velocity, spread, tried = self._first_steps(rows[first:], columns)
        cost = np.concatenate([self._cost(self._ahead(rows[:first]), columns), tried.min(axis=0)])
        row, column = assign(cost, self.settings.match.unmatched_cost)
        new = row[row >= first] - first
        slot = tried.argmin(axis=0)[new, column[row >= first]]
        started = rows[first:][new]
        self.tracks.filter.restart(started, velocity[new, slot], spread[new, slot], self._gap_s[started])
        self._take(rows[row], columns[column])

    def _first_steps(self, rows: Index, columns: Index) -> tuple[Float, Float, Float]:
        """Hypotheses on the velocity of rows seen once: each flow of their surroundings, and an unknown one.

        Returns:
            velocities (k, s, 2) px/s, their spreads (k, s), and the cost of each (s, k, m).
        """
        size = self.tracks.filter.size_px[rows]
        velocity, spread, share = self.flow.at(self.tracks.filter.mean[rows, :2])
        spread = np.hypot(spread, self.settings.motion.flow_speed_sizes_s * size[:, None])
        velocity = np.concatenate([velocity, np.zeros((len(rows), 1, 2))], axis=1)
        spread = np.column_stack([spread, self.settings.motion.first_speed_sizes_s * size])
        prior = np.column_stack([share, np.ones(len(rows))])
        tried = np.full((prior.shape[1], len(rows), len(columns)), np.inf)
        # All hypotheses at once: a call costs more than the few numbers it works on.
        slot, row = np.nonzero(prior.T > 0)
        ahead = self._shifted(rows[row], velocity[row, slot], spread[row, slot])
        rarity = -np.log(np.maximum(prior[row, slot], 1e-9))
        start_px = self.tracks.filter.mean[rows[row], :2]
        tried[slot, row] = self._cost(ahead, columns, start_px) + rarity[:, None]
        return velocity, spread, tried

    def _shifted(self, rows: Index, velocity: Float, spread: Float) -> Prediction:
        gap = self._gap_s[rows, None]
        mean, var = self.tracks.filter.mean[rows], self.tracks.filter.var[rows]
        mean[:, :2] += velocity * gap
        noise_var = self.tracks.filter.noise_var(self.tracks.filter.size_px[rows, None])
        var[:, :2] = noise_var[:, :2] + (spread[:, None] * gap) ** 2
        return Prediction(rows, mean, var)

    def _departing(self, confirmed: Bool) -> None:
        tracks, match = self.tracks, self.settings.match
        lately = (self._gap_s <= match.rebind_gap_s * 1.5) & ~tracks.lives.measured
        rows = np.flatnonzero(confirmed & tracks.still.standing & lately)
        columns = self._columns(self.seen.high)
        if not (len(rows) and len(columns)):
            return
        speed = self.settings.motion.first_speed_sizes_s * tracks.filter.size_px[rows] / 2
        ahead = self._shifted(rows, np.zeros((len(rows), 2)), speed)
        row, column = assign(self._cost(ahead, columns), match.unmatched_cost)
        self._take(rows[row], columns[column])

"""A live stream's clock: presentation times turned into seconds since the camera was first heard, and graded.

Arrival is the witness: where presentation times fall back, leap ahead of it or run at another speed, a new epoch
begins, and a stream whose times lie is timed by arrival from then on (NOMINAL). Times go on rising over epochs, so
that an act has one time only. Used by the stream's reading thread; `base_lag_s` may be read by any.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

from detector.types import ClockGrade

JUMP_BACK_S = 1.0
"""Times that fall back further are a new epoch; less is a swapped or repeated frame."""
JUMP_AHEAD_S = 5.0
"""Times that leap this much further than the wait for them are a new epoch."""
WINDOW_S = 10.0
"""The least lag of so many seconds of arrival is what the network alone costs."""
DRIFT = 0.05
"""A clock that gains or loses this share against arrival, window after window, lies."""
LYING_WINDOWS = 3
CRYSTAL = 1e-3
"""No sound clock gains or loses a larger share. After a long wait the usual lag follows no faster: what comes then may
be late."""
SETTLED_S = 6.0
"""So long after its beginning a connection has sent what it had in store; only then can times be too early."""
EARLY_S = 2.0
"""Times that come so much earlier than ever before belong to a clock that runs too fast."""
PUT_RIGHT_S = EARLY_S / CRYSTAL
"""A sound clock goes wrong by `EARLY_S` in no shorter time: one that is put right more often lies."""
FALLS_BEHIND = 2
"""A stream that falls behind so often without ever keeping up has a clock that runs too slow."""
STEP_S = 1e-3


class Zero:
    """The moment a camera was first heard, on the monotonic clock; its streams share one.

    Args:
        at_s: when an earlier worker heard it first, None for a camera without a past.
    """

    def __init__(self, at_s: float | None = None) -> None:
        self._lock = Lock()
        self._at_s = at_s

    def since(self, monotonic_s: float) -> float:
        """Seconds since the first call."""
        with self._lock:
            if self._at_s is None:
                self._at_s = monotonic_s
            return monotonic_s - self._at_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The time of one frame.

    Attributes:
        t_s: seconds since the camera was first heard, on the stream's clock.
        epoch: see `FrameStamp`.
        late_s: how much later than usual it came.
        grade: how far `t_s` can be trusted.
    """

    t_s: float
    epoch: int
    late_s: float
    grade: ClockGrade


class LiveClock:
    """The clock of one stream of one camera.

    Args:
        timed: the stream carries presentation times at all.
        epoch, after_s: where an earlier worker left off: its last epoch, and a time that ours must lie behind.
    """

    def __init__(self, *, timed: bool = True, epoch: int = -1, after_s: float = -math.inf) -> None:
        self.epoch = epoch
        self.base_lag_s = 0.0
        self._by_pts = timed
        self._lies = False
        self._began_s = 0.0
        self._time_base = 0.0
        self._origin = 0.0
        self._offset_s = 0.0
        self._highest_s = after_s
        self._arrived_s = 0.0
        self._window = _Window(0.0)
        self._lying = 0
        self._falls = 0
        self._settled_lag_s: float | None = None
        self._shown_s, self._step_s = 0.0, math.inf
        self._leapt_s = self._put_right_s = -math.inf

    @property
    def by_arrival(self) -> bool:
        """Whether times are those of arrival, because the stream has none or lies."""
        return not self._by_pts

    def fall_behind(self) -> None:
        """The stream is opened anew because it fell behind; if that does not help, its times are not believed."""
        self._falls += 1
        self._lies = self._by_pts and self._falls >= FALLS_BEHIND

    def restart(self) -> None:
        """The next packet belongs to a new connection."""
        self._time_base = 0.0

    def hear(self, ticks: int | None, time_base: float, arrived_s: float) -> bool:
        """Notes a packet in the order of arrival; True when it begins a new epoch.

        Args:
            ticks: its time of decoding (or presentation) in units of `time_base` seconds.
            time_base: seconds.
            arrived_s: seconds since the camera was first heard.
        """
        known = self._time_base != 0.0 and not self._lies
        began = not known or self._jumped(ticks, arrived_s) or self._put_right(ticks, arrived_s)
        if began:
            self._begin(ticks, time_base, arrived_s)
        waited_s, self._arrived_s = arrived_s - self._arrived_s, arrived_s
        if self._by_pts and ticks is not None:
            self._highest_s = max(self._highest_s, self._mapped(ticks))
            self._judge(arrived_s - self._mapped(ticks), arrived_s, waited_s)
        else:
            self._highest_s = max(self._highest_s, self._offset_s + arrived_s - self._began_s)
        return began

    def read(self, ticks: int | None, arrived_s: float) -> Reading:
        """The time of a frame or packet of the present epoch."""
        if not self._by_pts or ticks is None:
            t_s = self._offset_s + arrived_s - self._began_s
            return Reading(t_s=t_s, epoch=self.epoch, late_s=0.0, grade=ClockGrade.NOMINAL)
        t_s, grade = self._mapped(ticks), ClockGrade.PTS
        if abs(t_s - self._highest_s) > JUMP_AHEAD_S:
            # A single wild time among sound ones: it must not carry the camera hours ahead.
            t_s, grade = self._highest_s, ClockGrade.CORRECTED
        late_s = max(arrived_s - t_s - self.base_lag_s, 0.0)
        return Reading(t_s=t_s, epoch=self.epoch, late_s=late_s, grade=grade)

    def _mapped(self, ticks: int) -> float:
        return self._offset_s + (ticks - self._origin) * self._time_base

    def _jumped(self, ticks: int | None, arrived_s: float) -> bool:
        if not self._by_pts or ticks is None:
            return False
        t_s, waited_s = self._mapped(ticks), arrived_s - self._arrived_s
        return t_s < self._highest_s - JUMP_BACK_S or t_s > self._highest_s + waited_s + JUMP_AHEAD_S

    def _put_right(self, ticks: int | None, arrived_s: float) -> bool:
        """Whether its camera's clock was set forward: too early since a leap, while a fast clock comes to be so slowly.

        In a stream that comes in pieces the leap is at a piece's beginning and shows at its end.
        """
        if not self._by_pts or ticks is None:
            return False
        t_s = self._mapped(ticks)
        before_s, self._shown_s = self._shown_s, t_s
        step_s, self._step_s = self._step_s, t_s - before_s
        if self._step_s > step_s + EARLY_S:
            self._leapt_s = arrived_s
        early = self._settled_lag_s is not None and arrived_s - t_s < self._settled_lag_s - EARLY_S
        if not early or arrived_s - self._leapt_s > WINDOW_S or arrived_s - self._put_right_s < PUT_RIGHT_S:
            return False
        self._put_right_s = arrived_s
        return True

    def _begin(self, ticks: int | None, time_base: float, arrived_s: float) -> None:
        self.epoch += 1
        self._by_pts, self._lies = self._by_pts and not self._lies, False
        self._began_s = arrived_s
        self._time_base = time_base or 1.0
        self._origin = 0.0 if ticks is None else float(ticks)
        self._offset_s = max(arrived_s, self._highest_s + STEP_S)
        self._highest_s = self._shown_s = self._offset_s
        self._step_s = math.inf
        self._arrived_s = arrived_s
        self.base_lag_s = arrived_s - self._offset_s
        self._window = _Window(arrived_s)
        self._settled_lag_s = None
        self._lying = 0

    def _judge(self, lag_s: float, arrived_s: float, waited_s: float) -> None:
        """Follows the usual lag; a lag that grows or shrinks steadily belongs to a clock of another speed."""
        self.base_lag_s = min(self.base_lag_s, lag_s)
        if arrived_s - self._began_s >= SETTLED_S:
            self._settled_lag_s = self.base_lag_s if self._settled_lag_s is None else self._settled_lag_s
            self._lies = self._lies or lag_s < self._settled_lag_s - EARLY_S
        closed = self._window.add(lag_s, arrived_s)
        if closed is None:
            return
        least_s, before_s = closed
        if waited_s > WINDOW_S:
            self._follow(least_s, CRYSTAL * waited_s)
            return
        self.base_lag_s = least_s
        if self._settled_lag_s is not None:
            self._settled_lag_s = min(least_s, self._settled_lag_s + DRIFT * WINDOW_S)
        if before_s is None:
            return
        if abs(least_s - before_s) <= DRIFT * WINDOW_S:
            self._lying, self._falls = 0, 0
            return
        self._lying += 1
        self._lies = self._lies or self._lying >= LYING_WINDOWS

    def _follow(self, least_s: float, reach_s: float) -> None:
        """The usual lag of a stream that comes in pieces longer than a window, such as a playlist's."""
        self.base_lag_s = min(least_s, self.base_lag_s + reach_s)
        if self._settled_lag_s is not None:
            self._settled_lag_s = min(max(least_s, self._settled_lag_s - reach_s), self._settled_lag_s + reach_s)


class _Window:
    """The least lag of each stretch of `WINDOW_S`."""

    def __init__(self, since_s: float) -> None:
        self._since_s = since_s
        self._least_s = float("inf")
        self._before_s: float | None = None

    def add(self, lag_s: float, arrived_s: float) -> tuple[float, float | None] | None:
        """(least lag, the one of the stretch before) when a stretch is over."""
        self._least_s = min(self._least_s, lag_s)
        if arrived_s - self._since_s < WINDOW_S:
            return None
        closed = self._least_s, self._before_s
        self._before_s, self._least_s, self._since_s = self._least_s, float("inf"), arrived_s
        return closed


def seen_at(late_s: float) -> datetime:
    """UTC of a frame that came just now, `late_s` later than usual."""
    return datetime.now(UTC) - timedelta(seconds=late_s)

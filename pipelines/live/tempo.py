"""How often all cameras are looked at where the machine does not keep up: less often, evenly, and said so.

In: the counters of all statuses, read by the main thread. Out: one share of the asked rates for all cameras, read by
their reading threads. Where too many due looks are lost over a while (longer, until enough were due; sooner where a
great many are) it falls to the step below what was reached; after a calm stretch it rises by one, and the stretch asked
for grows where that was too early. No further and no sooner than need be: frames are decoded all the same, so fewer
looks are all that a slower rate gives, and a moment in which everybody moves costs few looks where slowing costs many.
"""

import time
from collections import deque
from collections.abc import Sequence

from detector.gate import kinds_beyond
from detector.scene import Scene
from pipelines.live.journal import INFO, WARNING, note
from pipelines.live.status import CameraStatus, Said

OVER_S, LONGEST_OVER_S = 15.0, 600.0
"""Over so long a stretch the share of lost looks is taken; where less than `LEAST_FRAMES` are due in it, over more."""
AT_ONCE_S = 5.0
"""Over so long a stretch already where it is far too large."""
CALM_S, LONGEST_CALM_S = 30.0, 120.0
SOON_S = 600.0
"""A rate that was too fast again so soon is tried again later than before."""
START_S = 10.0
"""So long after the first look what is lost is that of starting, with all connections at once."""
FAR_TOO_MANY, TOO_MANY, FEW = 0.3, 0.1, 0.01
STEPS = (1.0, 0.75, 0.5, 0.25)
LEAST_SHARE = STEPS[-1]
LEAST_FRAMES = 20


class Tempo:
    """One for all cameras; `share` may be read by any thread."""

    def __init__(self) -> None:
        self.share = 1.0
        self._past: deque[tuple[float, int, int]] = deque()
        self._calm_s = CALM_S
        self._turned_s = float("-inf")
        self._began_s: float | None = None

    def look(self, statuses: Sequence[CameraStatus], now_s: float | None = None) -> None:
        """Sets the share; called about twice a second."""
        now_s = time.monotonic() if now_s is None else now_s
        if self._starts(statuses, now_s):
            return
        lost = sum(status.dropped + status.stale for status in statuses)
        due = lost + sum(status.done for status in statuses)
        if self._past and (lost < self._past[-1][1] or due < self._past[-1][2]):
            # A camera was exchanged, and its counters began anew.
            self._past.clear()
        self._past.append((now_s, lost, due))
        self._forget(now_s, due)
        long, short = self._lost_share(OVER_S), self._lost_share(AT_ONCE_S)
        if short is not None and short > FAR_TOO_MANY:
            self._judge(short, now_s)
        elif long is not None:
            self._judge(long, now_s)

    def _starts(self, statuses: Sequence[CameraStatus], now_s: float) -> bool:
        """Whether the network is being loaded, or cameras have only just begun."""
        if self._began_s is None and any(status.done for status in statuses):
            self._began_s = now_s
        return self._began_s is None or now_s - self._began_s < START_S

    def _forget(self, now_s: float, due: int) -> None:
        """What is not needed any more for a stretch that is long enough and has enough due looks."""
        while len(self._past) > 2:
            next_s, _, due_then = self._past[1]
            enough = next_s <= now_s - OVER_S and due - due_then >= LEAST_FRAMES
            if not enough and self._past[0][0] > now_s - LONGEST_OVER_S:
                return
            self._past.popleft()

    def _lost_share(self, over_s: float) -> float | None:
        """Of what was due in the latest stretch of at least so long; None where that is too little to tell."""
        now_s, lost, due = self._past[-1]
        before = (one for one in reversed(self._past) if one[0] <= now_s - over_s and due - one[2] >= LEAST_FRAMES)
        _, lost_then, due_then = next(before, self._past[-1])
        return (lost - lost_then) / (due - due_then) if due > due_then else None

    def _judge(self, lost_share: float, now_s: float) -> None:
        if lost_share > TOO_MANY:
            if self.share > LEAST_SHARE:
                hasty = now_s - self._turned_s < SOON_S
                self._calm_s = min(2 * self._calm_s, LONGEST_CALM_S) if hasty else CALM_S
                self._turn(_below(self.share * (1 - lost_share)), lost_share, now_s)
            else:
                self._turned_s = now_s
        elif self.share < 1 and lost_share < FEW and now_s - self._turned_s >= self._calm_s:
            self._turn(min(step for step in STEPS if step > self.share), lost_share, now_s)

    def _turn(self, share: float, lost_share: float, now_s: float) -> None:
        slower = share < self.share
        self.share, self._turned_s = share, now_s
        self._past.clear()
        if slower:
            cure = "fewer cameras, a lower fps, a detect_stream, or a faster machine"
            note(WARNING, "slowed", rate_share=share, lost_share=lost_share, cure=cure)
        else:
            note(INFO, "quickened", rate_share=share)


def _below(reached: float) -> float:
    """The step that is no more than what was reached."""
    return max((step for step in STEPS if step <= reached), default=LEAST_SHARE)


def complaint(scene: Scene, rate_hz: float, share: float) -> str:
    """What a camera's slower rate costs; empty at the asked one."""
    if share == 1:
        return ""
    told = f"the machine is overloaded: {rate_hz * share:g} looks a second instead of {rate_hz:g}"
    suffer = ", ".join(kind.value for kind in kinds_beyond(scene, rate_hz * share))
    return f"{told}, too few for {suffer}" if suffer else told


def complaint_said(scene: Scene, rate_hz: float, share: float) -> Said | None:
    """The same as a code; None at the asked rate."""
    if share == 1:
        return None
    kinds = ",".join(kind.value for kind in kinds_beyond(scene, rate_hz * share))
    values = {"rate": f"{rate_hz * share:g}", "asked": f"{rate_hz:g}", "kinds": kinds}
    return Said(code="slowed_for" if kinds else "slowed", values=values)

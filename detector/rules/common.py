"""How common an act is at its place: what every third vehicle does is likelier a fault of the scene than of them all.

A lane drawn against its true direction, a sign that works have covered, a turn that is allowed by now: such faults
fine thousands. Counted are, per zone or turn and over the last hour, the vehicles that passed and those accused. Both
go into the facts of every act that rests on what the scene permits; where too many are accused the officer is told.
Pure; the runner owns it.
"""

import math
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field, replace

from detector.rules.motion import least_s
from detector.scene.settings import CommonSettings
from detector.types import Finding, Track, ViolationKind
from detector.types.track import Point

WINDOW_S = 3600.0
PASSING_S = 1.0
"""Who is watched at the place for so long and has moved by its own size has passed it, sooner who moved farther;
flickering boxes do neither."""
DOUBT = "common"

Place = tuple[ViolationKind, str]


@dataclass(slots=True)
class Tally:
    """Times, stream seconds, at which vehicles passed one place and were accused there, oldest first."""

    passed: deque[float] = field(default_factory=deque)
    accused: deque[float] = field(default_factory=deque)

    def forget(self, now_s: float) -> None:
        """Drops what is older than the window, and what a clock that jumped back left in the future."""
        for times in (self.passed, self.accused):
            while times and not now_s - WINDOW_S <= times[0] <= now_s:
                times.popleft()


class Common:
    """Who passed and who was accused at every place of one scene that permits or forbids travel."""

    def __init__(self, settings: CommonSettings) -> None:
        self._settings = settings
        self._tallies: dict[Place, Tally] = {}
        self._watched: dict[Hashable, tuple[float, Point] | None] = {}
        """Where and when the watch over a track began; None once it has passed."""

    def watch(self, key: Hashable, place: Place, track: Track) -> None:
        """One more look at a track that a rule follows."""
        if place[0] not in SHARES:
            return
        now_s, foot = track.path[-1].t_s, track.path[-1].foot_px
        since = self._watched.setdefault(key, (now_s, foot))
        if since is None:
            return
        way_px, size_px = math.dist(since[1], foot), _size_px(track)
        if way_px >= size_px and now_s - since[0] >= least_s(PASSING_S, way_px, size_px):
            self._watched[key] = None
            self._tally(place, now_s).passed.append(now_s)

    def leave(self, key: Hashable) -> None:
        """The rule has nothing to remember about that track any more."""
        self._watched.pop(key, None)

    def accuse(self, finding: Finding, now_s: float) -> None:
        """A new act was reported."""
        if finding.kind in SHARES:
            self._tally((finding.kind, finding.zone_id), now_s).accused.append(now_s)

    def told(self, finding: Finding, now_s: float) -> Finding:
        """The finding with what was counted at its place, and with the doubt where too many are accused."""
        if finding.kind not in SHARES:
            return finding
        tally = self._tally((finding.kind, finding.zone_id), now_s)
        accused = len(tally.accused)
        passed = max(len(tally.passed), accused)
        facts = {**finding.facts, "accused_last_hour": accused, "passed_last_hour": passed}
        doubts = finding.cannot_tell
        if accused >= SHARES[finding.kind](self._settings, passed):
            doubts = tuple(dict.fromkeys((*doubts, DOUBT)))
        return replace(finding, facts=facts, cannot_tell=doubts)

    def _tally(self, place: Place, now_s: float) -> Tally:
        tally = self._tallies.setdefault(place, Tally())
        tally.forget(now_s)
        return tally

    def clear(self) -> None:
        """The source is over."""
        self._tallies.clear()
        self._watched.clear()


def _by_share(settings: CommonSettings, passed: int) -> float:
    return max(settings.least_accused, settings.accused_share * passed)


def _by_count(settings: CommonSettings, _passed: int) -> float:
    """Everybody who passes a closed road is accused: there is no share to look at."""
    return settings.most_entries


SHARES = {
    ViolationKind.WRONG_WAY: _by_share,
    ViolationKind.FORBIDDEN_TURN: _by_share,
    ViolationKind.NO_ENTRY: _by_count,
}
"""From how many accused on an act counts as common, by kind."""


def _size_px(track: Track) -> float:
    x1, y1, x2, y2 = track.path[-1].xyxy
    return math.sqrt((x2 - x1) * (y2 - y1))

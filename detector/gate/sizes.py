"""Whether the sizes of a stream's packets tell that something began to move: a still street need not be decoded.

Where little changes, an encoder of variable bit rate sends little. How little, and how much more when something begins,
is learned camera by camera from the motion gate, which saw the pictures: sizes are believed only while every beginning
it told of stood out from the quiet before, and one that did not takes the belief away. Encoders spend more behind a
keyframe than later, so what is quiet is known for each place between two keyframes. In: packets in order, which of them
are due, what the gate said of those that were decoded. Out: whether a due one says "something changed", and whether
that is believed. Pure; what is drawn at random is drawn from a seed.
"""

import math
from collections import deque
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeSettings:
    """Every number it decides with; a level is the mean bytes of the packets since the last due one, but for keyframes.

    Attributes:
        quiet_least, quiet_kept: quiet levels that must be known of a place between keyframes, and how many latest are.
        quiet_share: so many of them lie below what tells of a change once it is raised by
        margin: which spares decoding for noise.
        apart: within `within_s` of every beginning known a level must lie above that by this factor.
        within_s: what comes so soon behind the first change that the gate saw is in time.
        begun_least, begun_kept: beginnings that must be known, and how many of the latest are.
        begun_s: the latest must be at most so old.
        doubt_s: sizes that were believed and wrong are not believed again for so long.
        audited: share of the groups of pictures that are decoded all the same, to see whether sizes are still right.
    """

    quiet_least: int = 10
    quiet_kept: int = 60
    quiet_share: float = 0.98
    margin: float = 1.1
    apart: float = 1.3
    within_s: float = 0.6
    begun_least: int = 5
    begun_kept: int = 12
    begun_s: float = 3600.0
    doubt_s: float = 600.0
    audited: float = 0.1


DEFAULT_SETTINGS = SizeSettings()
MOST_UNTOLD = 100
"""Due pictures of which the gate has said nothing yet; more are not kept."""
MOST_PLACES = 70
"""Due pictures between two keyframes that are told apart: 30 a second in 2.1 s, and some."""


@dataclass(frozen=True, slots=True)
class _Level:
    """`over`: the level over the limit of its place, None while that is not known."""

    t_s: float
    place: int
    level: float
    over: float | None


class SizeGate:
    """One connection's sizes."""

    def __init__(self, settings: SizeSettings = DEFAULT_SETTINGS, *, seed: int = 0) -> None:
        self._settings = settings
        self._random = Random(seed)
        self._bytes, self._packets, self._place = 0, 0, 0
        self._untold: deque[_Level] = deque(maxlen=MOST_UNTOLD)
        self._quiet: dict[int, deque[float]] = {}
        self._limits: dict[int, float] = {}
        self._begins: tuple[float, float] | None = None
        self._begun: deque[tuple[float, float]] = deque(maxlen=settings.begun_kept)
        self._doubted_until_s = float("-inf")
        self._audits = True

    def hear(self, size_bytes: int, *, keyframe: bool) -> None:
        """One more packet. With every keyframe it is drawn whether the pictures behind it are decoded all the same."""
        if keyframe:
            self._place = 0
            self._audits = self._random.random() < self._settings.audited
        else:
            self._bytes += size_bytes
            self._packets += 1

    def changed(self, t_s: float) -> bool:
        """Whether the packets since the last due one, up to that of `t_s`, tell of a change; nothing known: they do."""
        place, self._place = self._place, min(self._place + 1, MOST_PLACES)
        level = self._bytes / self._packets if self._packets else None
        self._bytes, self._packets = 0, 0
        if level is None:
            return True
        limit = self._limits.get(place)
        over = None if limit is None else level / max(limit, 1.0)
        self._untold.append(_Level(t_s, place, level, over))
        self._follow(t_s, over)
        return over is None or over > 1

    def believed(self, t_s: float) -> bool:
        """Whether a due picture whose sizes tell of no change may be left undecoded."""
        return not self._audits and self._begins is None and self._stands_out(t_s)

    def judged(self, t_s: float, *, stirred: bool, rested: bool) -> None:
        """What the motion gate said of the picture at `t_s`.

        Args:
            t_s: of a due picture that was decoded, in order.
            stirred: something had changed.
            rested: nothing had for long enough before it that sizes would have been asked.
        """
        latest: float | None = None
        while self._untold and self._untold[0].t_s <= t_s:
            one = self._untold.popleft()
            latest = one.over if one.t_s == t_s else latest
            if rested and not stirred:
                # What was left undecoded before it is confirmed by it.
                self._learn(one)
        if rested and stirred and latest is not None:
            soon = (one.over or 0.0 for one in self._untold if one.t_s <= t_s + self._settings.within_s)
            self._begins = t_s, max(latest, *soon, 0.0)

    def _follow(self, t_s: float, over: float | None) -> None:
        """One more level behind a beginning; when it is too late for more, the beginning told or it did not."""
        if self._begins is None:
            return
        began_s, peak = self._begins
        if t_s <= began_s + self._settings.within_s:
            self._begins = began_s, max(peak, over or 0.0)
            return
        self._begins = None
        if peak > 1:
            self._begun.append((began_s, peak))
            return
        if self._stands_out(t_s):
            self._doubted_until_s = t_s + self._settings.doubt_s
        self._begun.clear()

    def _learn(self, one: _Level) -> None:
        quiet = self._quiet.setdefault(one.place, deque(maxlen=self._settings.quiet_kept))
        quiet.append(one.level)
        if len(quiet) >= self._settings.quiet_least:
            rank = math.ceil(self._settings.quiet_share * (len(quiet) - 1))
            self._limits[one.place] = self._settings.margin * sorted(quiet)[rank]

    def _stands_out(self, t_s: float) -> bool:
        settings = self._settings
        if len(self._begun) < settings.begun_least or t_s < self._doubted_until_s:
            return False
        recent = t_s - self._begun[-1][0] <= settings.begun_s
        return recent and min(peak for _, peak in self._begun) >= settings.apart

"""Whether the sizes of a stream's packets tell that something began to move: a still street need not be decoded.

Where little changes, an encoder of variable bit rate sends little. How little, and how much more when something begins,
is learned camera by camera from the motion gate, which saw the pictures: sizes are believed only while every beginning
it told of stands out from the quiet as it is now, and one that did not takes the belief away. Encoders spend more
behind a keyframe than later, so what is quiet is known for each place between two keyframes. In: packets in order,
which of them are due, what the gate said of those that were decoded. Out: whether a due one says "something changed",
and whether that is believed. Pure; what is drawn at random is drawn from a seed.
"""

import math
from collections import deque
from dataclasses import dataclass
from random import Random
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeSettings:
    """Every number it decides with; a level is the mean bytes of the packets since the last due one, but for keyframes.

    Attributes:
        quiet_least, quiet_kept: quiet levels that must be known of a place between keyframes, and how many latest are.
        quiet_share: so many of them lie below what tells of a change once it is raised by
        margin: which spares decoding for noise.
        quiet_low: a level below this share of the median is no quiet that is known either.
        place_s: levels of the same so long stretch behind a keyframe have one place.
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
    quiet_low: float = 0.5
    place_s: float = 0.2
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
AT_KEYFRAME = -1
"""The place of a keyframe: its level is of the packets before it."""


@dataclass(frozen=True, slots=True)
class _Level:
    t_s: float
    place: int
    level: float


@dataclass(slots=True)
class _Beginning:
    """The first change the gate saw, with the levels soon behind it.

    Attributes:
        seen: the due picture before was decoded too, so that it began no earlier.
    """

    t_s: float
    seen: bool
    levels: list[_Level]


class SizeGate:
    """One connection's sizes, at one rate of due pictures."""

    def __init__(self, settings: SizeSettings = DEFAULT_SETTINGS, *, seed: int | str = 0) -> None:
        self._settings = settings
        self._random = Random(seed)
        self._bytes, self._packets = 0, 0
        self._keyframe_s: float | None = None
        self._at_keyframe = False
        self._untold: deque[_Level] = deque(maxlen=MOST_UNTOLD)
        self._quiet: dict[int, deque[float]] = {}
        self._bounds: dict[int, tuple[float, float]] = {}
        self._begins: _Beginning | None = None
        self._begun: deque[_Beginning] = deque(maxlen=settings.begun_kept)
        self._doubted_until_s = float("-inf")
        self._audits = True

    def pause(self) -> None:
        """Packets were not heard for a while: what is known stays, what had begun is left."""
        self._bytes, self._packets = 0, 0
        self._untold.clear()
        self._begins = None
        self._keyframe_s, self._at_keyframe, self._audits = None, False, True

    def hear(self, t_s: float, size_bytes: int, *, keyframe: bool) -> None:
        """One more packet. With every keyframe it is drawn whether the pictures behind it are decoded all the same."""
        if self._at_keyframe and not keyframe:
            # What came before a keyframe tells nothing of the first due picture behind it.
            self._bytes, self._packets = 0, 0
        self._at_keyframe = keyframe
        if keyframe:
            self._keyframe_s = t_s
            self._audits = self._random.random() < self._settings.audited
        else:
            self._bytes += size_bytes
            self._packets += 1

    def changed(self, t_s: float) -> bool:
        """Whether the packets since the last due one, up to that of `t_s`, tell of a change; nothing known: they do."""
        level = self._bytes / self._packets if self._packets else None
        self._bytes, self._packets = 0, 0
        if level is None or self._keyframe_s is None:
            return True
        one = _Level(t_s, self._place(t_s - self._keyframe_s), level)
        self._untold.append(one)
        self._follow(one)
        low, high = self._bounds.get(one.place, (math.inf, 0.0))
        return not low <= level <= high

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
        known: _Level | None = None
        seen = True
        while self._untold and self._untold[0].t_s <= t_s:
            one = self._untold.popleft()
            if one.t_s == t_s:
                known = one
            else:
                seen = False
            if rested and not stirred:
                # What was left undecoded before it is confirmed by it.
                self._learn(one)
        if rested and stirred and known is not None:
            soon = (one for one in self._untold if one.t_s <= t_s + self._settings.within_s)
            self._begins = _Beginning(t_s, seen, [known, *soon])

    def _place(self, behind_s: float) -> int:
        if self._at_keyframe:
            return AT_KEYFRAME
        return min(math.floor(behind_s / self._settings.place_s + 1e-3), MOST_PLACES)

    def _follow(self, one: _Level) -> None:
        """One more level behind a beginning; when it is too late for more, the beginning told or it did not."""
        begins = self._begins
        if begins is None:
            return
        if one.t_s <= begins.t_s + self._settings.within_s:
            begins.levels.append(one)
            return
        self._begins = None
        peak = self._peak(begins)
        if peak is None:
            # Nothing was known yet that it could have stood out from.
            return
        if peak > 1:
            # What was left undecoded just before may have shown the beginning: then this is none, and no proof.
            if begins.seen:
                self._begun.append(begins)
            return
        if self._stands_out(one.t_s):
            self._doubted_until_s = one.t_s + self._settings.doubt_s
        self._begun.clear()

    def _learn(self, one: _Level) -> None:
        quiet = self._quiet.setdefault(one.place, deque(maxlen=self._settings.quiet_kept))
        quiet.append(one.level)
        if len(quiet) >= self._settings.quiet_least:
            rank = math.ceil(self._settings.quiet_share * (len(quiet) - 1))
            high = self._settings.margin * sorted(quiet)[rank]
            self._bounds[one.place] = self._settings.quiet_low * median(quiet), high

    def _peak(self, beginning: _Beginning) -> float | None:
        """How far the highest of its levels lies over what is quiet in its place now; None where that is not known."""
        bounds = ((self._bounds.get(one.place), one.level) for one in beginning.levels)
        return max((level / max(known[1], 1.0) for known, level in bounds if known is not None), default=None)

    def _stands_out(self, t_s: float) -> bool:
        settings = self._settings
        if len(self._begun) < settings.begun_least or t_s < self._doubted_until_s:
            return False
        recent = t_s - self._begun[-1].t_s <= settings.begun_s
        return recent and all((self._peak(one) or 0.0) >= settings.apart for one in self._begun)

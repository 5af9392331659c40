"""One camera's condition over time: what must last before it is believed, and what must pass before it is over.

`look` takes a small luma picture about once a second and gives the condition. The reference is the scene's own picture,
or else the first sound view, which the caller keeps (`learned`) so that a restart does not take a moved view for the
right one.
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from detector.gate.repeats import KEPT, same_picture
from detector.health.measures import TILES, Luma, brightness, cells, fineness, median_of_five, texture
from detector.health.registration import View, shift_px

SAMPLE_WIDTH = 480
"""Width of the luma pictures, px; heights follow the camera's shape."""
LOOK_EVERY_S = 1.0
COMPARE_EVERY_S = 6.0
VIEW_SAMPLES = 5
"""A view is the median of so many pictures: traffic drops out."""
DARK = 32.0
FLAT = 3.0
"""A tile whose greys spread less than this shows nothing."""
TEXTURED = 6.0
COVERED_SHARE = 0.6
BLURRED_SHARE = 0.7
"""Blur of 4 px (1080p) leaves about half of the fineness, of 2 px about 0.84."""
MOVED_PX, BACK_PX = 8.0, 6.0
KNOWN_SHARE = 0.5
"""A view is recognised when at least this share of the textured tiles match."""
ADAPT_S = 600.0
"""How fast the usual fineness and texture follow the hours of the day while all is well."""
REFRESH_S = 300.0
CREEP_PX = 1.0
"""Less than this between two refreshed views is taken for measuring noise."""
LONGEST_PAUSE_S = 10.0
"""After so long without a picture nothing that lasted before counts on."""


class Condition(StrEnum):
    """What a camera shows."""

    FINE = "fine"
    BLACK = "black"
    COVERED = "covered"
    FROZEN = "frozen"
    MOVED = "moved"
    BLURRED = "blurred"


BLIND = frozenset({Condition.BLACK, Condition.COVERED, Condition.FROZEN, Condition.MOVED})
"""Conditions under which nothing may be judged: zones or pictures are not what they are taken for."""
LASTS_S = {
    Condition.BLACK: 5.0,
    Condition.COVERED: 8.0,
    Condition.FROZEN: 20.0,
    Condition.MOVED: 8.0,
    Condition.BLURRED: 10.0,
}
"""How long a sign must last before it is believed; in the order in which one is told before the other."""
OVER_S = 3.0


@dataclass(slots=True)
class _Sign:
    """One sign: since when it shows, or since when it does not."""

    lasts_s: float
    believed: bool = False
    turned_s: float | None = None

    def note(self, *, shows: bool, t_s: float) -> None:
        if shows == self.believed:
            self.turned_s = None
            return
        self.turned_s = t_s if self.turned_s is None else self.turned_s
        if t_s - self.turned_s >= (OVER_S if self.believed else self.lasts_s):
            self.believed, self.turned_s = shows, None

    def pause(self) -> None:
        self.turned_s = None


class HealthWatch:
    """See the module.

    Args:
        reference: luma of the view that the scene was drawn on, as wide as the pictures to come; None: learn it.
    """

    def __init__(self, reference: Luma | None = None) -> None:
        self.condition = Condition.FINE
        self.learned: Luma | None = None
        self.shift_px: float | None = None
        self._signs = {condition: _Sign(lasts_s) for condition, lasts_s in LASTS_S.items()}
        self._latest: deque[Luma] = deque(maxlen=VIEW_SAMPLES)
        self._shown: deque[Luma] = deque(maxlen=KEPT)
        self._t_s: float | None = None
        self._compared_s = self._refreshed_s = float("-inf")
        self._anchor: View | None = None
        self._recent: View | None = None
        self._recent_off_px = 0.0
        self._away = False
        self._texture = np.zeros(TILES, np.float32)
        self._fineness = 0.0
        if reference is not None:
            self._settle(reference)

    @property
    def at_ease(self) -> bool:
        """The view is known and nothing shows, not even for a moment: a look every other second does."""
        return self._anchor is not None and not any(self._shows(condition) for condition in LASTS_S)

    def look(self, t_s: float, luma: Luma) -> Condition:
        """The condition after one more picture; pictures closer than a second are passed over."""
        if self._t_s is not None and 0 <= t_s - self._t_s < LOOK_EVERY_S:
            return self.condition
        elapsed_s = LOOK_EVERY_S if self._t_s is None else t_s - self._t_s
        if not 0 <= elapsed_s <= LONGEST_PAUSE_S:
            self._pause()
        self._t_s = t_s
        self._signs[Condition.FROZEN].note(shows=not self._changed(luma), t_s=t_s)
        self._signs[Condition.BLACK].note(shows=brightness(luma) < DARK, t_s=t_s)
        self._latest.append(luma)
        if self._anchor is None and not self._learn(luma):
            return self._tell()
        spread, fine = texture(luma), fineness(luma)
        textured = self._texture >= TEXTURED
        flat = float((spread[textured] < FLAT).mean()) if textured.any() else 0.0
        self._signs[Condition.COVERED].note(shows=flat >= COVERED_SHARE, t_s=t_s)
        self._signs[Condition.BLURRED].note(shows=fine < BLURRED_SHARE * self._fineness, t_s=t_s)
        self._compare(t_s)
        if self._tell() is Condition.FINE and self._calm():
            share = np.float32(1 - np.exp(-elapsed_s / ADAPT_S))
            self._texture = self._texture + share * (spread - self._texture)
            self._fineness += float(share) * (fine - self._fineness)
        return self.condition

    def _settle(self, luma: Luma) -> None:
        self._anchor = View.of(luma)
        self._texture, self._fineness = texture(luma), fineness(luma)

    def _learn(self, luma: Luma) -> bool:
        """Takes the first sound view as the reference; False while there is none."""
        if len(self._latest) < VIEW_SAMPLES or not self._calm() or (texture(luma) < FLAT).mean() >= COVERED_SHARE:
            return False
        self.learned = self._view()
        self._settle(self.learned)
        return True

    def _view(self) -> Luma:
        return median_of_five(self._latest)

    def _changed(self, luma: Luma) -> bool:
        """Whether the picture is none of those shown lately; noise alone makes it another one."""
        now = cells(luma)
        changed = not any(same_picture(now, shown) for shown in reversed(self._shown))
        if changed:
            self._shown.append(now)
        return changed

    def _compare(self, t_s: float) -> None:
        """Finds out how far the view lies from the reference; black, flat and soft pictures tell nothing."""
        if t_s - self._compared_s < COMPARE_EVERY_S or len(self._latest) < VIEW_SAMPLES or self._anchor is None:
            return
        self._compared_s = t_s
        if any(self._shows(condition) for condition in (Condition.BLACK, Condition.COVERED, Condition.BLURRED)):
            return
        view = View.of(self._view())
        if view.spectra.shape != self._anchor.spectra.shape:
            return
        off_px, tried = self._off_px(view)
        if not tried:
            return
        self.shift_px = off_px
        limit_px = BACK_PX if self._away else MOVED_PX
        self._away = off_px is None or off_px > limit_px
        self._signs[Condition.MOVED].note(shows=self._away, t_s=t_s)
        if off_px is not None and off_px <= BACK_PX / 2 and t_s - self._refreshed_s >= REFRESH_S:
            self._recent, self._recent_off_px, self._refreshed_s = view, max(off_px - CREEP_PX, 0.0), t_s

    def _off_px(self, view: View) -> tuple[float | None, bool]:
        """Distance from the reference, directly or over the latest refreshed view; None where it knows neither.

        The second value is False where the view holds too little to be compared at all.
        """
        assert self._anchor is not None
        direct = shift_px(view, self._anchor)
        if direct.px is not None and direct.matched >= KNOWN_SHARE * direct.tried:
            return direct.px, True
        if self._recent is not None:
            later = shift_px(view, self._recent)
            if later.px is not None and later.matched >= KNOWN_SHARE * later.tried:
                return later.px + self._recent_off_px, True
        return None, direct.tried >= len(view.textured) / 3

    def _shows(self, condition: Condition) -> bool:
        sign = self._signs[condition]
        return sign.believed or sign.turned_s is not None

    def _calm(self) -> bool:
        """Nothing shows, not even for a moment; but for a picture that does not change."""
        return not any(self._shows(condition) for condition in LASTS_S if condition is not Condition.FROZEN)

    def _pause(self) -> None:
        for sign in self._signs.values():
            sign.pause()
        self._latest.clear()

    def _tell(self) -> Condition:
        believed = (condition for condition, sign in self._signs.items() if sign.believed)
        self.condition = next(believed, Condition.FINE)
        return self.condition

"""A truck with a visible loose load and no cover, agreed over several looks; anything less is "cannot tell" or nothing.

Each look is one crop of the truck read by the load classifier. Looks that see nothing clearly do not vote. To speak for
the driver a look needs a lower score than to speak against: covered, empty or closed count from `INNOCENT_SCORE` on.
Every look that agreed is named by its time.
"""

import math
from dataclasses import dataclass, replace

from detector.rules.act import IDLE, Proof, Reading
from detector.rules.confidence import confidence, margin
from detector.rules.geometry import Area
from detector.scene.settings import LoadSettings
from detector.types import LoadState, Track, TrackedFrame
from detector.types.violation import Fact

VERSION = "uncovered_load/2"
MOST_LOOKS = 60
STATES = tuple(LoadState)
INNOCENT_SCORE = 0.5
"""From this score on a look that sees no uncovered load votes, unless the settings ask for less of every look."""


@dataclass(frozen=True, slots=True)
class Look:
    """One reading of the load: time, best state, its score, its lead over the second-best."""

    t_s: float
    state: LoadState
    score: float
    lead: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """All readings of one truck in the zone since `since_s`."""

    since_s: float
    looks: tuple[Look, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadWatch:
    """Watches one load_check zone."""

    area: Area
    settings: LoadSettings

    def look(
        self, progress: Looks | None, track: Track, _frame: TrackedFrame, _free_until_s: float
    ) -> tuple[Looks | None, Reading]:
        """Adds this frame's reading, if the truck is in the zone and its load was read."""
        if track.foot_px not in self.area:
            return progress, IDLE
        progress = progress or Looks(since_s=track.path[-1].t_s)
        look = read_look(track)
        if look is not None:
            progress = replace(progress, looks=(*progress.looks, look)[-MOST_LOOKS:])
        return progress, self._read(progress, track)

    def _read(self, looks: Looks, track: Track) -> Reading:
        clear = [look for look in looks.looks if self._clear(look)]
        agreeing = [look for look in clear if look.state is LoadState.UNCOVERED_LOAD]
        reading = Reading(acting=True, since_s=looks.since_s, parting=_parting(looks.looks, agreeing))
        if len(agreeing) < self.settings.reads or agreeing[-1].t_s - agreeing[0].t_s < self.settings.span_s:
            return reading
        if len(agreeing) < self.settings.agreement * len(clear):
            return replace(reading, doubt="load_disagrees")
        return replace(reading, proof=self._proof(agreeing, len(clear), len(looks.looks), track))

    def _clear(self, look: Look) -> bool:
        accusing = look.state is LoadState.UNCOVERED_LOAD
        least = self.settings.score if accusing else min(self.settings.score, INNOCENT_SCORE)
        told = look.state is not LoadState.CANNOT_TELL
        return told and look.score >= least and look.lead >= self.settings.lead

    def _proof(self, agreeing: list[Look], clear: int, total: int, track: Track) -> Proof:
        mean = sum(look.score for look in agreeing) / len(agreeing)
        facts: dict[str, Fact] = {
            "agreeing_looks": len(agreeing),
            "clear_looks": clear,
            "looks": total,
            "mean_score": round(mean, 3),
            "agreed_at_s": " ".join(f"{look.t_s:.2f}" for look in agreeing),
        }
        margins = (margin(len(agreeing), self.settings.reads), margin(len(agreeing) / clear, self.settings.agreement))
        return Proof(
            confidence=round(confidence(margins=margins, score=track.score, measured=1.0) * mean, 3), facts=facts
        )


def read_look(track: Track) -> Look | None:
    """This frame's reading; None when the load was not read."""
    if track.load is None or any(math.isnan(score) for score in track.load):
        return None
    second, best = sorted(range(len(STATES)), key=track.load.__getitem__)[-2:]
    return Look(track.path[-1].t_s, STATES[best], track.load[best], track.load[best] - track.load[second])


def _parting(looks: tuple[Look, ...], agreeing: list[Look]) -> str | None:
    """What to say if the truck leaves now: nothing unless there was a hint of an uncovered load or no clear view."""
    if agreeing:
        return "load_too_few_looks"
    unclear = sum(look.state is LoadState.CANNOT_TELL for look in looks)
    return "load_not_visible" if looks and unclear > len(looks) / 2 else None

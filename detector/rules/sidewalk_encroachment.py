"""Goods, a stall or a parked vehicle occupy sidewalk (goods: or carriageway) longer than the zone's limit.

Persons are never looked at. A thing without a class is dated from when it was put down, some seconds before the
foreground model was sure of it and reported it; one that a vehicle, stall or person standing there explains is not
counted again.
"""

from dataclasses import dataclass, replace

from detector.rules.act import GOODS, IDLE, Proof, Reading
from detector.rules.confidence import confidence, margin, measured_share
from detector.rules.geometry import Area, covered, iou
from detector.rules.standing import Stand, may_be_fixed, stand_on
from detector.scene.settings import DwellSettings
from detector.types import ObjectClass, Track, TrackedFrame
from detector.types.violation import Fact

VERSION = "sidewalk_encroachment/1"
EXPLAINED_COVER = 0.5
EXPLAINED_IOU = 0.3
"""An object this much within, or overlapping, something of a known class is that thing."""
EXPLAINED_SHARE = 0.3
"""Explained at more than this share of all looks, it is never goods."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupied:
    """A standstill; how often it was looked at and how often another track explained it."""

    stand: Stand
    looks: int = 0
    explained: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EncroachmentWatch:
    """Watches one sidewalk or carriageway zone; `limit_s` is how long something may stand there."""

    area: Area
    zone_kind: str
    limit_s: float
    settings: DwellSettings

    def look(
        self, progress: Occupied | None, track: Track, frame: TrackedFrame, free_until_s: float
    ) -> tuple[Occupied | None, Reading]:
        """Runs the timer and asks what else stands there."""
        known = None if progress is None else progress.stand
        stand = stand_on(known, track, self.area, self.settings, free_until_s)
        if stand is None:
            return None, IDLE
        same = progress is not None and progress.stand.since_s == stand.since_s
        looks, explained = (progress.looks, progress.explained) if progress and same else (0, 0)
        hit = track.kind is ObjectClass.OBJECT and any(_explains(other, track) for other in frame.tracks)
        occupied = Occupied(stand=stand, looks=looks + 1, explained=explained + hit)
        return occupied, self._read(occupied, track, hit, free_until_s)

    def _read(self, occupied: Occupied, track: Track, hit: bool, free_until_s: float) -> Reading:
        stand = occupied.stand
        if track.kind is ObjectClass.OBJECT:
            since_s = max(stand.since_s - self.settings.objects_lasted_s, free_until_s, 0.0)
            stand = replace(stand, since_s=since_s)
        reading = Reading(acting=True, since_s=stand.since_s)
        if hit or occupied.explained > EXPLAINED_SHARE * occupied.looks or stand.dwell_s < self.limit_s:
            return reading
        if track.kind is not ObjectClass.OBJECT and may_be_fixed(track, self.settings):
            return replace(reading, doubt="never_moved")
        return replace(reading, proof=self._proof(stand, track))

    def _proof(self, stand: Stand, track: Track) -> Proof:
        seen = measured_share(track.path, stand.since_s, stand.last_s)
        facts: dict[str, Fact] = {
            "dwell_s": round(stand.dwell_s, 1),
            "limit_s": self.limit_s,
            "zone_kind": self.zone_kind,
            "object": track.kind.label,
            "arrival_seen": stand.arrival_seen,
            "base_share": round(self.area.base_share(track.xyxy), 2),
            "measured_share": round(seen, 2),
        }
        sure = confidence(margins=(margin(stand.dwell_s, self.limit_s),), score=track.score, measured=seen)
        return Proof(confidence=sure, facts=facts, cannot_tell=("no_offender",) if track.kind in GOODS else ())


def _explains(other: Track, track: Track) -> bool:
    if other.id == track.id or other.kind is ObjectClass.OBJECT:
        return False
    return covered(track.xyxy, other.xyxy) >= EXPLAINED_COVER or iou(track.xyxy, other.xyxy) >= EXPLAINED_IOU

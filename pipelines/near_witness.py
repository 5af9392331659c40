"""Who is accused of riding a motorcycle is looked at once more from near, before anything is written about it.

In: a violation and the looks at its offender. Out: whether they clear it: a bicycle that the street detector took for a
motorcycle. Only acts that touch no zone or turn which binds bicycles are looked at; an act that no picture shows
any more stands.
"""

import numpy as np
from shapely import LineString, MultiPoint, Polygon

from detector.inference.letterbox import GREY
from detector.inference.near import NearEyes, is_cleared, open_near_eyes
from detector.inference.registry import Registry
from detector.rules.act import ActRule
from detector.rules.geometry import box_size
from detector.rules.registry import BUILDERS
from detector.scene import Scene, Turn, Zone
from detector.types import Finding, ObjectClass, Window
from pipelines.shots import Looks

LOOKS_MAX = 6


class NearWitness:
    """Clears road users that were taken for motorcycles."""

    def __init__(self, eyes: NearEyes) -> None:
        self._eyes = eyes

    def load(self) -> None:
        """Compiles the network, which the first look would wait for: half a second of CPU.

        Raises:
            InferenceError: it cannot be compiled.
        """
        blank = np.full((64, 64, 3), GREY, np.uint8)
        self._eyes.scores(blank, (16.0, 16.0, 48.0, 48.0))

    def clears(self, looks: Looks, finding: Finding, scene: Scene) -> bool:
        """Whether the offender is no motorcycle after all, in a place where only motor vehicles are bound."""
        if finding.vehicle is not ObjectClass.MOTORCYCLE or binds_bicycles(scene, finding):
            return False
        best = [look for look in looks.taken() if look.rank < LOOKS_MAX]
        scores = [self._eyes.scores(look.image, look.xyxy_px) for look in best]
        return is_cleared(scores, self._eyes.score_min)


def binds_bicycles(scene: Scene, finding: Finding) -> bool:
    """Whether a bicycle would offend, too: in the finding's place, or in another of the same kind that it touched.

    An act over several places is told by the first alone, which may not be the one that binds bicycles.
    """
    rules = (rule for rule in BUILDERS[finding.kind](scene, Window.whole(scene.size)) if isinstance(rule, ActRule))
    places = [rule.bound for rule in rules if ObjectClass.BICYCLE in rule.classes]
    return any(place.id == finding.zone_id or _touched(place, finding) for place in places)


def _touched(place: Zone | Turn, finding: Finding) -> bool:
    """Whether the foot's way led through the zone, or within a box size of the turn's exit gate."""
    feet = [((x1 + x2) / 2, y2) for _, x1, _, x2, y2 in finding.path]
    way = LineString(feet) if len(feet) > 1 else MultiPoint(feet)
    if isinstance(place, Zone):
        return bool(way.intersects(Polygon(place.polygon)))
    near_px = max((box_size((x1, y1, x2, y2)) for _, x1, y1, x2, y2 in finding.path), default=0.0)
    return bool(way.distance(LineString(place.leave)) <= near_px)


def open_near_witness(registry: Registry) -> NearWitness | None:
    """Who looks from near, by the registry's default network; None while it names none.

    Raises:
        InferenceError: a file is missing or altered.
    """
    eyes = open_near_eyes(registry)
    return NearWitness(eyes) if eyes else None

"""Who is accused of riding a motorcycle is looked at once more from near, before anything is written about it.

In: a violation and the footage it was seen in. Out: whether the looks clear it: a bicycle that the street detector took
for a motorcycle. Only acts in zones and turns that do not bind bicycles are looked at; an
act that no picture shows any more stands.
"""

from detector.inference.near import NearEyes, is_cleared, open_near_eyes
from detector.inference.registry import Registry
from detector.plates.shots import best_shots
from detector.scene import Scene
from detector.types import Finding, ObjectClass
from pipelines.footage import Footage
from pipelines.shots import looks_at

LOOKS_MAX = 3


class NearWitness:
    """Clears road users that were taken for motorcycles."""

    def __init__(self, eyes: NearEyes) -> None:
        self._eyes = eyes

    def clears(self, footage: Footage, finding: Finding, scene: Scene) -> bool:
        """Whether the offender is no motorcycle after all, in a place where only motor vehicles are bound."""
        if finding.vehicle is not ObjectClass.MOTORCYCLE or binds_bicycles(scene, finding.zone_id):
            return False
        shots = best_shots(finding.path, scene.size, count=LOOKS_MAX)
        looks = looks_at(footage, shots, finding.path)
        scores = [self._eyes.scores(still.image, shot.xyxy) for shot, still in looks]
        return is_cleared(scores, self._eyes.score_min)


def binds_bicycles(scene: Scene, place_id: str) -> bool:
    """Whether a bicycle would offend in the zone or turn of that id, too."""
    places = (*scene.zones, *scene.turns)
    return any(place.id == place_id and ObjectClass.BICYCLE in place.bound_classes for place in places)


def open_near_witness(registry: Registry) -> NearWitness | None:
    """Who looks from near, by the registry's default network; None while it names none.

    Raises:
        InferenceError: a file is missing or altered.
    """
    eyes = open_near_eyes(registry)
    return NearWitness(eyes) if eyes else None

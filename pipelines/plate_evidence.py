"""The offender's plate, read after the act from its best shots; nobody else's.

In: a finding and the looks at its offender. Out: an `ActPlate`: the voted reading, the crops that voted, for the
bundle, and of a truck what is painted on it. Nothing is read while nothing happens, and only inside the offender's own
box: other road users' plates are not looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import cv2
import numpy as np

from detector.inference.painted import open_painted_eyes
from detector.inference.plates import PlateEyes, SeenPlate, cut, open_plate_eyes
from detector.inference.registry import Registry
from detector.plates.confusion import edits
from detector.plates.edge import goes_on
from detector.plates.reading import PlateReading
from detector.plates.voting import voted
from detector.types import MOTOR_VEHICLES, EvidenceError, Finding, ObjectClass
from detector.types.track import Box
from detector.types.violation import Fact
from pipelines.painted_evidence import PaintedWitness, PaintedWord
from pipelines.shots import Look, Looks
from pipelines.video.source import Image

CROPS_MAX = 5
JPEG_QUALITY = 95
SCORE_SHARE = 0.6
VOTES_LEAST = 0.02
"""Confidence of a look below which its crop is not kept as one that voted."""
ENOUGH = 3
"""Looks that surely say the same, after which no other is searched: more change no answer on rendered tracks."""
RIVAL_LEAST = 0.5
RIVAL_APART = 2
"""Characters by which two readings of one plate may differ."""
RIVAL_SHARE = 2
"""Another plate in half as many looks as vote leaves open whose is whose: an officer looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateShot:
    """One look that voted: when, where in the full frame (px), the crop and what it said alone."""

    t_s: float
    seen: SeenPlate
    crop: Image

    def jpeg(self) -> bytes:
        """The crop as it goes into the bundle."""
        return _jpeg(self.crop)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActPlate:
    """What the offender's plate says, and by which looks.

    Attributes:
        reading: the common reading; without candidates where nothing was legible.
        shots: the looks that voted, surest first; items `plate-1.jpg` and on.
        looked: pictures that were searched.
        sure: the reading may be given as read.
        rivals: looks in which another plate stands in the offender's box; what it says is nobody's business here.
        painted: what is painted on the offender; None where it is no truck, or nobody reads that.
    """

    reading: PlateReading
    shots: tuple[PlateShot, ...]
    looked: int
    sure: bool
    rivals: int = 0
    painted: PaintedWord | None = None

    def crops(self) -> dict[str, bytes]:
        """The crops that go into the bundle, JPEG by file name."""
        crops = {f"plate-{number}.jpg": shot.jpeg() for number, shot in enumerate(self.shots, start=1)}
        painted = self.painted.crops if self.painted is not None else ()
        return crops | {f"painted-{number}.jpg": _jpeg(crop) for number, crop in enumerate(painted, start=1)}

    def facts(self) -> dict[str, Fact]:
        """Flat facts for the case; without a legible look only how many pictures were searched."""
        facts: dict[str, Fact] = {"plate_looks": self.looked, "plate_votes": len(self.shots)}
        if self.rivals:
            facts["plate_rivals"] = self.rivals
        if self.painted is not None:
            facts |= self.painted.facts()
        if not self.reading.candidates:
            return facts
        facts |= {
            "plate_text": self.reading.text,
            "plate_shown": self.reading.shown,
            "plate_confidence": round(self.reading.confidence, 4),
            "plate_rows": self.reading.rows,
            "plate_valid": self.reading.valid,
            "plate_sure": self.sure,
            "plate_candidates": "; ".join(f"{c.text} {c.probability:.3f}" for c in self.reading.candidates),
        }
        if self.reading.ground is not None:
            facts["plate_colour"] = self.reading.ground.value
        return facts


class _Searched(NamedTuple):
    """One look: the plates in it, and the offender's own among them."""

    look: Look
    plates: Sequence[SeenPlate]
    shot: PlateShot | None


class PlateWitness:
    """Reads the plates of offenders."""

    def __init__(self, eyes: PlateEyes, painted: PaintedWitness | None = None) -> None:
        """`painted` reads what is painted on trucks, None where nobody does."""
        self._eyes, self._painted = eyes, painted
        self.network_hash = eyes.network_hash

    @staticmethod
    def reads(finding: Finding) -> bool:
        """Whether its offender carries a plate at all."""
        return finding.vehicle in MOTOR_VEHICLES

    def read(self, looks: Looks, finding: Finding) -> ActPlate | None:
        """The plate of a finding's offender; None where it carries none (goods, a bicycle, a person).

        Evidence does not fail for want of a plate: what no look shows is not read.
        """
        if not self.reads(finding):
            return None
        searched = self._searched(looks.taken(), finding.vehicle)
        found = [look.shot for look in searched if look.shot is not None]
        found.sort(key=lambda shot: (-shot.seen.reading.confidence, -shot.seen.sharpness))
        votes = tuple(found[:CROPS_MAX])
        reading = voted([vote.seen.reading for vote in votes])
        rivals = max(rivals_of(reading, [look.plates for look in searched]), sum(map(_hides_own, searched)))
        sure = reading.sure(self._eyes.sure_from) and rivals * RIVAL_SHARE < len(votes)
        plate = ActPlate(reading=reading, shots=votes, looked=len(searched), sure=sure, rivals=rivals)
        if self._painted is None or finding.vehicle is not ObjectClass.TRUCK:
            return plate
        return self._beside(plate, self._painted, searched)

    def _searched(self, taken: Sequence[Look], vehicle: ObjectClass | None) -> list[_Searched]:
        """Looks with the plates in them, the largest first, until `ENOUGH` of them surely say the same."""
        searched = list[_Searched]()
        for look in sorted(taken, key=lambda look: look.rank):
            image = cut(look.image, look.xyxy_px)
            plates = self._eyes.look(image, vehicle=vehicle, alike=SCORE_SHARE)
            if vehicle is ObjectClass.TRUCK:
                plates = [plate for plate in plates if not goes_on(image, plate.xyxy)]
            searched.append(_Searched(look, plates, _shot(look, plates)))
            if self._is_enough(searched):
                break
        return searched

    def _is_enough(self, searched: Sequence[_Searched]) -> bool:
        read = [plate.reading for look in searched for plate in look.plates]
        texts = [reading.text for reading in read if reading.sure(self._eyes.sure_from)]
        return len(texts) >= ENOUGH and len(set(texts)) == 1

    def _beside(self, plate: ActPlate, painted: PaintedWitness, searched: Sequence[_Searched]) -> ActPlate:
        """The plate of a truck in the light of what is painted on it."""
        looks = [
            painted.look(cut(look.image, look.xyxy_px), own_places(plates, shot), rank=rank)
            for rank, (look, plates, shot) in enumerate(searched)
        ]
        word = painted.word(looks, plate.reading)
        reading = word.beside(plate.reading)
        raised = reading.confidence > plate.reading.confidence and plate.rivals == 0
        sure = plate.sure or (raised and reading.sure(self._eyes.sure_from))
        return replace(plate, reading=reading, sure=sure and not word.doubts, painted=word)


def rivals_of(reading: PlateReading, looks: Sequence[Sequence[SeenPlate]]) -> int:
    """In how many looks a plate that says quite another text than `reading` is as legible in the offender's box."""
    return sum(
        any(
            plate.reading.sure(RIVAL_LEAST) and edits(plate.reading.text, reading.text) > RIVAL_APART
            for plate in plates
        )
        for plates in looks
    )


def _hides_own(look: _Searched) -> bool:
    """Whether what cannot be read is as likely a plate as the one that votes, apart from it and nearer to the middle.

    It may be the offender's own, and the legible one a neighbour's.
    """
    if look.shot is None:
        return False
    x1, _, x2, _ = look.look.xyxy_px
    left, _, right, _ = look.shot.seen.xyxy
    voting, middle = (left + right) / 2, (x2 - x1) / 2
    unread = ((box[0] + box[2]) / 2 for box in own_places(look.plates, look.shot)[1:])
    return any(abs(x - middle) < abs(voting - middle) and abs(x - voting) > right - left for x in unread)


def own_places(plates: Sequence[SeenPlate], shot: PlateShot | None) -> list[Box]:
    """Where print in one picture is a plate's own: on the one that votes, and on what is as likely one but not legible.

    Another reader of the same dirt is no second witness.
    """
    likeliest = max((plate.score for plate in plates), default=0.0)
    unread = (plate for plate in plates if plate.reading.confidence < VOTES_LEAST)
    places = [plate.xyxy for plate in unread if plate.score >= SCORE_SHARE * likeliest]
    return places if shot is None else [shot.seen.xyxy, *places]


def _shot(look: Look, seen: Sequence[SeenPlate]) -> PlateShot | None:
    """The offender's own of the plates seen in a look."""
    plates = [plate for plate in seen if plate.reading.confidence >= VOTES_LEAST]
    if not plates:
        return None
    vehicle = cut(look.image, look.xyxy_px)
    # A neighbour's plate can stick into the offender's box; its own lies nearer to the box's middle. What looks
    # much less like a plate than another is left out first, however legible it seems: it is none.
    likeliest = max(plate.score for plate in plates)
    alike = [plate for plate in plates if plate.score >= SCORE_SHARE * likeliest]
    middle = vehicle.shape[1] / 2
    plate = min(alike, key=lambda seen: abs((seen.xyxy[0] + seen.xyxy[2]) / 2 - middle))
    return PlateShot(t_s=look.t_s, seen=plate, crop=np.ascontiguousarray(cut(vehicle, plate.xyxy)))


def open_witness(registry: Registry) -> PlateWitness | None:
    """Who reads offenders' plates, by the registry's default networks; None while it names none.

    Raises:
        InferenceError: a file is missing or altered.
    """
    eyes = open_plate_eyes(registry)
    if eyes is None:
        return None
    painted = open_painted_eyes(registry, eyes.reader)
    return PlateWitness(eyes, PaintedWitness(painted) if painted else None)


def event_plate(facts: dict[str, Any]) -> dict[str, Any] | None:
    """The contract's `plate` of an event from a violation's extra facts: null unless it may be given as read."""
    if not facts.get("plate_sure"):
        return None
    return {"text": facts["plate_text"], "confidence": facts["plate_confidence"], "rows": facts["plate_rows"]}


def _jpeg(crop: Image) -> bytes:
    done, data = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise EvidenceError(f"a plate crop of {crop.shape} could not be written as JPEG")
    return data.tobytes()

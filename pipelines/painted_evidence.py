"""The number painted on an offending truck, read in the pictures in which its plate is looked for.

In: the offender's pictures with where its plate was found in each. Out: a `PaintedWord`: what the painted number says
beside the plate, and the crops it was read from, for the bundle. Only trucks are looked at, only after an act, only
inside the offender's own box.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detector.inference.painted import PaintedEyes, on_plate
from detector.inference.plates import SeenPlate, cut
from detector.plates.painted import PaintedNumber, Says, agreed, painted_number
from detector.plates.reading import PlateReading
from detector.types.track import Box
from detector.types.violation import Fact
from pipelines.video.source import Image

LOOKS_MAX = 3
"""Pictures of a truck that are searched for print, the largest: each costs some tenths of a second."""
CROPS_MAX = 3
PLATE_ROOM = 0.15
"""Of a plate's sides, added to each: print so near to the plate's place is the plate's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintedLook:
    """One picture of a truck.

    Attributes:
        vehicle: the offender's box cut out, (h, w, 3) uint8 BGR.
        plates: where print is its plate's own in that picture, px.
        numbers: painted numbers found in it, surest first; None where it was not searched.
    """

    vehicle: Image
    plates: tuple[Box, ...]
    numbers: tuple[SeenPlate, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintedWord:
    """What is painted on the offender.

    Attributes:
        number: None where no look told of one surely enough.
        crops: what it was read from, surest first; items `painted-1.jpg` and on.
        looked: pictures that were searched.
        second: a picture that shows the plate, too, shows it: the plate's own print in another picture is no witness.
        alone: how sure the plate was by itself, 0..1.
        network_hash: of the networks that read it.
    """

    number: PaintedNumber | None
    crops: tuple[Image, ...]
    looked: int
    second: bool
    alone: float
    network_hash: str

    def facts(self) -> dict[str, Fact]:
        """Flat facts for the case; without a number only how many pictures were searched."""
        facts: dict[str, Fact] = {"painted_looks": self.looked, "painted_network_sha256": self.network_hash}
        if self.number is None:
            return facts
        reading = self.number.reading
        if self._raises:
            facts["painted_raised_from"] = round(self.alone, 4)
        return facts | {
            "painted_text": reading.text,
            "painted_shown": reading.shown,
            "painted_confidence": round(reading.confidence, 4),
            "painted_votes": self.number.votes,
            "painted_says": self.number.says.value,
        }

    def beside(self, plate: PlateReading) -> PlateReading:
        """The plate's reading in the light of the painted number: surer where both say the same in two places."""
        if self.number is None or not self._raises:
            return plate
        return agreed(plate, self.number.reading)

    @property
    def _raises(self) -> bool:
        return self.second and self.number is not None and self.number.says is Says.AGREES

    @property
    def doubts(self) -> bool:
        """Another number than the plate's is painted on the truck: neither may be given as read."""
        return self.number is not None and self.number.says is Says.DIFFERS


class PaintedWitness:
    """Reads what is painted on offending trucks."""

    def __init__(self, eyes: PaintedEyes) -> None:
        self._eyes = eyes

    def look(self, vehicle: Image, plates: Sequence[Box], *, rank: int) -> PaintedLook:
        """The painted numbers in one picture of a truck, apart from its plates; of the largest pictures only."""
        numbers = None
        if rank < LOOKS_MAX:
            numbers = tuple(self._eyes.look(vehicle, [_with_room(plate) for plate in plates]))
        return PaintedLook(vehicle=vehicle, plates=tuple(plates), numbers=numbers)

    def word(self, looks: Sequence[PaintedLook], plate: PlateReading) -> PaintedWord:
        """What all looks say together; frees the network they needed.

        A picture in which the plate was not found may show its print all the same: what stands where the plate was in
        another picture is no second place.
        """
        self._eyes.forget()
        plates = [_of_vehicle(_with_room(plate), look.vehicle) for look in looks for plate in look.plates]
        told = [
            (number, look)
            for look in looks
            for number in look.numbers or ()
            if not any(on_plate(_of_vehicle(number.xyxy, look.vehicle), place) for place in plates)
        ]
        number = painted_number([seen.reading for seen, _ in told], plate)
        text = number.reading.text if number is not None else None
        votes = sorted((one for one in told if one[0].reading.text == text), key=lambda one: -one[0].reading.confidence)
        crops = tuple(np.ascontiguousarray(cut(look.vehicle, seen.xyxy)) for seen, look in votes[:CROPS_MAX])
        return PaintedWord(
            number=number,
            crops=crops,
            second=any(look.plates for _, look in votes),
            looked=sum(look.numbers is not None for look in looks),
            alone=plate.confidence,
            network_hash=self._eyes.network_hash,
        )


def _with_room(box: Box) -> Box:
    x1, y1, x2, y2 = box
    x, y = (x2 - x1) * PLATE_ROOM, (y2 - y1) * PLATE_ROOM
    return x1 - x, y1 - y, x2 + x, y2 + y


def _of_vehicle(box: Box, vehicle: Image) -> Box:
    """A box in shares of the vehicle's own."""
    height, width = vehicle.shape[:2]
    return box[0] / width, box[1] / height, box[2] / width, box[3] / height

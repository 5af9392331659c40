"""The number painted on a truck's rear and sides: print on the body, read by the plates' reader.

In: a picture of one truck, (h, w, 3) uint8 BGR, and the boxes of its plates. Out: `SeenPlate`s of painted numbers. A
truck bears much print: names, telephone numbers, loads, codes of containers. Only what a truck's plate may say, and
what the reader would take for that without being told the grammar, is a number.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from detector.inference.lines import Corners, LineFinder, PrintLine, straight
from detector.inference.picture import Pixels
from detector.inference.plates import PlateReader, SeenPlate
from detector.inference.registry import Registry
from detector.plates.painted import is_number
from detector.plates.shots import sharpness
from detector.types.classes import ObjectClass
from detector.types.track import Box

LINES_MAX = 16
"""Read in one picture, the largest first."""
LOWEST_PX = 8
"""Print lower than this has no letters left to read."""
SHAPES = (2.2, 11.0)
"""Width over height of a number in one row."""
HEAD_SHAPES = (1.1, 4.0)
"""Of 29C, the upper of two rows."""
ALIKE = 0.6
"""Heights of two rows, the smaller of the larger."""
GAP = 0.9
"""Between two rows, of the upper one's height."""
ON_PLATE = 0.1
"""Share of a line that lies on a plate from which it is the plate's own print."""


class PaintedEyes:
    """Finder of lines, and the reader of plates."""

    def __init__(self, lines: LineFinder, reader: PlateReader) -> None:
        self._lines, self._reader = lines, reader
        self.network_hash = lines.network_hash + reader.network_hash

    def look(self, image: Pixels, plates: Sequence[Box] = ()) -> list[SeenPlate]:
        """Painted numbers in a picture of one truck, surest read first; what lies on a plate is none.

        Args:
            plates: boxes of plates in the picture, px.

        Raises:
            InferenceError: see `LineFinder.find` and `PlateReader.read`.
        """
        free = [line for line in self._lines.find(image) if not any(on_plate(line.xyxy, plate) for plate in plates)]
        seen = [self._seen(image, line) for line in _rows(free)]
        numbers = [number for number in seen if is_number(number.reading)]
        return sorted(numbers, key=lambda number: -number.reading.confidence)

    def forget(self) -> None:
        """Free the finder's compiled network; trucks seldom offend."""
        self._lines.forget()

    def _seen(self, image: Pixels, line: PrintLine) -> SeenPlate:
        crop = straight(image, line.corners)
        reading = self._reader.read(crop, vehicle=ObjectClass.TRUCK)
        return SeenPlate(xyxy=line.xyxy, score=line.score, sharpness=sharpness(crop), reading=reading)


def open_painted_eyes(registry: Registry, reader: PlateReader) -> PaintedEyes | None:
    """The registry's default finder of lines with the reader of plates, None while it names no such finder.

    Raises:
        InferenceError: a file is missing or altered.
    """
    lines = registry.default("line")
    return PaintedEyes(LineFinder(lines), reader) if lines is not None else None


def on_plate(box: Box, plate: Box) -> bool:
    """Whether a line's box lies on a plate's, as `ON_PLATE` of itself."""
    wide, high = min(box[2], plate[2]) - max(box[0], plate[0]), min(box[3], plate[3]) - max(box[1], plate[1])
    area = max((box[2] - box[0]) * (box[3] - box[1]), 1e-9)
    return wide > 0 and high > 0 and wide * high >= ON_PLATE * area


def _rows(lines: Sequence[PrintLine]) -> Iterator[PrintLine]:
    """What may be a number: lines of its shape, and two that stand one above the other; the largest first."""
    tall = sorted((line for line in lines if line.size_wh[1] >= LOWEST_PX), key=lambda line: -line.size_wh[1])
    tall = tall[:LINES_MAX]
    yield from (line for line in tall if SHAPES[0] <= line.size_wh[0] / line.size_wh[1] <= SHAPES[1])
    heads = [line for line in tall if HEAD_SHAPES[0] <= line.size_wh[0] / line.size_wh[1] <= HEAD_SHAPES[1]]
    for upper in heads:
        yield from (PrintLine(_around(upper, lower), lower.score) for lower in tall if _stands_on(upper, lower))


def _stands_on(upper: PrintLine, lower: PrintLine) -> bool:
    """Whether two lines may be the rows of one number."""
    (_, high), (_, low) = upper.size_wh, lower.size_wh
    one, two = upper.xyxy, lower.xyxy
    shared = min(one[2], two[2]) - max(one[0], two[0])
    gap = float((lower.corners[:2].mean(0) - upper.corners[2:].mean(0))[1])
    return (
        min(high, low) >= ALIKE * max(high, low)
        and -0.5 * high <= gap <= GAP * high
        and shared >= 0.7 * (min(one[2] - one[0], two[2] - two[0]))
    )


def _around(upper: PrintLine, lower: PrintLine) -> Corners:
    """The upright box around two rows as corners."""
    points = np.concatenate([upper.corners, lower.corners])
    (x1, y1), (x2, y2) = points.min(0), points.max(0)
    return np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], np.float32)

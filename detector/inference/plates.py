"""Plates in pictures: a finder and a reader, each a small network on the CPU.

In: a picture of one vehicle (or of a plate alone), (h, w, 3) uint8 BGR of any size. Out: `SeenPlate`s: where, and
what they say. The registry names the networks (tasks "plate" and "character"); while it names none, no plate is
read, and the product says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.inference.close_up import SURROUNDINGS, fullest, surrounded
from detector.inference.from_near import CLOSER_FROM_PX, SUSPECTED, large, together, windows
from detector.inference.picture import Pixels
from detector.inference.plate_finder import PlateFinder, apart
from detector.inference.registry import Network, Registry
from detector.plates.alphabet import ALPHABET, COLUMNS
from detector.plates.colour import ground_of
from detector.plates.reading import PlateReading
from detector.plates.shots import sharpness
from detector.plates.views import candidates_of, settled
from detector.types.classes import ObjectClass
from detector.types.errors import InferenceError
from detector.types.track import Box

ROOM = 0.04
"""Of a found box's sides, added around it before reading: a tight box cuts strokes off."""
SMALLEST_PX = 8
"""Plates lower than this have no letters left to read."""
LEGIBLE_LEAST = 0.02
"""Confidence from which a plate has something on it to read."""
READ_LEAST = 0.5
"""Confidence from which a large plate is read, and none is looked for from near."""
TILTS_DEG = (2.5, -2.5)
"""Further views of a crop, turned about its middle, where the crop as it is does not settle the reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPlate:
    """One plate in a picture.

    Attributes:
        xyxy: px of the picture.
        score: 0..1, how sure the finder is that it is a plate; 1 where the whole picture was read as one.
        sharpness: see `detector.plates.shots.sharpness`.
        reading: what it says.
    """

    xyxy: Box
    score: float
    sharpness: float
    reading: PlateReading


class PlateReader:
    """Reads crops of single plates, one row or two."""

    def __init__(self, network: Network) -> None:
        """Check and read the network's files.

        Args:
            network: of task "character", with `input_wh`; its classes are the alphabet's characters from 1 on.

        Raises:
            InferenceError: another alphabet, no `input_wh`, or a file is missing, altered or not readable.
        """
        from detector.inference.openvino_graph import OpenVinoGraph

        if network.input_wh is None or list(network.classes.values()) != list(ALPHABET):
            raise InferenceError(
                f"network {network.name}: a reading network needs `input_wh` and the classes {ALPHABET!r} "
                "in registry.toml"
            )
        self._name, self._input_wh = network.name, network.input_wh
        self._graph = OpenVinoGraph(network, streams=1)
        self.network_hash = self._graph.file.hash
        self.score_min = network.score_min

    def read(self, crop: Pixels, *, vehicle: ObjectClass | None = None) -> PlateReading:
        """What a crop (h, w, 3) uint8 BGR of one plate says; without candidates where nothing is legible.

        Raises:
            InferenceError: the network's output has another shape.
        """
        picture = self._stretched(crop)
        shape = crop.shape[1] / crop.shape[0]

        def further() -> list[NDArray[np.float32]]:
            return [self._rows(tilted(picture, degrees, shape)) for degrees in TILTS_DEG]

        candidates, views = candidates_of(self._rows(picture), further)
        return PlateReading(candidates=candidates, ground=ground_of(crop), vehicle=vehicle, views=views)

    def glance(self, crop: Pixels, *, vehicle: ObjectClass | None = None) -> PlateReading | None:
        """As `read`, where the crop as it is settles it; None where more than one view of it would be needed."""
        view = self._rows(self._stretched(crop))
        candidates = settled(view)
        if candidates is None:
            return None
        return PlateReading(candidates=candidates, ground=ground_of(crop), vehicle=vehicle, views=view[None])

    def _stretched(self, crop: Pixels) -> Pixels:
        shrinks = crop.shape[1] > self._input_wh[0] or crop.shape[0] > self._input_wh[1]
        how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(crop, self._input_wh, interpolation=how), np.uint8)

    def _rows(self, picture: Pixels) -> NDArray[np.float32]:
        """Log-probabilities (2, places, COLUMNS) of the upper and the lower row."""
        raw = self._graph.run([picture], np.array)
        if raw.ndim != 4 or raw.shape[1] != 2 or raw.shape[3] != COLUMNS:
            raise InferenceError(f"network {self._name}: expected output (1, 2, places, {COLUMNS}), got {raw.shape}")
        return np.asarray(raw[0])


class PlateEyes:
    """Finder and reader together."""

    def __init__(self, finder: PlateFinder, reader: PlateReader) -> None:
        self._finder = finder
        self.reader = reader
        """Shared with what reads elsewhere than on plates."""
        self.network_hash = finder.network_hash + reader.network_hash
        self.sure_from = reader.score_min
        """Confidence from which a reading may be given as read."""

    def look(
        self, image: Pixels, *, vehicle: ObjectClass | None = None, plates_max: int = 4, alike: float = 0.0
    ) -> list[SeenPlate]:
        """The plates in a picture of one vehicle, surest found first; unreadable ones are among them.

        A plate that one glance at the whole view does not settle is looked for again from near.

        Args:
            alike: what scores less than this share of a legible plate's score is not read.

        Raises:
            InferenceError: see `PlateFinder.find` and `PlateReader.read`.
        """
        size_wh = (image.shape[1], image.shape[0])
        if max(size_wh) < CLOSER_FROM_PX:
            return self._read(image, self._finder.find(image)[:plates_max], vehicle, alike)
        suspected = self._finder.find(image, least=SUSPECTED)
        found = suspected[suspected[:, 4] >= self._finder.score_min]
        wide = large(size_wh, found)
        plates = self._read(image, found[wide][:plates_max], vehicle, alike)
        near = suspected[~large(size_wh, suspected)]
        settled = any(plate.reading.sure(READ_LEAST) for plate in plates)
        if not settled:
            glanced = self._glanced(image, found[~wide][:1], vehicle)
            wide[np.flatnonzero(~wide)[: len(glanced)]] = True
            # What is large and illegible stays: it may be the vehicle's own, and the legible one a neighbour's.
            plates, settled = [*plates, *glanced], bool(glanced)
        if settled:
            rest = found[~wide][: max(plates_max - len(plates), 0)]
            legible = (plate.score for plate in plates if plate.reading.confidence >= LEGIBLE_LEAST)
            best = max(legible, default=0.0)
            return by_score([*plates, *self._read(image, rest, vehicle, alike, best=best)])[:plates_max]
        rows = apart(together(self._from_near(image, near, found[~wide]), found[~wide]))
        return by_score([*self._read(image, rows[:plates_max], vehicle, alike), *plates])[:plates_max]

    def whole(self, image: Pixels) -> SeenPlate:
        """The picture read as the crop of one plate."""
        reading = self.reader.read(image)
        box = (0.0, 0.0, float(image.shape[1]), float(image.shape[0]))
        return SeenPlate(xyxy=box, score=1.0, sharpness=sharpness(image), reading=reading)

    def close_up(self, image: Pixels) -> SeenPlate:
        """The plate in a picture that is all plate, however loosely cut: read whole, and where the finder sees it
        once it has surroundings; the fullest sure reading counts.
        """
        plates = [self.whole(image)]
        for share in SURROUNDINGS:
            wide = surrounded(image, share)
            for row in self._finder.find(wide.pixels)[:1]:
                own = wide.back(row[:4], (image.shape[1], image.shape[0]))
                if min(own[2] - own[0], own[3] - own[1]) >= SMALLEST_PX:
                    plates.append(self._seen(image, own, float(row[4]), None))
        return plates[fullest([plate.reading for plate in plates])]

    def _read(
        self, image: Pixels, rows: NDArray[np.float32], vehicle: ObjectClass | None, alike: float, *, best: float = 0.0
    ) -> list[SeenPlate]:
        plates = list[SeenPlate]()
        for row in rows:
            if row[3] - row[1] >= SMALLEST_PX and row[4] >= alike * best:
                plates.append(self._seen(image, row[:4], float(row[4]), vehicle))
                best = max(best, plates[-1].score if plates[-1].reading.confidence >= LEGIBLE_LEAST else 0.0)
        return plates

    def _glanced(self, image: Pixels, rows: NDArray[np.float32], vehicle: ObjectClass | None) -> list[SeenPlate]:
        """The plates of which one view settles what they say."""
        glances = [
            (row, crop, self.reader.glance(crop, vehicle=vehicle))
            for row in rows
            if row[3] - row[1] >= SMALLEST_PX
            for crop in (cut(image, row[:4]),)
        ]
        return [_plate(row[:4], float(row[4]), crop, reading) for row, crop, reading in glances if reading is not None]

    def _from_near(
        self, image: Pixels, suspected: NDArray[np.float32], found: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Rows (n, 5) of the first window that shows any plate, px of the whole picture."""
        for left, top, right, bottom in windows((image.shape[1], image.shape[0]), suspected, found):
            rows = self._finder.find(image[top:bottom, left:right])
            if len(rows):
                return rows + np.array([left, top, left, top, 0], np.float32)
        return np.zeros((0, 5), np.float32)

    def _seen(self, image: Pixels, xyxy: NDArray[np.float32], score: float, vehicle: ObjectClass | None) -> SeenPlate:
        crop = cut(image, xyxy)
        return _plate(xyxy, score, crop, self.reader.read(crop, vehicle=vehicle))


def by_score(plates: Sequence[SeenPlate]) -> list[SeenPlate]:
    """Surest found first."""
    return sorted(plates, key=lambda plate: -plate.score)


def _plate(xyxy: NDArray[np.float32], score: float, crop: Pixels, reading: PlateReading) -> SeenPlate:
    x1, y1, x2, y2 = (float(side) for side in xyxy)
    return SeenPlate(xyxy=(x1, y1, x2, y2), score=score, sharpness=sharpness(crop), reading=reading)


def open_plate_eyes(registry: Registry) -> PlateEyes | None:
    """The registry's default finder and reader, None while it lacks one of them.

    Raises:
        InferenceError: a file is missing or altered.
    """
    finder, reader = registry.default("plate"), registry.default("character")
    if finder is None or reader is None:
        return None
    return PlateEyes(PlateFinder(finder), PlateReader(reader))


def crop_window(size_wh: tuple[int, int], xyxy: NDArray[np.float32] | Sequence[float]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom px of the cut around a box, with `ROOM`, inside the picture, at least one pixel."""
    x1, y1, x2, y2 = (float(side) for side in xyxy)
    room_x, room_y = (x2 - x1) * ROOM, (y2 - y1) * ROOM
    left, top = int(np.clip(x1 - room_x, 0, size_wh[0] - 1)), int(np.clip(y1 - room_y, 0, size_wh[1] - 1))
    right = int(np.clip(np.ceil(x2 + room_x), left + 1, size_wh[0]))
    bottom = int(np.clip(np.ceil(y2 + room_y), top + 1, size_wh[1]))
    return left, top, right, bottom


def cut(image: Pixels, xyxy: NDArray[np.float32] | Sequence[float]) -> Pixels:
    """The part of a picture in the `crop_window` of a box."""
    left, top, right, bottom = crop_window((image.shape[1], image.shape[0]), xyxy)
    return image[top:bottom, left:right]


def tilted(picture: Pixels, degrees: float, shape: float) -> Pixels:
    """A crop that was stretched to the network's input, turned about its middle as the crop itself would turn.

    Args:
        shape: the crop's width over its height before it was stretched.
    """
    height, width = picture.shape[:2]
    turn, squeeze = np.radians(degrees), shape * height / width
    cosine, sine = np.cos(turn), np.sin(turn)
    linear = np.array([[cosine, sine / squeeze], [-sine * squeeze, cosine]])
    middle = np.array([width - 1, height - 1]) / 2
    matrix = np.column_stack([linear, middle - linear @ middle])
    turned = cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, np.uint8)

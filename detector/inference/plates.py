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
from detector.inference.letterbox import Letterbox
from detector.inference.picture import Picture, Pixels
from detector.inference.registry import Network, Registry
from detector.plates.alphabet import ALPHABET, COLUMNS
from detector.plates.colour import ground_of
from detector.plates.reading import PlateReading
from detector.plates.shots import sharpness
from detector.plates.views import candidates_of
from detector.types.classes import ObjectClass
from detector.types.errors import InferenceError
from detector.types.track import Box

ROOM = 0.04
"""Of a found box's sides, added around it before reading: a tight box cuts strokes off."""
SAME_PLATE_IOU = 0.4
SMALLEST_PX = 8
"""Plates lower than this have no letters left to read."""
TILTS_DEG = (2.5, -2.5)
"""Further views of a crop, turned about its middle, where the crop as it is does not settle the reading."""
CLOSER_FROM_PX = 480
"""Longer side of a picture from which the finder looks again from near: shrunk to its input, a plate gets too small."""
TILE = 0.55
TILES_LEFT_TOP = ((0.0, 0.45), (0.225, 0.45), (0.45, 0.45))
"""Second looks, of the picture's sides: its lower part, where vehicles bear plates."""


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
        shrinks = crop.shape[1] > self._input_wh[0] or crop.shape[0] > self._input_wh[1]
        how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        picture = np.asarray(cv2.resize(crop, self._input_wh, interpolation=how), np.uint8)
        shape = crop.shape[1] / crop.shape[0]

        def further() -> list[NDArray[np.float32]]:
            return [self._rows(tilted(picture, degrees, shape)) for degrees in TILTS_DEG]

        candidates, views = candidates_of(self._rows(picture), further)
        return PlateReading(candidates=candidates, ground=ground_of(crop), vehicle=vehicle, views=views)

    def _rows(self, picture: Pixels) -> NDArray[np.float32]:
        """Log-probabilities (2, places, COLUMNS) of the upper and the lower row."""
        raw = self._graph.run([picture], np.array)
        if raw.ndim != 4 or raw.shape[1] != 2 or raw.shape[3] != COLUMNS:
            raise InferenceError(f"network {self._name}: expected output (1, 2, places, {COLUMNS}), got {raw.shape}")
        return np.asarray(raw[0])


class PlateFinder:
    """Finds plates in a picture of a vehicle."""

    def __init__(self, network: Network) -> None:
        """Check and read the network's files.

        Args:
            network: of task "plate", with `input_wh` and `stride_px`.

        Raises:
            InferenceError: no `input_wh`, or a file is missing, altered or not readable.
        """
        from detector.inference.openvino_graph import OpenVinoGraph

        if network.input_wh is None:
            raise InferenceError(f"network {network.name}: a plate finder needs `input_wh` in registry.toml")
        self._network, self._input_wh = network, network.input_wh
        self._graph = OpenVinoGraph(network, streams=1)
        self.network_hash = self._graph.file.hash

    def find(self, image: Pixels) -> NDArray[np.float32]:
        """Plates (n, 5) float32 `x1 y1 x2 y2 score`, px of the picture and clipped to it, surest first.

        Raises:
            InferenceError: the network's output has another shape.
        """
        size_wh = (image.shape[1], image.shape[0])
        letterbox = Letterbox.inside(size_wh, self._input_wh)
        raw = self._graph.run([Picture.resized(image, letterbox).pixels], np.array)
        stride = self._network.stride_px
        expected = (1, 5, self._input_wh[1] // stride, self._input_wh[0] // stride)
        if raw.shape != expected:
            raise InferenceError(f"network {self._network.name}: expected output {expected}, got {raw.shape}")
        boxes = apart(boxes_of(raw[0], stride, self._network.score_min))
        boxes[:, :4] = np.clip(letterbox.to_source(boxes[:, :4]), 0, np.array(size_wh * 2, np.float32))
        return boxes


class PlateEyes:
    """Finder and reader together."""

    def __init__(self, finder: PlateFinder, reader: PlateReader) -> None:
        self._finder = finder
        self.reader = reader
        """Shared with what reads elsewhere than on plates."""
        self.network_hash = finder.network_hash + reader.network_hash
        self.sure_from = reader.score_min
        """Confidence from which a reading may be given as read."""

    def look(self, image: Pixels, *, vehicle: ObjectClass | None = None, plates_max: int = 4) -> list[SeenPlate]:
        """The plates in a picture of one vehicle, surest found first; unreadable ones are among them.

        Raises:
            InferenceError: see `PlateFinder.find` and `PlateReader.read`.
        """
        found = self._finder.find(image)
        plates = self._read(image, found[:plates_max], vehicle)
        if max(image.shape[:2]) < CLOSER_FROM_PX or any(plate.reading.sure(self.sure_from) for plate in plates):
            return plates
        rows = np.concatenate([found, *(self._closer(image, place) for place in TILES_LEFT_TOP)])
        return self._read(image, apart(rows[np.argsort(-rows[:, 4], kind="stable")])[:plates_max], vehicle)

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

    def _read(self, image: Pixels, rows: NDArray[np.float32], vehicle: ObjectClass | None) -> list[SeenPlate]:
        return [self._seen(image, row[:4], float(row[4]), vehicle) for row in rows if row[3] - row[1] >= SMALLEST_PX]

    def _closer(self, image: Pixels, place: tuple[float, float]) -> NDArray[np.float32]:
        """Rows (n, 5) found in one tile, px of the whole picture."""
        height, width = image.shape[:2]
        left, top = round(place[0] * width), round(place[1] * height)
        rows = self._finder.find(image[top : round(top + TILE * height), left : round(left + TILE * width)])
        return rows + np.array([left, top, left, top, 0], np.float32)

    def _seen(self, image: Pixels, xyxy: NDArray[np.float32], score: float, vehicle: ObjectClass | None) -> SeenPlate:
        crop = cut(image, xyxy)
        x1, y1, x2, y2 = (float(side) for side in xyxy)
        reading = self.reader.read(crop, vehicle=vehicle)
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


def boxes_of(raw: NDArray[np.float32], stride_px: int, score_min: float) -> NDArray[np.float32]:
    """Rows (n, 5) of the places that score at least `score_min`, input px, surest first, at most 200.

    Args:
        raw: (5, h, w): score and the distances to left, top, right and bottom, input px.
    """
    row, column = np.nonzero(raw[0] >= score_min)
    x, y = (column + 0.5) * stride_px, (row + 0.5) * stride_px
    left, top, right, bottom = raw[1:, row, column]
    boxes = np.stack([x - left, y - top, x + right, y + bottom, raw[0, row, column]], axis=1).astype(np.float32)
    return np.asarray(boxes[np.argsort(-boxes[:, 4], kind="stable")][:200])


def apart(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of boxes (n, 5), surest first, those that neither overlap a surer one by `SAME_PLATE_IOU` nor lie inside it."""
    kept: list[NDArray[np.float32]] = []
    for box in boxes:
        if all(_same(box, other) < SAME_PLATE_IOU for other in kept):
            kept.append(box)
    return np.array(kept, np.float32).reshape(-1, 5)


def _same(one: NDArray[np.float32], two: NDArray[np.float32]) -> float:
    wide = min(one[2], two[2]) - max(one[0], two[0])
    high = min(one[3], two[3]) - max(one[1], two[1])
    if wide <= 0 or high <= 0:
        return 0.0
    areas = [float((box[2] - box[0]) * (box[3] - box[1])) for box in (one, two)]
    shared = float(wide * high)
    # Half a plate inside a whole one is the same plate, though their overlap is small.
    return max(shared / (sum(areas) - shared), shared / min(areas) - 0.35)

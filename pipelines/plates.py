"""Behind `phatnguoi plate`: pictures of a plate, a vehicle or a street in, the plates in each as JSON-able rows out.

Asking for it is an explicit order; nothing else in the product reads plates outside a violation. A picture that
cannot be read does not stop the others: its row carries `error`, and the command line ends with exit code 2 when any
row does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from detector.inference import Backend, Picture, load_registry, open_backend
from detector.inference.picture import Pixels
from detector.inference.plates import PlateEyes, SeenPlate, crop_window, cut, open_plate_eyes
from detector.inference.registry import Registry
from detector.types import MOTOR_VEHICLES, InferenceError, ObjectClass, SourceError
from pipelines.detect import read_image

Row = dict[str, Any]

FILLS = 0.15
"""A plate that covers this share of a picture is what the picture is of."""
WIDE = 2.1
"""Width over height from which a picture shows a one-row plate rather than a vehicle, if it is small."""
ALONE_LEAST = 0.10
"""Confidence from which a picture without a found plate is taken for the crop of one."""
LEGIBLE_LEAST = 0.05
"""Confidence below which a found plate, or what was taken for one, has nothing on it to read."""
STREET_FROM_PX = 480
"""Longer side from which a picture may show a street with several vehicles."""
VEHICLES_MAX = 24


def plate_images(paths: Iterable[Path], *, registry: Path) -> list[Row]:
    """One row per path, in order: `{"image", "plates": [{"text", "confidence", "rows", "xyxy", "valid", ...}]}`.

    `text` is the likeliest reading whatever its confidence; `sure` says whether it may be relied on. `xyxy` is in px
    of the picture as shown. A picture that cannot be read has no plates and `"error"` says why.

    Raises:
        ConfigError: the registry is not valid.
        InferenceError: it names no plate networks, or their files are missing, altered or unusable.
    """
    networks = load_registry(registry)
    eyes = open_plate_eyes(networks)
    if eyes is None:
        raise InferenceError(f"{registry}: [defaults] names no networks for `plate` and `character`; name them")
    streets = _Streets(networks)
    try:
        return [_row(path, eyes, streets) for path in paths]
    finally:
        streets.close()


class _Streets:
    """The street detector, opened when a picture needs it."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._backend: Backend | None = None

    def vehicles(self, image: Pixels) -> list[tuple[ObjectClass, list[float]]]:
        """Motor vehicles in a picture with their boxes in px, largest first."""
        network = self._registry.default("detect")
        if network is None:
            return []
        if self._backend is None:
            self._backend = open_backend(network)
        letterbox = self._backend.letterbox((image.shape[1], image.shape[0]))
        seen = self._backend.submit(Picture.resized(image, letterbox)).result()
        size = np.array([image.shape[1], image.shape[0]] * 2, np.float32)
        boxes = [
            (ObjectClass(int(kind)), box) for kind, box in zip(seen.kind, np.clip(seen.xyxy, 0, size), strict=True)
        ]
        motor = [(kind, [float(side) for side in box]) for kind, box in boxes if kind in MOTOR_VEHICLES]
        return sorted(motor, key=lambda item: -_area(item[1]))[:VEHICLES_MAX]

    def close(self) -> None:
        if self._backend is not None:
            self._backend.close()


def _row(path: Path, eyes: PlateEyes, streets: _Streets) -> Row:
    try:
        image = read_image(path)
    except SourceError as error:
        return {"image": str(path), "plates": [], "error": str(error)}
    plates = [plate_row(plate, eyes.sure_from) for plate in _plates(image, eyes, streets)]
    return {"image": str(path), "plates": plates}


def _plates(image: Pixels, eyes: PlateEyes, streets: _Streets) -> list[SeenPlate]:
    """The plates of a picture that shows a plate, a vehicle or a street."""
    found = eyes.look(image)
    size = float(image.shape[0] * image.shape[1])
    filling = [plate for plate in found if _area(plate.xyxy) >= FILLS * size]
    if filling or not found or image.shape[1] >= WIDE * image.shape[0]:
        # A finder's box of a picture that is all plate cuts characters off.
        alone = eyes.close_up(image)
        likely = alone.reading.confidence >= ALONE_LEAST and alone.reading.valid
        street = max(image.shape[:2]) >= STREET_FROM_PX and _area(alone.xyxy) < FILLS * size
        if filling or (likely and not street):
            return [alone]
    if max(image.shape[:2]) >= STREET_FROM_PX:
        found += _on_vehicles(image, eyes, streets)
    return _once([plate for plate in found if plate.reading.confidence >= LEGIBLE_LEAST])


def _on_vehicles(image: Pixels, eyes: PlateEyes, streets: _Streets) -> list[SeenPlate]:
    """Plates found by looking at each vehicle of a street from near."""
    plates = []
    for kind, box in streets.vehicles(image):
        left, top, _, _ = crop_window((image.shape[1], image.shape[0]), box)
        for plate in eyes.look(cut(image, box), vehicle=kind, plates_max=1):
            x1, y1, x2, y2 = plate.xyxy
            plates.append(replace(plate, xyxy=(x1 + left, y1 + top, x2 + left, y2 + top)))
    return plates


def _once(plates: list[SeenPlate]) -> list[SeenPlate]:
    """Each plate once, by its best reading, likeliest first."""
    kept: list[SeenPlate] = []
    for plate in sorted(plates, key=_standing, reverse=True):
        if all(_shared(plate.xyxy, other.xyxy) < 0.5 for other in kept):
            kept.append(plate)
    return kept


def plate_row(plate: SeenPlate, sure_from: float) -> Row:
    """A plate as the contract writes it, with what else is known of it."""
    reading = plate.reading
    return {
        "text": reading.text,
        "confidence": round(reading.confidence, 4),
        "rows": reading.rows,
        "xyxy": [round(side, 1) for side in plate.xyxy],
        "valid": reading.valid,
        "sure": reading.sure(sure_from),
        "shown": reading.shown,
        "colour": reading.ground.value if reading.ground else None,
        "candidates": [
            {"text": candidate.text, "confidence": round(candidate.probability, 4)} for candidate in reading.candidates
        ],
    }


def _standing(plate: SeenPlate) -> tuple[bool, float]:
    return plate.reading.valid, plate.reading.confidence


def _area(xyxy: Sequence[float]) -> float:
    return max(xyxy[2] - xyxy[0], 0.0) * max(xyxy[3] - xyxy[1], 0.0)


def _shared(one: Sequence[float], two: Sequence[float]) -> float:
    """How much of the smaller box lies in the other, 0..1."""
    wide = min(one[2], two[2]) - max(one[0], two[0])
    high = min(one[3], two[3]) - max(one[1], two[1])
    smaller = min(_area(one), _area(two))
    return wide * high / smaller if wide > 0 and high > 0 and smaller > 0 else 0.0

"""Pictures with rendered plates, drawn by own strokes: no font and no real plate is needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.types import SourceError
from models.recipes.plate.glyphs import Glyphs
from models.recipes.plate.render import flat_plate
from models.recipes.plate.series import CAR_LONG_MM, MOTORBIKE_MM, PlateText
from models.recipes.plate.view import laid
from pipelines.video.stills import Still

Image = NDArray[np.uint8]
TWO_ROWS = PlateText(printed=("29-E1", "123.45"), ground="white", size_mm=MOTORBIKE_MM)
ONE_ROW = PlateText(printed=("30K-123.45",), ground="yellow", size_mm=CAR_LONG_MM)
SEED = 4
"""Of a clean plate."""


def plate_picture(plate: PlateText, width_px: int, *, margin: float = 0.04, seed: int = SEED) -> Image:
    """A crop of one plate, square on."""
    flat = flat_plate(plate, Glyphs([]), np.random.default_rng(seed))
    high, wide = flat.pixels.shape[:2]
    height_px = round(width_px * high / wide)
    around = np.full((round(height_px * (1 + 2 * margin)), round(width_px * (1 + 2 * margin)), 3), 40, np.uint8)
    left, top = margin * width_px, margin * height_px
    right, bottom = left + width_px, top + height_px
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    return laid(around, flat, corners)


def vehicle_picture(plate: PlateText, size_wh: tuple[int, int], width_px: int) -> Image:
    """A dark body with lamps on the road and a plate low in its middle."""
    width, height = size_wh
    picture = np.full((height, width, 3), 120, np.uint8)
    cv2.rectangle(picture, (width // 5, height // 6), (4 * width // 5, 9 * height // 10), (50, 45, 60), -1)
    cv2.circle(picture, (width // 2, height // 3), width // 12, (40, 40, 190), -1)
    crop = plate_picture(plate, width_px, margin=0.0)
    left, top = (width - crop.shape[1]) // 2, 3 * height // 4 - crop.shape[0]
    picture[top : top + crop.shape[0], left : left + crop.shape[1]] = crop
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.6), np.uint8)


@dataclass(frozen=True, slots=True)
class PictureFootage:
    """Footage that shows one picture for a second each; there are no packets to cut."""

    pictures: tuple[Image, ...]
    name: str = "pictures"
    sha256: str | None = None
    clip_suffix: str | None = None
    frame_s: float = 0.04

    def stills(self, times_s: Sequence[float]) -> list[Still]:
        """The picture of each time's second."""
        return [Still(t_s, self.pictures[min(int(t_s), len(self.pictures) - 1)]) for t_s in times_s]

    def cut(self, t_start_s: float, t_end_s: float, target: Path) -> float:
        """Never called: there is no clip."""
        raise SourceError(f"{self.name}: no packets of {t_start_s} to {t_end_s} s for {target}")

"""Pictures of trucks' bodies to measure on: numbers laid straight onto vehicles, beside lettering that is none.

In: as `scenes.Scenes`. Out: the same, whose boxes are those of numbers, and the text of the last one. Sellers' names,
telephone numbers, loads and the codes of containers lie in the pictures without a box, in the same paints and letters:
what tells a truck's own number is what it says, not that there is print.
"""

from __future__ import annotations

import numpy as np

from models.recipes.network import Boxes, Image
from models.recipes.plate.painted import HEIGHT_PX, painted, painted_number
from models.recipes.plate.render import FlatPlate
from models.recipes.plate.scenes import Scenes
from models.recipes.plate.series import PlateText

LETTERS = "ABCDEFGHKLMNPRSTUVXY"
OTHERS_MAX = 4
TRIES = 6
SHOWN_LEAST = 9.0
"""Mean change of brightness inside a number's box, of 255."""


def other_lettering(rng: np.random.Generator) -> PlateText:
    """A name, a telephone number, a container's code, a load: one row that is no vehicle's number."""
    pick = rng.random()
    digits = "".join(str(digit) for digit in rng.integers(0, 10, 9))
    if pick < 0.3:
        words = ["".join(rng.choice(list(LETTERS), int(rng.integers(2, 7)))) for _ in range(int(rng.integers(1, 3)))]
        text = " ".join(words)
    elif pick < 0.65:
        text = f"0{digits[:3]} {digits[3:6]} {digits[6:]}" if rng.random() < 0.6 else f"0{digits[:2]}.{digits[2:]}"
    elif pick < 0.8:
        code = "".join(rng.choice(list(LETTERS), 3)) + "U"
        text = f"{code} {rng.integers(100_000, 999_999)} {rng.integers(10)}"
    else:
        tons = f"{rng.integers(2, 40)}T", f"{rng.integers(5, 400) * 100}KG", f"{rng.integers(20, 46)}G{rng.integers(4)}"
        text = f"{'TTHH '[: 5 * int(rng.integers(2))]}{rng.choice(tons)}"
    wide = round(HEIGHT_PX * len(text) * rng.uniform(0.45, 0.8))
    return PlateText(printed=(text,), ground="body", size_mm=(max(wide, HEIGHT_PX), HEIGHT_PX))


class PaintedScenes(Scenes):
    """Pictures without end, boxes around painted numbers alone.

    Attributes:
        text: what the last number says.
        given: the next number says this; drawn at random while it is None.
    """

    text = ""
    given: PlateText | None = None

    def _flat(self) -> FlatPlate:
        plate = self.given or painted_number(self._rng)
        self.text = plate.text
        return painted(plate, self._glyphs, self._rng, board=self._rng.random() < 0.25)

    def _distracted(self, picture: Image) -> Image:
        picture = super()._distracted(picture)
        for _ in range(int(self._rng.integers(0, OTHERS_MAX))):
            picture, _box = self._laid(picture, self._other())
        return picture

    def _other(self) -> FlatPlate:
        return painted(other_lettering(self._rng), self._glyphs, self._rng, board=self._rng.random() < 0.25)

    def _with_plate(self, picture: Image) -> tuple[Image, Boxes]:
        """A number; again where its paint does not show on the body."""
        for _ in range(TRIES):
            laid, box = self._laid(picture, self._flat())
            left, top, right, bottom = (int(side) for side in box)
            change = np.abs(laid[top:bottom, left:right].astype(np.int16) - picture[top:bottom, left:right])
            if change.size and change.mean() >= SHOWN_LEAST:
                break
        return laid, box

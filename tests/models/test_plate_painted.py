"""Numbers painted on trucks, as the reader learns them: they are numbers, and they show on the body."""

import numpy as np
import pytest

from detector.plates.grammar import Bearer, fits
from models.recipes.plate.glyphs import Glyphs
from models.recipes.plate.painted import painted, painted_number

GLYPHS = Glyphs([])


@pytest.mark.parametrize("seed", range(20))
def test_a_painted_number_is_a_cars_in_one_row(seed: int) -> None:
    rng = np.random.default_rng(seed)
    plate = painted_number(rng)
    assert any(fit.form.bearer is Bearer.CAR for fit in fits(plate.text, rows=plate.rows))
    flat = painted(plate, GLYPHS, rng)
    height, width = flat.pixels.shape[:2]
    assert (width, height) == plate.size_mm
    assert [len(row) for row in flat.cells] == [len(plate.text)]
    left, top, right, bottom = (int(side) for side in flat.cells[0][0])
    print_, beside = flat.pixels[top:bottom, left:right], flat.pixels[top:bottom, : max(1, left)]
    assert np.abs(print_.astype(float) - beside.mean((0, 1))).mean() > 5


def test_bare_paint_covers_the_body_only_where_it_is() -> None:
    rng = np.random.default_rng(3)
    flat = painted(painted_number(rng), GLYPHS, rng, board=False)
    left, top, right, bottom = (int(side) for side in flat.cells[0][0])
    assert flat.mask[top:bottom, left:right].max() > 0.6
    assert flat.mask[:, 0].max() == 0
    assert (flat.pixels == flat.pixels[0, 0]).all()

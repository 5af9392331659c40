"""Rendered plates: every series, sizes, where the characters are; and the finder's targets."""

import cv2
import numpy as np
import pytest
import torch

from detector.plates.alphabet import ALPHABET
from detector.plates.reading import Candidate, PlateReading
from models.recipes.plate.finder import PLACES, SIDE_PX, Finder, loss_of, targets
from models.recipes.plate.glyphs import MASTER_PX, Face, Glyphs, stroke_glyph
from models.recipes.plate.legible import Print
from models.recipes.plate.measure import Answer, Crop, curve, rendered_crops, wilson
from models.recipes.plate.network import PLACES as READ_PLACES
from models.recipes.plate.network import ROWS, Reader
from models.recipes.plate.render import bleach, flat_plate
from models.recipes.plate.series import PlateText, random_plate
from models.recipes.plate.strokes import STROKES
from models.recipes.plate.train import Renders, aligned_loss, as_input
from models.recipes.plate.train import loss_of as ctc_loss
from models.recipes.plate.view import crop_and_matrix, crop_of, straightened, turned

GLYPHS = Glyphs([])


def test_every_character_has_strokes_and_ink() -> None:
    assert set(STROKES) == set(ALPHABET)
    face = Face(font=None, weight=0.14, width=0.5)
    for character in ALPHABET:
        glyph = stroke_glyph(character, face)
        assert 0.9 * MASTER_PX <= glyph.shape[0] <= MASTER_PX, character
        assert 0.1 < glyph.mean() < 0.85, character


def test_no_two_characters_are_drawn_alike() -> None:
    face = Face(font=None, weight=0.12, width=0.5)
    drawn = {c: GLYPHS.glyph(c, face, 48) for c in ALPHABET}
    for one in ALPHABET:
        for two in ALPHABET:
            if one < two and drawn[one].shape == drawn[two].shape:
                assert np.abs(drawn[one] - drawn[two]).mean() > 0.02, (one, two)


@pytest.mark.parametrize("seed", range(12))
def test_characters_lie_on_the_plate_in_reading_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    plate = random_plate(rng)
    flat = flat_plate(plate, GLYPHS, rng)
    height, width = flat.pixels.shape[:2]
    assert flat.mask.shape == (height, width)
    assert [len(row) for row in flat.centres] == [len(row) for row in plate.rows]
    for row in flat.centres:
        assert (np.diff(row[:, 0]) > 0).all()
        assert ((row > 0) & (row < [width, height])).all()
    crop, across = crop_of(flat, rng)
    assert crop.dtype == np.uint8
    assert min(crop.shape[:2]) >= 8
    assert all((np.diff(row) > 0).all() for row in across)


def test_series_show_every_character_ground_and_shape() -> None:
    rng = np.random.default_rng(0)
    plates: list[PlateText] = [random_plate(rng) for _ in range(3000)]
    assert {character for plate in plates for character in plate.text} == set(ALPHABET)
    assert {plate.ground for plate in plates} == {"white", "yellow", "blue", "red"}
    assert {len(plate.rows) for plate in plates} == {1, 2}


def test_the_reader_takes_a_batch_and_learns_from_it() -> None:
    torch.manual_seed(0)
    inputs, rows, shown = Renders(GLYPHS, np.random.default_rng(0)).batch(4)
    network = Reader(8)
    scores = network(inputs)
    assert scores.shape == (4, ROWS, READ_PLACES, len(ALPHABET) + 1)
    assert torch.allclose(scores.exp().sum(-1), torch.ones(4, ROWS, READ_PLACES), atol=1e-4)
    assert [int((shown[n] > 0).sum()) for n in range(4)] == [len(upper) + len(lower) for upper, lower in rows]
    loss = ctc_loss(scores, rows) + aligned_loss(scores, shown)
    loss.backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in network.parameters())


def test_finder_targets_name_the_box_from_inside_it() -> None:
    box = torch.tensor([[40.0, 60.0, 120.0, 100.0]])
    wanted, spared, sides = targets([box, torch.zeros(0, 4)])
    assert wanted[0].any()
    assert not wanted[1].any()
    assert not (wanted & spared).any()
    row, column = (int(v) for v in wanted[0].nonzero()[0])
    x, y = (column + 0.5) * 8, (row + 0.5) * 8
    left, top, right, bottom = sides[0, :, row, column].tolist()
    assert (x - left, y - top, x + right, y + bottom) == pytest.approx((40, 60, 120, 100))


def test_the_smallest_plate_has_a_place_and_a_perfect_answer_costs_little() -> None:
    box = torch.tensor([[100.0, 100.0, 105.0, 104.0]])
    wanted, _, sides = targets([box])
    assert int(wanted.sum()) == 1
    perfect = loss_of(torch.where(wanted, 12.0, -12.0), sides, [box])
    assert float(perfect) < 0.01


def test_the_finder_gives_boxes_in_input_px() -> None:
    out = Finder(4).eval()(as_input([np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8)]))
    assert out.shape == (1, 5, PLACES, PLACES)
    assert ((out[:, 0] >= 0) & (out[:, 0] <= 1)).all()
    assert (out[:, 1:] > 0).all()


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [
        pytest.param(0, 0, 0.0, 1.0, id="nothing measured says nothing"),
        pytest.param(0, 10, 0.0, 0.278, id="none of ten"),
        pytest.param(93, 110, 0.766, 0.901, id="93 of 110"),
        pytest.param(10, 10, 0.722, 1.0, id="all of ten"),
    ],
)
def test_wilson_intervals(hits: int, count: int, low: float, high: float) -> None:
    assert wilson(hits, count) == pytest.approx((low, high), abs=2e-3)


def test_the_curve_counts_only_valid_and_sure_answers() -> None:
    crop = Crop(image=np.zeros((1, 1, 3), np.uint8), text="30K12345", rows=1)

    def answer(text: str, probability: float, *, valid: bool = True) -> Answer:
        candidate = Candidate(rows=(text,), probability=probability, valid=valid)
        return Answer(crop=crop, reading=PlateReading(candidates=(candidate,)))

    answers = [answer("30K12345", 0.9), answer("30K12346", 0.6), answer("XX", 0.99, valid=False)]
    assert curve(answers, (0.5, 0.8)) == [(0.5, pytest.approx(2 / 3), 1, 2), (0.8, pytest.approx(1 / 3), 0, 1)]


def test_renders_are_the_same_for_the_same_seed() -> None:
    one, two = (next(iter(rendered_crops(GLYPHS, 5, 1, frames=2))) for _ in range(2))
    assert [crop.text for crop in one] == [crop.text for crop in two]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(one, two, strict=True))
    assert not np.array_equal(one[0].image, one[1].image)


@pytest.mark.parametrize("seed", range(4))
def test_a_plate_warped_square_fills_its_picture_and_its_characters_go_along(seed: int) -> None:
    rng = np.random.default_rng(seed)
    corners = turned((130, 96), rng) + np.float32(100)
    crop = np.full((200, 200, 3), 40, np.uint8)
    square, matrix = straightened(crop, np.asarray(corners, np.float32), rng)
    size = np.array([square.shape[1], square.shape[0]])
    placed = cv2.perspectiveTransform(corners[None].astype(np.float64), matrix)[0] / size
    assert np.abs(placed - [[0, 0], [1, 0], [1, 1], [0, 1]]).max() < 0.2


def test_bleaching_takes_ink_away_and_adds_none() -> None:
    before = np.ones((96, 130), np.float32)
    after = before.copy()
    bleach(after, np.random.default_rng(5))
    assert (after <= before).all()
    assert 0.002 < (before - after).mean() < 0.5


PLATES = {
    "motorbike": PlateText(printed=("29-E1", "120.48"), ground="white", size_mm=(190, 140)),
    "blue car": PlateText(printed=("30F-256.58",), ground="blue", size_mm=(520, 110)),
}


@pytest.mark.parametrize("name", PLATES)
def test_a_clean_plate_is_legible_and_one_without_a_character_is_not(name: str) -> None:
    plate, rng = PLATES[name], np.random.default_rng(8)
    flat = flat_plate(plate, GLYPHS, rng)
    square, shown = np.eye(3), Print(plate, flat, GLYPHS)
    left, top, right, bottom = (int(side) for side in flat.cells[-1][-1])
    clean = np.full_like(flat.pixels, flat.pixels[top, left - 2])
    ink = 30 if plate.ground == "white" else 240
    for text, cells in zip(plate.rows, flat.cells, strict=True):
        for character, (x, y, x2, y2) in zip(text, cells.astype(int), strict=True):
            glyph = cv2.resize(GLYPHS.glyph(character, flat.face, y2 - y), (x2 - x, y2 - y))[:, :, None]
            clean[y:y2, x:x2] = clean[y:y2, x:x2] * (1 - glyph) + ink * glyph
    assert shown.legible(clean, square)
    half = cv2.resize(clean, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    assert shown.legible(np.asarray(half, np.uint8), np.diag([0.5, 0.5, 1.0]))
    without = clean.copy()
    without[top:bottom, left:right] = clean[top, left - 2]
    assert not shown.legible(without, square)
    assert not shown.legible(255 - clean, square)


def test_some_renders_are_legible_and_some_are_not() -> None:
    crops = [crop for looks in rendered_crops(GLYPHS, 11, 20, frames=3) for crop in looks]
    assert 15 < sum(crop.legible for crop in crops) < 55


def test_a_crop_and_its_matrix_tell_where_the_characters_are() -> None:
    flat = flat_plate(PLATES["motorbike"], GLYPHS, np.random.default_rng(3))
    one, across = crop_of(flat, np.random.default_rng(4))
    two, matrix = crop_and_matrix(flat, np.random.default_rng(4))
    assert np.array_equal(one, two)
    placed = cv2.perspectiveTransform(flat.centres[0][None], matrix)[0, :, 0] / two.shape[1]
    assert placed == pytest.approx(across[0])

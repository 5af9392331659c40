"""Training samples keep boxes on their objects, whatever the warp, and forget nothing that is cut off."""

import numpy as np
import pytest

pytest.importorskip("ultralytics", reason="recipes need the extra [torch]")

from models.recipes.frames import Frame, Sample, StreetFrames, collate, moved, warp_matrix, warped, zoom_matrix

CANVAS_WH = (320, 192)


def marked_frame(box: tuple[float, float, float, float] = (0.4, 0.5, 0.55, 0.7)) -> Frame:
    """A black stored square, squeezed from 16:9, with one white rectangle that is the only object."""
    image = np.zeros((320, 320, 3), np.uint8)
    x1, y1, x2, y2 = (round(value * 320) for value in box)
    image[y1:y2, x1:x2] = 255
    rows = np.array([[3, *box]], np.float32)
    return Frame(image, (568, 320), "clip", rows, np.zeros((0, 5), np.float32))


def white_box(image: np.ndarray) -> np.ndarray:
    ys, xs = np.nonzero(image[:, :, 0] > 127)
    return np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1])


@pytest.mark.parametrize("seed", range(12))
def test_the_box_stays_on_the_object_after_a_random_warp(seed: int) -> None:
    frame = marked_frame()
    sample = warped(frame, warp_matrix(frame, CANVAS_WH, 0.9, np.random.default_rng(seed)), CANVAS_WH, 0)
    assert np.abs(sample.boxes[0, 1:] - white_box(sample.image)).max() < 6


@pytest.mark.parametrize("seed", range(6))
def test_a_close_view_shows_the_object_large_and_whole(seed: int) -> None:
    frame = marked_frame()
    sample = warped(frame, zoom_matrix(frame, CANVAS_WH, np.random.default_rng(seed)), CANVAS_WH, 0)
    sides = (sample.boxes[0, 3:5] - sample.boxes[0, 1:3]) / CANVAS_WH
    assert sides.max() > 0.2
    assert np.abs(sample.boxes[0, 1:] - white_box(sample.image)).max() < 6


@pytest.mark.parametrize(
    ("box", "kept", "unsure"),
    [
        pytest.param([3, 0.2, 0.2, 0.4, 0.4], 1, 0, id="inside stays a box"),
        pytest.param([3, -0.05, 0.2, 0.15, 0.4], 1, 0, id="three quarters visible stays a box"),
        pytest.param([3, -0.15, 0.2, 0.05, 0.4], 0, 1, id="a quarter visible is left unjudged"),
        pytest.param([3, 0.2, 0.2, 0.21, 0.4], 0, 1, id="too thin to learn is left unjudged"),
        pytest.param([3, -0.4, 0.2, -0.1, 0.4], 0, 0, id="outside is gone"),
    ],
)
def test_boxes_at_the_edge(box: list[float], kept: int, unsure: int) -> None:
    identity = np.array([[1.0, 0, 0], [0, 1.0, 0]])
    good, cut = moved(np.array([box], np.float32), identity, np.array([200.0, 200.0]), (200, 200))
    assert (len(good), len(cut)) == (kept, unsure)


def test_a_sample_depends_on_its_key_alone() -> None:
    frames = StreetFrames([marked_frame(), marked_frame((0.1, 0.1, 0.3, 0.4))], seed=5)
    first, again, other = (frames[0, serial, *CANVAS_WH, 0.5] for serial in (7, 7, 8))
    assert np.array_equal(first.image, again.image)
    assert np.array_equal(first.boxes, again.boxes)
    assert not np.array_equal(first.image, other.image)


@pytest.mark.parametrize("mosaic", [0.0, 1.0], ids=["one frame", "four frames"])
def test_samples_have_the_canvas_size_and_boxes_within_it(mosaic: float) -> None:
    frames = StreetFrames([marked_frame(), marked_frame((0.1, 0.1, 0.3, 0.4))], seed=1)
    for serial in range(20):
        sample = frames[0, serial, *CANVAS_WH, mosaic]
        assert sample.image.shape == sample.clean.shape == (CANVAS_WH[1], CANVAS_WH[0], 3)
        assert (sample.boxes[:, 1:] >= 0).all()
        assert (sample.boxes[:, [1, 3]] <= CANVAS_WH[0]).all()
        assert (sample.boxes[:, [2, 4]] <= CANVAS_WH[1]).all()


def test_a_batch_numbers_its_boxes_and_scales_them_to_one() -> None:
    image = np.zeros((100, 200, 3), np.uint8)
    none = np.zeros((0, 5), np.float32)
    full = np.array([[2, 50, 20, 150, 60]], np.float32)
    batch = collate([Sample(image, image, none, full), Sample(image, image, full, none)])
    assert batch["img"].shape == (2, 3, 100, 200)
    assert batch["batch_idx"].tolist() == [1]
    assert batch["cls"].tolist() == [2]
    assert batch["bboxes"][0].tolist() == pytest.approx([0.5, 0.4, 0.5, 0.4])
    assert batch["unsure"].tolist() == [[0, 2, 50, 20, 150, 60]]

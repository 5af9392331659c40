"""The geometry between full-frame and input pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.inference import Letterbox, Picture
from detector.types import Window

SIDES = st.integers(1, 8000)
BOXES = st.lists(st.tuples(*[st.floats(-500, 9000, width=32)] * 4), max_size=5)


@pytest.mark.parametrize(
    ("source_wh", "input_wh", "inner_wh", "offset_xy"),
    [
        pytest.param((1920, 1080), (640, 384), (640, 360), (0, 12), id="16:9"),
        pytest.param((1600, 1200), (640, 480), (640, 480), (0, 0), id="4:3"),
        pytest.param((1080, 1920), (384, 640), (360, 640), (12, 0), id="upright"),
        pytest.param((886, 502), (640, 384), (640, 363), (0, 10), id="odd"),
        pytest.param((596, 308), (640, 352), (640, 331), (0, 10), id="enlarged"),
        pytest.param((500, 500), (640, 640), (640, 640), (0, 0), id="square"),
        pytest.param((5000, 3), (640, 32), (640, 1), (0, 15), id="a line"),
    ],
)
def test_the_input_follows_the_shape_of_the_picture(
    source_wh: tuple[int, int], input_wh: tuple[int, int], inner_wh: tuple[int, int], offset_xy: tuple[int, int]
) -> None:
    letterbox = Letterbox.fitted(source_wh, long_side_px=640, stride_px=32)
    assert (letterbox.input_wh, letterbox.inner_wh, letterbox.offset_xy) == (input_wh, inner_wh, offset_xy)


def test_a_picture_without_a_frame_is_the_whole_input() -> None:
    letterbox = Letterbox.fitted((1600, 1200), long_side_px=640, stride_px=32)
    picture = Picture.resized(np.full((1200, 1600, 3), 7, np.uint8), letterbox)
    assert picture.pixels.shape == (480, 640, 3)
    assert (picture.pixels == 7).all()


@given(SIDES, SIDES, st.sampled_from([320, 640, 960]), st.sampled_from([32, 64]))
def test_the_picture_fits_and_touches_the_long_side(width: int, height: int, long_side: int, stride: int) -> None:
    letterbox = Letterbox.fitted((width, height), long_side_px=long_side, stride_px=stride)
    assert max(letterbox.inner_wh) == long_side == max(letterbox.input_wh)
    for inner, outer in zip(letterbox.inner_wh, letterbox.input_wh, strict=True):
        assert outer % stride == 0
        assert 1 <= inner <= outer < inner + stride


@given(SIDES, SIDES, BOXES)
def test_boxes_survive_the_way_there_and_back(
    width: int, height: int, rows: list[tuple[float, float, float, float]]
) -> None:
    letterbox = Letterbox.fitted((width, height), long_side_px=640, stride_px=32)
    xyxy = np.array(rows, np.float32).reshape(-1, 4)
    there = letterbox.to_input(xyxy)
    assert there.dtype == np.float32
    # float32 keeps 1e-7 of the input coordinate, which the way back enlarges by 1 / scale.
    slack_px = 1e-2 + 1e-6 * (np.abs(there).max(initial=0) + 640) / min(letterbox.scale_xy)
    assert np.allclose(letterbox.to_source(there), xyxy, atol=slack_px, rtol=1e-5)


@given(st.integers(2, 8000), st.integers(2, 8000), BOXES, st.data())
def test_a_window_fills_the_input_and_boxes_come_back_to_the_full_frame(
    width: int, height: int, rows: list[tuple[float, float, float, float]], data: st.DataObject
) -> None:
    left, top = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    right, bottom = data.draw(st.integers(left + 1, width)), data.draw(st.integers(top + 1, height))
    whole = Letterbox.fitted((width, height), long_side_px=640, stride_px=32)
    part = whole.at(Window(left, top, right, bottom))
    assert (part.input_wh, part.inner_wh, part.offset_xy) == (whole.input_wh, whole.inner_wh, whole.offset_xy)
    (x, y), (inner_w, inner_h) = part.offset_xy, part.inner_wh
    corners = part.to_input(np.array([[left, top, right, bottom]], np.float32))
    assert np.allclose(corners, [[x, y, x + inner_w, y + inner_h]], rtol=1e-5)
    xyxy = np.array(rows, np.float32).reshape(-1, 4)
    there = part.to_input(xyxy)
    slack_px = 1e-2 + 1e-6 * (np.abs(there).max(initial=0) + 640) / min(part.scale_xy)
    assert np.allclose(part.to_source(there), xyxy, atol=slack_px, rtol=1e-5)


@given(SIDES, SIDES, st.tuples(st.integers(32, 1280), st.integers(32, 1280)))
def test_the_whole_picture_maps_onto_its_place_in_a_fixed_input(
    width: int, height: int, input_wh: tuple[int, int]
) -> None:
    letterbox = Letterbox.inside((width, height), input_wh)
    (left, top), (inner_w, inner_h) = letterbox.offset_xy, letterbox.inner_wh
    assert any(inner == outer for inner, outer in zip(letterbox.inner_wh, input_wh, strict=True))
    full = np.array([[0, 0, width, height]], np.float32)
    assert np.allclose(letterbox.to_input(full), [[left, top, left + inner_w, top + inner_h]], rtol=1e-5)


@pytest.mark.parametrize("source_wh", [(0, 10), (10, 0), (-1, 5)], ids=str)
def test_a_picture_without_pixels_is_refused(source_wh: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="source_wh: expected a positive width and height, got"):
        Letterbox.fitted(source_wh, long_side_px=640, stride_px=32)
    with pytest.raises(ValueError, match="source_wh"):
        Letterbox.inside(source_wh, (640, 640))


def test_the_frame_is_grey_and_the_picture_inside_it() -> None:
    letterbox = Letterbox.fitted((1280, 720), long_side_px=640, stride_px=32)
    picture = Picture.resized(np.full((720, 1280, 3), 7, np.uint8), letterbox, t_s=1.5)
    assert picture.pixels.shape == (384, 640, 3)
    assert picture.t_s == 1.5
    assert (picture.pixels[:12] == 114).all()
    assert (picture.pixels[12:372] == 7).all()
    assert (picture.pixels[372:] == 114).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(
            lambda box: Picture(pixels=np.zeros((360, 640, 3), np.uint8), letterbox=box),
            r"Picture.pixels: expected uint8 of shape \(384, 640, 3\)",
            id="unframed",
        ),
        pytest.param(
            lambda box: Picture.framed(np.zeros((384, 640, 3), np.uint8), box),
            r"inner: expected shape \(360, 640, 3\)",
            id="framed twice",
        ),
        pytest.param(
            lambda box: Picture.resized(np.zeros((480, 640, 3), np.uint8), box),
            r"image: expected \(1280, 720\) px \(w, h\), got \(640, 480\)",
            id="another camera",
        ),
    ],
)
def test_a_picture_of_the_wrong_size_is_refused(make: object, message: str) -> None:
    letterbox = Letterbox.fitted((1280, 720), long_side_px=640, stride_px=32)
    with pytest.raises(ValueError, match=message):
        make(letterbox)  # type: ignore[operator]

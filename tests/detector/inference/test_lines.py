"""Lines of print are found where they lie, as they lie."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from detector.inference.lines import LineFinder, PrintLine, lines_of, straight
from detector.inference.registry import default_registry_path, load_registry
from detector.types import InferenceError

NETWORK = load_registry(default_registry_path()).network("line-n", task="line")
SIZE_WH = (400, 300)


@pytest.fixture(scope="module")
def finder() -> LineFinder:
    return LineFinder(NETWORK)


def printed(turn_deg: float = 0.0, text: str = "29C 123.45") -> NDArray[np.uint8]:
    picture = np.full((SIZE_WH[1], SIZE_WH[0], 3), (140, 70, 30), np.uint8)
    cv2.putText(picture, text, (100, 160), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (240, 240, 240), 3, cv2.LINE_AA)
    matrix = cv2.getRotationMatrix2D((200, 150), turn_deg, 1)
    return np.asarray(cv2.warpAffine(picture, matrix, SIZE_WH, borderMode=cv2.BORDER_REPLICATE), np.uint8)


@pytest.mark.parametrize("turn_deg", [0.0, 12.0, -20.0])
def test_a_line_is_found_as_it_lies(finder: LineFinder, turn_deg: float) -> None:
    (line,) = finder.find(printed(turn_deg))
    along = line.corners[1] - line.corners[0]
    assert np.degrees(np.arctan2(-along[1], along[0])) == pytest.approx(turn_deg, abs=4)
    assert 3.5 <= line.size_wh[0] / line.size_wh[1] <= 8
    assert np.abs(line.corners.mean(0) - (200, 148)).max() < 12
    laid = straight(printed(turn_deg), line.corners).astype(float)
    assert laid.shape[1] > 3 * laid.shape[0]
    assert (laid.mean(2) > 180).mean() > 0.08


def test_a_bare_body_has_no_lines(finder: LineFinder) -> None:
    assert finder.find(printed(text="")) == []


def test_a_look_after_the_network_was_freed_sees_the_same(finder: LineFinder) -> None:
    before = finder.find(printed())
    finder.forget()
    assert np.array_equal(finder.find(printed())[0].corners, before[0].corners)


def test_cores_become_lines_and_specks_and_standing_ones_do_not() -> None:
    likely = np.zeros((100, 200), np.float32)
    likely[20:30, 40:120] = 0.9
    likely[60:62, 10:12] = 0.9
    likely[40:95, 150:158] = 0.9
    likely[80:90, 20:60] = 0.35
    (line,) = lines_of(likely, 0.4)
    x1, y1, x2, y2 = line.xyxy
    # A core from pixel to pixel of 79 x 9 grows by 1.6 times its area over its outline on each side: 6.5 px.
    assert (x1, y1, x2, y2) == pytest.approx((40 - 6.5, 20 - 6.5, 119 + 6.5, 29 + 6.5), abs=0.5)


def test_a_network_without_a_size_is_refused() -> None:
    with pytest.raises(InferenceError, match="input_wh"):
        LineFinder(NETWORK.model_copy(update={"input_wh": None}))


def test_size_is_told_along_the_print() -> None:
    corners = np.array([[0, 0], [30, 40], [22, 46], [-8, 6]], np.float32)
    assert PrintLine(corners, 1.0).size_wh == pytest.approx((50, 10))


def test_an_input_it_cannot_take_is_told_at_the_start() -> None:
    with pytest.raises(InferenceError, match=r"line-n: cannot take pictures of 100 x 100 px.*input_wh"):
        LineFinder(NETWORK.model_copy(update={"input_wh": (100, 100)}))


def test_a_network_that_is_no_finder_of_lines_is_told_at_the_start() -> None:
    other = load_registry(default_registry_path()).network("load-n", task="load")
    with pytest.raises(InferenceError, match=r"load-n: expected output \(1, 1, 224, 224\), got \(1, "):
        LineFinder(other.model_copy(update={"input_wh": (224, 224)}))

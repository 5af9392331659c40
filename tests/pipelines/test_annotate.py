"""Annotated copies show zone, offender and path; the original is never touched and the street never covered."""

import numpy as np
import pytest

from pipelines.annotate import OFFENDER_BGR, PATH_BGR, ZONE_BGR, annotated, cropped
from tests.builders import scene_of
from tests.pipelines.test_events import violation

SCENE = scene_of(
    "{id: southbound, kind: one_way, polygon: [[50, 50], [250, 50], [250, 180], [50, 180]],"
    " direction: [[99, 60], [99, 170]]}",
    size=(320, 240),
    extra="turns:\n"
    "  - {id: no-left, kind: no_left_turn, enter: [[10, 200], [90, 200]], leave: [[200, 20], [290, 20]]}\n",
)
FINDING = violation(path=tuple((t, 140.0, 90.0 + t, 160.0, 120.0 + 4 * t) for t in (1.0, 2.0, 9.0))).finding


def grey(width: int = 320, height: int = 240) -> np.ndarray:
    return np.full((height, width, 3), 90, np.uint8)


def has(image: np.ndarray, bgr: tuple[int, int, int]) -> bool:
    return bool((np.abs(image.astype(int) - bgr).sum(axis=2) < 200).any())


def test_zone_offender_and_path_are_drawn_on_a_copy() -> None:
    original = grey()
    copy = annotated(original, scene=SCENE, finding=FINDING, xyxy=(140, 100, 160, 130), caption="HN-1 | wrong_way")
    assert (original == 90).all()
    assert copy.shape[0] >= 240 and copy.shape[1] == 320
    assert has(copy[40:60, 40:260], ZONE_BGR)
    assert has(copy[95:135, 135:165], OFFENDER_BGR)
    assert has(copy[:240], PATH_BGR)


def test_the_street_is_not_covered_by_the_caption() -> None:
    copy = annotated(grey(), scene=SCENE, finding=FINDING, xyxy=None, caption="HN-1 | wrong_way | " + "x" * 100)
    assert (copy[200:240] == 90).all(), "the foot of the street is free"
    assert copy.shape[0] > 240
    assert copy[240:].max() > 200, "the caption stands below"


def test_the_offenders_box_is_drawn_where_it_is_and_only_when_given() -> None:
    boxes = [(140.0, 100.0, 160.0, 130.0), None]
    with_box, without = (annotated(grey(), scene=SCENE, finding=FINDING, xyxy=box, caption="") for box in boxes)
    rows, columns = np.nonzero((with_box != without).any(axis=2))
    assert (rows.min(), rows.max()) == pytest.approx((100, 130), abs=2)
    assert (columns.min(), columns.max()) == pytest.approx((140, 160), abs=2)


def test_the_gates_of_a_turn_are_drawn() -> None:
    finding = violation(zone_id="no-left", path=((1.0, 0.0, 0.0, 2.0, 2.0),)).finding
    copy = annotated(grey(), scene=SCENE, finding=finding, xyxy=None, caption="")
    assert has(copy[195:206, 10:90], ZONE_BGR)
    assert has(copy[15:26, 200:290], ZONE_BGR)
    assert not has(copy[100:190], ZONE_BGR)


@pytest.mark.parametrize(
    ("xyxy", "size_wh"),
    [
        pytest.param((100, 50, 150, 100), (70, 70), id="with its margin"),
        pytest.param((-20, -20, 50, 50), (64, 64), id="over the corner"),
        pytest.param((300, 220, 330, 250), (26, 26), id="over the far corner"),
        pytest.param((400, 300, 500, 400), (2, 2), id="outside"),
        pytest.param((100, 100, 100, 100), (2, 2), id="without extent"),
        pytest.param((-50, -50, 900, 900), (320, 240), id="larger than the picture"),
    ],
)
def test_the_crop_is_clipped_to_the_picture(xyxy: tuple[float, ...], size_wh: tuple[int, int]) -> None:
    crop = cropped(grey(), xyxy)  # type: ignore[arg-type]
    assert crop.shape[1::-1] == size_wh

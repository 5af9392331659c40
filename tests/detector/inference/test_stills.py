"""Single pictures: every look's boxes come back to the picture's own px, whatever its shape, size and mirroring."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from detector.inference.registry import Network
from detector.inference.stills import StillDetector
from detector.types import Detections, InferenceError, ObjectClass
from tests.detector.inference.networks import BLUE, RED, colour_finder, entry, painted

TRUCKS, SURE = np.array([ObjectClass.TRUCK], np.uint8), np.array([1.0], np.float32)
STILLS: dict[str, Any] = {"long_sides_px": [640], "look_score_min": 0.6, "score_min": 0.05}


@pytest.fixture(scope="module")
def colours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return colour_finder(tmp_path_factory.mktemp("stills"))


def looking_twice(colours: Path, **changes: Any) -> Network:
    """At 640 px, as it is and mirrored; inputs of 16:9 and 4:3 have no border, so that cells lie where one sees."""
    return entry(colours, stride_px=40, stills=STILLS | changes)


@pytest.fixture
def detector(colours: Path) -> Iterator[StillDetector]:
    made = StillDetector(looking_twice(colours))
    yield made
    made.close()


def found(
    network: Network, image: NDArray[np.uint8], *, second: Network | None = None, score_min: float | None = None
) -> Detections:
    detector = StillDetector(network, second=second, score_min=score_min)
    try:
        return detector.detect(image)
    finally:
        detector.close()


def test_both_looks_agree_on_what_lies_left_and_right(detector: StillDetector) -> None:
    seen = detector.detect(painted((640, 360), (RED, (64, 32, 96, 64)), (BLUE, (512, 288, 544, 320))))
    boxes = {
        ObjectClass(int(kind)): (box.tolist(), float(score))
        for kind, box, score in zip(seen.kind, seen.xyxy, seen.score, strict=True)
    }
    assert boxes == {
        ObjectClass.TRUCK: ([64, 32, 96, 64], pytest.approx(1.0)),
        ObjectClass.PERSON: ([512, 288, 544, 320], pytest.approx(1.0)),
    }


def test_a_picture_is_looked_at_at_every_size_and_what_few_saw_is_less_likely(colours: Path) -> None:
    network = looking_twice(colours, long_sides_px=[640, 320])
    # At 320 px the square is a quarter of a cell, which both looks at that size leave out.
    seen = found(network, painted((640, 360), (RED, (64, 64, 96, 96))))
    assert seen.xyxy.tolist() == [[64, 64, 96, 96]]
    assert seen.score.tolist() == pytest.approx([0.5])


def test_a_portrait_is_framed_upright(detector: StillDetector) -> None:
    seen = detector.detect(painted((480, 640), (RED, (0, 576, 480, 640))))
    assert set(seen.kind.tolist()) == {int(ObjectClass.TRUCK)}
    assert seen.xyxy[:, 1].min() >= 575
    assert seen.xyxy[:, 2].max() <= 481


def test_a_square_picture_is_stretched_unless_it_is_surer_as_it_is(colours: Path) -> None:
    network = looking_twice(colours, look_score_min=0.9)
    # 56 rows of 640 are 31.5 of 360: one row of cells when stretched, and one as it is, for the next is not all red.
    stripe = found(network, painted((640, 640), (RED, (0, 0, 640, 56))))
    assert stripe.xyxy[:, 3].max() == pytest.approx(640 * 32 / 360, abs=1)
    assert stripe.xyxy[:, 2].max() == pytest.approx(640, abs=1)
    block = found(network, painted((640, 640), (RED, (0, 0, 192, 192))))
    assert len(block) == 6 * 6
    assert block.xyxy.max() == 192


def test_a_second_network_has_its_say_but_on_what_it_is_not_asked_about(colours: Path) -> None:
    image = painted((640, 360), (RED, (64, 32, 96, 64)), (BLUE, (512, 288, 544, 320)))
    second = entry(colours, name="second", stride_px=40, calibration={"truck": [1.0, -3.0]})
    wanted = {"network": "second", "long_sides_px": [640]}
    asked, unasked = (
        found(looking_twice(colours, second=wanted | {"silent_on": silent}), image, second=second)
        for silent in ([], ["truck"])
    )
    assert dict(zip(asked.kind.tolist(), asked.score.tolist(), strict=True)) == {
        int(ObjectClass.PERSON): pytest.approx(1.0),
        int(ObjectClass.TRUCK): pytest.approx((1 + second.calibrated.probability(TRUCKS, SURE)[0]) / 2, abs=1e-3),
    }
    assert unasked.score.tolist() == pytest.approx([1.0, 1.0])


def test_the_network_that_looks_besides_must_be_the_one_that_is_named(colours: Path) -> None:
    wanted = looking_twice(colours, second={"network": "second", "long_sides_px": [640]})
    other = entry(colours, name="other")
    for network, second in ((wanted, None), (wanted, other), (looking_twice(colours), other)):
        with pytest.raises(InferenceError, match=r"Registry\.second"):
            StillDetector(network, second=second)


def test_without_stills_a_picture_is_looked_at_once(colours: Path) -> None:
    image = painted((640, 640), (RED, (0, 0, 640, 56)))
    assert found(entry(colours, score_min=0.9), image).xyxy[:, 3].max() == 32


def test_what_the_looks_mean_is_told_as_a_probability_and_cut(colours: Path) -> None:
    image = painted((640, 360), ((0, 0, 166), (0, 0, 32, 32)), (BLUE, (64, 64, 96, 96)))
    network = looking_twice(colours, calibration={"truck": [1.0, -3.0]})
    seen = found(network, image)
    odds = np.log(166 / 255 / (1 - 166 / 255)) - 3
    assert seen.kind.tolist() == [int(ObjectClass.PERSON), int(ObjectClass.TRUCK)]
    assert seen.score.tolist() == pytest.approx([1.0, 1 / (1 + np.exp(-odds))], abs=1e-3)
    assert found(network, image, score_min=0.1).kind.tolist() == [int(ObjectClass.PERSON)]


def test_asking_for_less_likely_things_changes_nothing_about_the_others(colours: Path) -> None:
    network = looking_twice(colours, score_min=0.9)
    image = painted(
        (640, 360), (RED, (0, 0, 32, 32)), ((0, 0, 166), (128, 64, 160, 96)), ((0, 0, 100), (320, 96, 352, 128))
    )
    sure, every = (found(network, image, score_min=score_min) for score_min in (None, 0.0))
    assert sure.xyxy.tolist() == [[0, 0, 32, 32]]
    assert every.xyxy.tolist() == [[0, 0, 32, 32], [128, 64, 160, 96]], "what no look is sure enough of is never told"
    assert every.score[0] == sure.score[0]


def test_many_shapes_are_looked_at_in_turn(detector: StillDetector) -> None:
    for width, height in ((640, 360), (640, 480), (600, 600), (480, 640), (360, 640), (640, 360), (900, 300)) * 2:
        seen = detector.detect(painted((width, height), (RED, (width // 2, height // 2, width, height))))
        centres = (seen.xyxy[:, :2] + seen.xyxy[:, 2:]) / 2
        assert len(seen)
        assert (centres > (width / 2, height / 2)).all()
        assert (centres < (width, height)).all()


@pytest.mark.parametrize("changes", [{"input_wh": (640, 384)}, {"stills": STILLS | {"long_sides_px": []}}])
def test_stills_that_cannot_be_looked_at_are_refused(colours: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"stills"):
        entry(colours, **({"stills": STILLS} | changes))

"""Reading loads with a tiny real network."""

from pathlib import Path

import numpy as np
import pytest

from detector.inference.load import OpenVinoLoadClassifier, agreed, open_load_classifier, told_state, views
from detector.inference.registry import Network, Registry
from detector.types import InferenceError, LoadState
from tests.detector.inference.networks import BLUE, GREEN, RED, entry, load_reader, painted

CLASSES = {0: "closed_body", 1: "uncovered_load", 2: "covered", 3: "cannot_tell"}
"""Red, green, blue, dark: another order than `LoadState`, and no `empty`."""


def load_network(folder: Path, **changes: object) -> Network:
    options = {name: bool(changes.pop(name)) for name in ("with_softmax", "left_half") if name in changes}
    path = load_reader(folder, **options)
    return entry(path, **{"task": "load", "classes": CLASSES, "input_wh": (64, 64), "long_side_px": 64} | changes)


def test_scores_come_in_the_order_of_load_state(tmp_path: Path) -> None:
    classifier = OpenVinoLoadClassifier(load_network(tmp_path))
    crops = [
        painted((w, h), (colour, (0, 0, w, h))) for w, h, colour in ((300, 290, RED), (37, 40, GREEN), (9, 9, BLUE))
    ]
    crops.append(painted((64, 64)))
    scores = classifier.read(crops)
    assert (scores.shape, scores.dtype) == ((4, 5), np.float32)
    best = [list(LoadState)[column] for column in scores.argmax(axis=1)]
    assert best == [LoadState.CLOSED_BODY, LoadState.UNCOVERED_LOAD, LoadState.COVERED, LoadState.CANNOT_TELL]
    assert (scores[:, list(LoadState).index(LoadState.EMPTY)] == 0).all()
    assert np.allclose(scores.sum(axis=1), 1, atol=1e-5)


def test_a_crop_is_read_alike_alone_and_among_others(tmp_path: Path) -> None:
    classifier = OpenVinoLoadClassifier(load_network(tmp_path))
    crops = list(np.random.default_rng(2).integers(0, 256, (4, 80, 120, 3), np.uint8))
    together = classifier.read(crops)
    assert np.array_equal(together, np.concatenate([classifier.read([crop]) for crop in crops]))
    assert classifier.read([]).shape == (0, 5)


def test_a_crop_is_read_together_with_its_mirror_image(tmp_path: Path) -> None:
    classifier = OpenVinoLoadClassifier(load_network(tmp_path, left_half=True))
    crop = painted((64, 64), (RED, (0, 0, 32, 64)), (GREEN, (32, 0, 64, 64)))
    scores, mirrored = classifier.read([crop, np.ascontiguousarray(crop[:, ::-1])])
    assert np.array_equal(scores, mirrored)
    states = list(LoadState)
    closed, uncovered = states.index(LoadState.CLOSED_BODY), states.index(LoadState.UNCOVERED_LOAD)
    assert scores[closed] == pytest.approx(scores[uncovered], abs=1e-4)
    assert scores[closed] > 0.3


def test_a_crop_is_read_in_two_sizes_as_it_is_and_mirrored() -> None:
    crop = painted((120, 60), (RED, (0, 0, 60, 60)), (GREEN, (60, 0, 120, 60)))
    whole, whole_mirrored, less, less_mirrored = views(crop, (96, 96))
    assert {view.shape for view in (whole, whole_mirrored, less, less_mirrored)} == {(96, 96, 3)}
    assert np.array_equal(whole[:, ::-1], whole_mirrored)
    assert np.array_equal(less[:, ::-1], less_mirrored)
    widths = [int((view[48] != 114).any(axis=1).sum()) for view in (whole, less)]
    assert widths == [96, 80]


def test_one_view_alone_neither_decides_nor_forbids_a_state() -> None:
    scores = agreed(np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.0, 1.0]], np.float32))
    assert scores.sum() == pytest.approx(1.0)
    assert 0.05 < scores[0] < 0.5
    assert agreed(np.array([[0.7, 0.3], [0.7, 0.3]], np.float32)) == pytest.approx([0.7, 0.3])


def test_without_a_load_network_nobody_reads(tmp_path: Path) -> None:
    assert open_load_classifier(Registry(version=1, networks={})) is None
    network = load_network(tmp_path)
    registry = Registry(version=1, defaults={"load": "load"}, networks={"load": network})
    classifier = open_load_classifier(registry)
    assert classifier is not None
    assert classifier.network_hash == network.files[0].hash


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"with_softmax": False}, "export it with its softmax", id="raw scores"),
        pytest.param({"classes": {0: "covered", 9: "empty"}}, r"expected output \(4, 10 or more\)", id="too few rows"),
        pytest.param({"input_wh": None}, "needs `input_wh`", id="no size"),
    ],
)
def test_an_unfit_network_is_refused(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(InferenceError, match=message):
        OpenVinoLoadClassifier(load_network(tmp_path, **changes)).read([painted((64, 64), (RED, (0, 0, 64, 64)))])


@pytest.mark.parametrize(
    ("scores", "state"),
    [
        pytest.param([0.8, 0.1, 0.05, 0.03, 0.02], "uncovered_load", id="clear"),
        pytest.param([0.7, 0.1, 0.1, 0.05, 0.05], "cannot_tell", id="too weak to accuse"),
        pytest.param([0.1, 0.7, 0.1, 0.05, 0.05], "covered", id="innocent at the same score"),
        pytest.param([0.05, 0.55, 0.4, 0.0, 0.0], "cannot_tell", id="below the threshold"),
        pytest.param([0.0, 0.1, 0.1, 0.0, 0.8], "cannot_tell", id="says so itself"),
    ],
)
def test_a_weak_best_state_is_no_answer(scores: list[float], state: str) -> None:
    assert told_state(np.array(scores, np.float32), 0.6, 0.75) == state

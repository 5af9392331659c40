"""What `phatnguoi load` prints, with a tiny real network, and with the one that ships."""

import json
from pathlib import Path

import cv2
import pytest

from detector.inference.registry import default_registry_path, load_registry
from detector.types import InferenceError, LoadState
from pipelines.load import load_images
from tests.detector.inference.networks import BLUE, GREEN, RED, load_reader, painted, registry_toml

CLASSES = {0: "closed_body", 1: "uncovered_load", 2: "covered", 3: "cannot_tell"}
"""Red, green, blue, dark."""


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    text = registry_toml(load_reader(folder), task="load", classes=CLASSES, long_side_px=64, score_min=0.6)
    path = folder / "registry.toml"
    path.write_text(text.replace("stride_px", "input_wh = [64, 64]\nstride_px"))
    return path


def saved(path: Path, bgr: tuple[int, int, int]) -> Path:
    ok, data = cv2.imencode(path.suffix, painted((90, 60), (bgr, (0, 0, 90, 60))))
    assert ok
    path.write_bytes(data.tobytes())
    return path


def test_one_row_a_crop_in_order_and_json(tmp_path: Path, registry: Path) -> None:
    paths = [saved(tmp_path / "xe ben.png", GREEN), saved(tmp_path / "b.png", RED), saved(tmp_path / "c.png", BLUE)]
    rows = json.loads(json.dumps(load_images(paths, registry=registry)))
    assert [row["image"] for row in rows] == [str(path) for path in paths]
    assert [row["state"] for row in rows] == ["uncovered_load", "closed_body", "covered"]
    for row in rows:
        assert set(row) == {"image", "state", "scores"}
        assert list(row["scores"]) == [state.value for state in LoadState]
        assert sum(row["scores"].values()) == pytest.approx(1, abs=1e-3)
        assert row["scores"][row["state"]] == max(row["scores"].values())


def test_unreadable_crops_are_named_and_the_others_go_on(tmp_path: Path, registry: Path) -> None:
    (tmp_path / "text.jpg").write_text("not a picture")
    good = saved(tmp_path / "good.png", RED)
    rows = load_images([tmp_path / "text.jpg", good, tmp_path / "none.jpg"], registry=registry)
    assert rows[1]["state"] == "closed_body"
    for row, message in (
        (rows[0], "text.jpg: not a picture (13 bytes)"),
        (rows[2], "none.jpg: cannot read the picture"),
    ):
        assert (row["state"], row["scores"]) == ("cannot_tell", {})
        assert message in row["error"]


def test_a_registry_without_a_load_network_is_refused(tmp_path: Path, registry: Path) -> None:
    bare = tmp_path / "registry.toml"
    bare.write_text("version = 1\n[networks]\n")
    with pytest.raises(InferenceError, match=r"names no network for `load`"):
        load_images([], registry=bare)
    with pytest.raises(InferenceError, match="no network 'other' of task 'load'"):
        load_images([], registry=registry, network="other")


def test_the_network_that_ships_answers_in_probabilities(tmp_path: Path) -> None:
    network = load_registry(default_registry_path()).default("load")
    assert network is not None
    (row,) = load_images([saved(tmp_path / "grey.png", (114, 114, 114))], registry=default_registry_path())
    assert sum(row["scores"].values()) == pytest.approx(1, abs=1e-2)
    assert row["state"] == "cannot_tell" or row["scores"][row["state"]] >= network.score_min

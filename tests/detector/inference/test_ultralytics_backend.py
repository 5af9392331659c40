"""The torch backend against Ultralytics' own prediction, and its refusals."""

import sys
from pathlib import Path

import numpy as np
import pytest

from detector.inference import Picture, open_backend
from detector.types import InferenceError, ObjectClass
from tests.detector.inference.networks import BLUE, GREEN, RED, entry, painted, tiny_yolo

CLASSES = {0: "person", 1: "stall"}
"""Two classes that no rule unites, so that both sides end with the same step."""


@pytest.mark.parametrize("size_wh", [(640, 384), (333, 211), (211, 333), (500, 375)], ids=str)
def test_boxes_are_those_of_ultralytics_own_prediction(tmp_path: Path, size_wh: tuple[int, int]) -> None:
    ultralytics = pytest.importorskip("ultralytics", reason="the extra `torch` is not installed")
    path = tiny_yolo(tmp_path)
    bright = painted(size_wh, (RED, (20, 20, 120, 90)), (GREEN, (90, 60, 200, 180)), (BLUE, (150, 10, 190, 200)))
    image = np.clip(bright + np.random.default_rng(8).normal(40, 10, bright.shape), 0, 255).astype(np.uint8)
    (theirs,) = ultralytics.YOLO(path).predict(image, imgsz=640, conf=0.4, max_det=5000, device="cpu", verbose=False)
    backend = open_backend(entry(path, classes=CLASSES, score_min=0.4))
    ours = backend.submit(Picture.resized(image, backend.letterbox(size_wh))).result()
    backend.close()
    assert 10 < len(ours) == min(len(theirs), 300)
    kinds = np.array([ObjectClass.PERSON, ObjectClass.STALL])[theirs.boxes.cls.numpy().astype(int)]
    rows = np.column_stack([kinds * 1e4, theirs.boxes.conf.numpy() * 1e3, theirs.boxes.xyxy.numpy()])
    mine = np.column_stack([ours.kind * 1e4, ours.score * 1e3, np.clip(ours.xyxy, 0, size_wh * 2)])
    # Ties may stand in another order: each of ours has a counterpart of its own within a pixel and 0.001 of score.
    apart = np.abs(rows[:, None] - mine[None]).max(axis=2)
    assert apart.min(axis=0).max() < 1.0
    assert len(set(apart.argmin(axis=0))) == len(ours)
    assert ours.score.min() >= np.sort(theirs.boxes.conf.numpy())[-len(ours)] - 1e-3


def test_without_the_extra_the_cure_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "some.pt"
    path.write_bytes(b"weights")
    monkeypatch.setitem(sys.modules, "ultralytics.nn.autobackend", None)
    with pytest.raises(InferenceError, match=r"pip install 'phatnguoi\[torch\]'"):
        open_backend(entry(path))


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("ultralytics", reason="the extra `torch` is not installed")
    path = tmp_path / "some.pt"
    path.write_bytes(b"weights")
    with pytest.raises(InferenceError, match=r"some\.pt: Ultralytics cannot load it on "):
        open_backend(entry(path))


def test_missing_and_altered_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "some.pt"
    path.write_bytes(b"weights")
    network = entry(path)
    path.write_bytes(b"other")
    with pytest.raises(InferenceError, match=r"some\.pt: expected SHA-256 \w{64}, got \w{64}"):
        open_backend(network)
    path.unlink()
    with pytest.raises(InferenceError, match=r"some\.pt: cannot read the file"):
        open_backend(network)

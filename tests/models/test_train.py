"""Training: regions of doubt teach nothing, the teacher is followed, a run goes on where it was."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="recipes need the extra [torch]")
pytest.importorskip("ultralytics", reason="recipes need the extra [torch]")

import torch

from models.recipes.frames import Sample, collate
from models.recipes.network import build_network, raw_floats
from models.recipes.timed_run import Draws
from models.recipes.train import JudgedLoss, Trainer, feature_lesson

NONE = np.zeros((0, 5), np.float32)


def batch(boxes: np.ndarray = NONE, unsure: np.ndarray = NONE) -> dict[str, "torch.Tensor"]:
    image = np.full((64, 96, 3), 90, np.uint8)
    return collate([Sample(image, image, boxes, unsure)])


def looked(given: dict[str, "torch.Tensor"]) -> JudgedLoss:
    network = build_network().train()
    loss = JudgedLoss(network)
    raw = raw_floats(network, given["img"])
    loss.look(raw["feats"], given, raw)
    return loss


@pytest.mark.parametrize(
    ("kind", "silent"),
    [(0, []), (1, [2]), (2, [2]), (3, [3, 4, 5]), (5, [3, 4, 5])],
    ids=["person: the teacher speaks", "bicycle", "motorcycle", "car", "truck"],
)
def test_an_unsure_region_silences_its_classes_inside_it_alone(kind: int, silent: list[int]) -> None:
    loss = looked(batch(unsure=np.array([[kind, 0, 0, 40, 40]], np.float32)))
    quiet = (loss.judged[0] == 0).any(0).nonzero().flatten().tolist()
    assert quiet == silent
    for column in silent:
        assert int((loss.judged[0, :96, column] == 0).sum()) == 25


def test_the_teacher_is_followed_but_for_boxes_and_bicycles_on_motorcycles() -> None:
    given = batch(boxes=np.array([[2, 8, 8, 40, 40]], np.float32))
    network = build_network().train()
    loss, raw = JudgedLoss(network), raw_floats(network, given["img"])
    lesson = raw | {"scores": torch.zeros_like(raw["scores"])}
    loss.look(raw["feats"], given, lesson)
    on_motorcycle = ~loss.apart[0, :96]
    assert int(on_motorcycle.sum()) == 16
    assert loss.taught[0, :96][on_motorcycle].unique(dim=0).tolist() == [pytest.approx([0.5, 0.1])]
    assert loss.taught[0, :96][~on_motorcycle].unique(dim=0).tolist() == [[0.5, 0.5]]
    assert float(loss.score_lesson(raw).detach()) > 0
    assert float(feature_lesson(raw, raw).detach()) == 0


def test_an_epoch_of_draws_repeats_itself_and_the_next_one_differs() -> None:
    weights = torch.ones(64)
    assert list(Draws(weights, 1, 0.5)) == list(Draws(weights, 1, 0.5))
    assert list(Draws(weights, 1, 0.5)) != list(Draws(weights, 2, 0.5))


def test_a_run_goes_on_where_it_was(tmp_path: Path) -> None:
    boxes = np.array([[3, 8, 8, 40, 40]], np.float32)
    first = Trainer(build_network(), build_network(), 1e-4, 100.0)
    first.learn(batch(boxes))
    first.epoch, first.spent_s = 3, 50.0
    first.save(tmp_path)
    second = Trainer(build_network(), build_network(), 1e-4, 100.0)
    second.restore(torch.load(tmp_path / "last.pt", weights_only=True))
    assert (second.epoch, second.step, second.progress) == (3, 1, 0.5)
    for ours, theirs in zip(first.network.parameters(), second.network.parameters(), strict=True):
        assert torch.equal(ours, theirs)

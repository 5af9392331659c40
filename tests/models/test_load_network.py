"""The load network: frozen stages, calibrated output, and an export that says the same."""

import copy
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="recipes need the extra [torch]")
pytest.importorskip("nncf", reason="recipes need the extra [torch]")

import openvino as ov
import torch

from models.recipes.load import train
from models.recipes.load.export import openvino_model
from models.recipes.load.network import STAGES, LoadNetwork, start_network
from models.recipes.load.train import blended, fit, mean_of, temperature, weights
from models.recipes.network import build_network


@pytest.fixture
def network() -> LoadNetwork:
    torch.manual_seed(3)
    return LoadNetwork(build_network(80).model[:STAGES]).eval()


def test_training_moves_the_top_and_leaves_the_trunk(network: LoadNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "BATCH", 6)
    looks = {
        "features": torch.randn(24, 128, 12, 12),
        "targets": torch.eye(5).repeat(5, 1)[:24],
        "groups": torch.arange(24) % 3,
        "trucks": torch.arange(24),
    }
    trunk, top = network.trunk[0].conv.weight.clone(), network.top[0].conv.weight.clone()
    trained = fit(network, looks, steps=8, rate=1e-3)
    assert torch.equal(trained.trunk[0].conv.weight, trunk)
    assert not torch.equal(trained.top[0].conv.weight, top)


def test_groups_are_drawn_by_their_share() -> None:
    looks = {"targets": torch.eye(5).repeat(40, 1), "groups": torch.arange(200) % 3, "trucks": torch.arange(200)}
    drawn = weights(looks)
    assert [float(drawn[looks["groups"] == n].sum()) for n in range(3)] == pytest.approx([0.55, 0.13, 0.32])


def test_a_truck_of_many_frames_weighs_by_the_root_of_their_number() -> None:
    trucks = torch.cat([torch.zeros(25, dtype=torch.long), torch.arange(1, 26)])
    looks = {"targets": torch.eye(5)[[1] * 50], "groups": torch.zeros(50, dtype=torch.long), "trucks": trucks}
    drawn = weights(looks)
    assert float(drawn[:25].sum() / drawn[25:].sum()) == pytest.approx(1 / 5, rel=1e-4)


def test_blended_looks_keep_targets_that_sum_to_one() -> None:
    torch.manual_seed(1)
    features, targets = torch.randn(6, 2, 3, 3), torch.eye(5)[[0, 1, 2, 3, 4, 0]]
    mixed = [blended(features, targets) for _ in range(12)]
    assert all(torch.allclose(wanted.sum(1), torch.ones(6)) for _, wanted in mixed)
    assert {torch.equal(wanted, targets) for _, wanted in mixed} == {True, False}


def test_the_mean_of_runs_lies_between_them(network: LoadNetwork) -> None:
    other = copy.deepcopy(network)
    with torch.no_grad():
        other.head.bias += 2.0
    assert torch.allclose(mean_of([network, other]).head.bias, network.head.bias + 1.0)


def test_the_temperature_undoes_too_much_confidence() -> None:
    torch.manual_seed(0)
    truth, lean = torch.randint(0, 4, (1500,)), torch.tensor([0.0, 0.0, 0.0, 0.0, -30.0])
    logits = torch.randn(1500, 5) + 2.0 * torch.eye(5)[truth]
    for factor in (2.0, 4.0):
        views = (factor * logits).repeat(2, 1, 1)
        assert temperature(views, truth, lean) == pytest.approx(factor / 2, abs=0.1 * factor)


def test_crops_that_are_not_answered_do_not_change_the_temperature() -> None:
    torch.manual_seed(0)
    truth, lean = torch.randint(0, 4, (500,)), torch.zeros(5)
    logits = torch.randn(500, 5) + 3.0 * torch.eye(5)[truth] - 9.0 * torch.eye(5)[4]
    mute = torch.cat([logits, 9.0 * torch.eye(5)[[4] * 500]])[None]
    assert temperature(mute, truth.repeat(2), lean) == temperature(logits[None], truth, lean)


@pytest.mark.filterwarnings("ignore:`torch.jit:FutureWarning", "ignore::torch.jit.TracerWarning")
def test_the_export_says_what_the_network_says(network: LoadNetwork) -> None:
    network.temperature.fill_(1.7)
    compiled = ov.Core().compile_model(openvino_model(network), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    pictures = torch.rand(2, 3, 192, 192)
    with torch.inference_mode():
        expected = network(pictures).numpy()
    got = compiled(pictures.numpy())[0]
    assert np.abs(got - expected).max() < 1e-3
    assert got.sum(1) == pytest.approx([1.0, 1.0], abs=1e-4)


def test_without_the_coco_checkpoint_the_message_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"run models\.recipes\.dequantise"):
        start_network(tmp_path / "coco.pt")

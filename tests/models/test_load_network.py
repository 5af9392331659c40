"""The load network: frozen stages, calibrated output, and an export that says the same."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="recipes need the extra [torch]")
pytest.importorskip("nncf", reason="recipes need the extra [torch]")

import openvino as ov
import torch

from models.recipes.load.export import openvino_model
from models.recipes.load.network import STAGES, LoadNetwork, start_network
from models.recipes.load.train import fit, temperature, weights
from models.recipes.network import build_network


@pytest.fixture
def network() -> LoadNetwork:
    torch.manual_seed(3)
    return LoadNetwork(build_network(80).model[:STAGES]).eval()


def test_training_moves_the_top_and_leaves_the_trunk(network: LoadNetwork) -> None:
    looks = {
        "features": torch.randn(24, 128, 12, 12),
        "targets": torch.eye(5).repeat(5, 1)[:24],
        "groups": torch.arange(24) % 3,
    }
    trunk, top = network.trunk[0].conv.weight.clone(), network.top[0].conv.weight.clone()
    trained = fit(network, looks, steps=20, rate=1e-3)
    assert torch.equal(trained.trunk[0].conv.weight, trunk)
    assert not torch.equal(trained.top[0].conv.weight, top)


def test_groups_are_drawn_by_their_share() -> None:
    looks = {"targets": torch.eye(5).repeat(40, 1), "groups": torch.arange(200) % 3}
    drawn = weights(looks)
    assert [float(drawn[looks["groups"] == n].sum()) for n in range(3)] == pytest.approx([0.55, 0.15, 0.30])


def test_the_temperature_undoes_too_much_confidence() -> None:
    torch.manual_seed(0)
    truth = torch.randint(0, 5, (4000,))
    logits = torch.randn(4000, 5) + 2.0 * torch.eye(5)[truth]
    assert temperature(2 * logits, torch.eye(5)[truth]) == pytest.approx(1.0, abs=0.1)
    assert temperature(4 * logits, torch.eye(5)[truth]) == pytest.approx(2.0, abs=0.2)


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

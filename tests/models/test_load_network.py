"""The load network: frozen stages, calibrated output, and an export that says the same."""

import copy
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="recipes need the extra [torch]")
pytest.importorskip("nncf", reason="recipes need the extra [torch]")

import openvino as ov
import torch

from models.recipes.load import network as load_network
from models.recipes.load import train
from models.recipes.load.blend import read_logits, temperature
from models.recipes.load.data import Sample
from models.recipes.load.export import openvino_model
from models.recipes.load.network import STAGES, LoadMixture, LoadNetwork, read_mixture, start_network
from models.recipes.load.train import blended, fit, mean_of, weights
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


def other_head(network: LoadNetwork) -> LoadNetwork:
    other = copy.deepcopy(network)
    torch.nn.init.normal_(other.head.weight)
    return other


def test_a_mixture_answers_the_mean_of_its_members(network: LoadNetwork) -> None:
    other, features = other_head(network), torch.randn(3, 128, 12, 12)
    mixture = LoadMixture([network, other]).eval()
    with torch.inference_mode():
        apart = [member.logits(features) for member in (network, other)]
        assert torch.allclose(mixture.logits(features), (apart[0] + apart[1]) / 2, atol=1e-5)
    assert not torch.allclose(apart[0], apart[1], atol=0.1)


def test_networks_on_other_frozen_stages_are_not_mixed(network: LoadNetwork) -> None:
    other = copy.deepcopy(network)
    with torch.no_grad():
        other.trunk[0].conv.weight += 0.1
    with pytest.raises(ValueError, match="different frozen stages"):
        LoadMixture([network, other])


def test_a_saved_mixture_reads_back_with_all_its_members(
    network: LoadNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_network, "start_network", lambda _: copy.deepcopy(network))
    mixture = LoadMixture([network, other_head(network), other_head(network)]).eval()
    mixture.temperature.fill_(0.7)
    torch.save(mixture.state_dict(), tmp_path / "mixture.pt")
    pictures = torch.rand(2, 3, 192, 192)
    with torch.inference_mode():
        again = read_mixture(tmp_path / "mixture.pt", tmp_path / "coco.pt")(pictures)
        assert torch.allclose(again, mixture(pictures), atol=1e-6)


def test_a_single_network_is_no_mixture(network: LoadNetwork, tmp_path: Path) -> None:
    torch.save(network.state_dict(), tmp_path / "load.pt")
    with pytest.raises(ValueError, match=r"load\.pt: no mixture of load networks; make one"):
        read_mixture(tmp_path / "load.pt", tmp_path / "coco.pt")


def test_a_crop_and_its_mirror_image_read_alike(network: LoadNetwork, tmp_path: Path) -> None:
    picture = np.random.default_rng(5).integers(0, 256, (60, 90, 3), np.uint8)
    pictures = {"crop": picture, "mirrored": picture[:, ::-1], "another": picture[::-1]}
    for name, pixels in pictures.items():
        cv2.imwrite(str(tmp_path / f"{name}.png"), pixels)
    samples = [
        Sample(path=tmp_path / f"{name}.png", source="vn_cctv", label="covered", truck="t", held_out=True)
        for name in pictures
    ]
    mixture = LoadMixture([network]).eval()
    # Fresh stages hardly answer to their input; these do.
    mixture.trunk = torch.nn.Conv2d(3, 128, 16, stride=16)
    logits = read_logits(mixture, samples)
    assert logits.shape == (3, 5)
    same, other = (float((logits[0] - logits[n]).abs().max()) for n in (1, 2))
    assert same < 0.01 * other


def test_the_temperature_undoes_too_much_confidence() -> None:
    torch.manual_seed(0)
    truth, lean = torch.randint(0, 4, (1500,)), torch.tensor([0.0, 0.0, 0.0, 0.0, -30.0])
    logits = torch.randn(1500, 5) + 2.0 * torch.eye(5)[truth]
    for factor in (2.0, 4.0):
        assert temperature(factor * logits, truth, lean) == pytest.approx(factor / 2, abs=0.1 * factor)


def test_crops_that_are_not_answered_do_not_change_the_temperature() -> None:
    torch.manual_seed(0)
    truth, lean = torch.randint(0, 4, (500,)), torch.zeros(5)
    logits = torch.randn(500, 5) + 3.0 * torch.eye(5)[truth] - 9.0 * torch.eye(5)[4]
    mute = torch.cat([logits, 9.0 * torch.eye(5)[[4] * 500]])
    assert temperature(mute, truth.repeat(2), lean) == temperature(logits, truth, lean)


@pytest.mark.filterwarnings("ignore:`torch.jit:FutureWarning", "ignore::torch.jit.TracerWarning")
def test_the_export_says_what_the_network_says(network: LoadNetwork) -> None:
    mixture = LoadMixture([network, other_head(network)]).eval()
    mixture.temperature.fill_(1.7)
    compiled = ov.Core().compile_model(openvino_model(mixture), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    pictures = torch.rand(2, 3, 192, 192)
    with torch.inference_mode():
        expected = mixture(pictures).numpy()
    got = compiled(pictures.numpy())[0]
    assert np.abs(got - expected).max() < 1e-3
    assert got.sum(1) == pytest.approx([1.0, 1.0], abs=1e-4)


def test_without_the_coco_checkpoint_the_message_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"run models\.recipes\.dequantise"):
        start_network(tmp_path / "coco.pt")

"""Exports run at any multiple of the stride, say the same as the network, and are entered in the registry."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="recipes need the extra [torch]")
pytest.importorskip("nncf", reason="recipes need the extra [torch]")

import openvino as ov
import torch

from models.recipes.blend import blend
from models.recipes.export import enter, openvino_model, save_onnx, save_openvino, save_ultralytics
from models.recipes.network import activation_of, build_network, load_exported, use_activation

TEXT = """# Networks.
version = 1

[networks.a]
task = "detect"

[networks.a.classes]
0 = "person"

[[networks.a.files]]
path = "old"

[networks.b]
task = "detect"
"""


def test_new_files_take_the_place_of_old_ones_and_the_rest_stays(tmp_path: Path) -> None:
    registry = tmp_path / "registry.toml"
    registry.write_text(TEXT)
    for _ in range(2):
        enter(registry, "a", ['[[networks.a.files]]\npath = "new"\n', '[[networks.a.files]]\npath = "other"\n'])
    content = tomllib.loads(registry.read_text())
    assert [file["path"] for file in content["networks"]["a"]["files"]] == ["new", "other"]
    assert content["networks"]["a"]["classes"] == {"0": "person"}
    assert content["networks"]["b"] == {"task": "detect"}
    assert registry.read_text().startswith("# Networks.")


def test_an_unknown_network_is_refused(tmp_path: Path) -> None:
    registry = tmp_path / "registry.toml"
    registry.write_text(TEXT)
    with pytest.raises(ValueError, match=r"no \[networks\.c\.classes\] in the registry"):
        enter(registry, "c", [])


def test_a_new_network_begins_a_registry_and_joins_one(tmp_path: Path) -> None:
    registry = tmp_path / "registry.toml"
    for name in ("a", "b", "a"):
        enter(registry, name, [f'[[networks.{name}.files]]\npath = "{name}"\n'], origin="painted")
    content = tomllib.loads(registry.read_text())
    assert content["defaults"] == {"detect": "a"}
    assert {name: network["files"] for name, network in content["networks"].items()} == {
        "a": [{"path": "a"}],
        "b": [{"path": "b"}],
    }
    assert content["networks"]["b"]["classes"]["1"] == "bicycle"


@pytest.mark.filterwarnings("ignore:`torch.jit:FutureWarning", "ignore::torch.jit.TracerWarning")
def test_the_openvino_model_agrees_with_torch_at_other_sizes_than_it_was_traced_with() -> None:
    torch.manual_seed(1)
    network = build_network().eval()
    compiled = ov.Core().compile_model(openvino_model(network), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    for shape in ((1, 3, 64, 96), (2, 3, 128, 64)):
        images = torch.rand(shape)
        with torch.inference_mode():
            expected = network(images)[0].numpy()
        assert np.abs(compiled(images.numpy())[0] - expected).max() < 0.02


def test_the_onnx_file_agrees_with_torch_to_the_fourth_digit_at_any_size(tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="recipes need the extra [torch]")
    torch.manual_seed(1)
    network = build_network().eval()
    save_onnx(network, tmp_path / "a.onnx")
    compiled = ov.Core().compile_model(tmp_path / "a.onnx", "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    for shape in ((1, 3, 64, 96), (2, 3, 128, 64)):
        images = torch.rand(shape)
        with torch.inference_mode():
            expected = network(images)[0].numpy()
        assert np.abs(compiled(images.numpy())[0] - expected).max() < 0.005


def test_a_blend_lies_between_its_two_networks() -> None:
    start, trained = build_network(), build_network()
    before = [parameter.clone() for parameter in start.parameters()]
    mixed = blend(start, trained, 0.25)
    for was, goal, now in zip(before, trained.parameters(), mixed.parameters(), strict=True):
        assert torch.allclose(now, 0.75 * was + 0.25 * goal, atol=1e-6)


def test_a_blend_takes_the_activation_of_the_trained_network() -> None:
    trained = use_activation(build_network(), "hard_swish")
    assert activation_of(blend(build_network(), trained, 0.5)) == "hard_swish"


def test_what_was_exported_for_ultralytics_comes_back(tmp_path: Path) -> None:
    network = use_activation(build_network(), "hard_swish").eval()
    save_ultralytics(network, tmp_path / "a.pt")
    back = load_exported(tmp_path / "a.pt")
    assert activation_of(back) == "hard_swish"
    for was, now in zip(network.parameters(), back.parameters(), strict=True):
        assert torch.equal(was.half().float(), now)
    with pytest.raises(FileNotFoundError, match=r"b\.pt: no such file"):
        load_exported(tmp_path / "b.pt")


@pytest.mark.filterwarnings("ignore:`torch.jit:FutureWarning", "ignore::torch.jit.TracerWarning")
def test_without_white_space_a_model_is_smaller_and_says_the_same(tmp_path: Path) -> None:
    torch.manual_seed(1)
    model = openvino_model(build_network().eval())
    ov.save_model(model, tmp_path / "plain.xml", compress_to_fp16=True)
    save_openvino(model, tmp_path / "small.xml")
    assert (tmp_path / "small.xml").stat().st_size < 0.9 * (tmp_path / "plain.xml").stat().st_size
    image = np.random.default_rng(1).random((1, 3, 64, 96), np.float32)
    plain, small = (ov.Core().compile_model(tmp_path / f"{name}.xml", "CPU")(image)[0] for name in ("plain", "small"))
    assert np.array_equal(plain, small)

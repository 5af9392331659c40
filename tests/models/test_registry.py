"""What the registry says of the networks that ship is true of the files beside it."""

import tomllib
from pathlib import Path

import pytest

from detector.inference.registry import Network, NetworkFile, load_registry

MODELS = Path(__file__).resolve().parents[2] / "models"
REGISTRY = load_registry(MODELS / "registry.toml")
SHIPPED = [
    pytest.param(network, file, id=f"{network.name} {file.backend} {file.precision}")
    for network in REGISTRY.networks.values()
    for file in network.files
    if not file.path.startswith("..")
]


@pytest.mark.parametrize(("network", "file"), SHIPPED)
def test_every_file_is_there_with_its_hash(network: Network, file: NetworkFile) -> None:
    assert network.verified_path(file).is_file()


def test_every_file_under_weights_is_in_the_registry() -> None:
    named = {
        (MODELS / file.path).with_name(part)
        for network in REGISTRY.networks.values()
        for file in network.files
        for part in file.sha256
    }
    assert {path for path in (MODELS / "weights").rglob("*") if path.is_file()} <= named


def test_the_default_detector_ships_and_has_a_card() -> None:
    default = tomllib.loads((MODELS / "registry.toml").read_text())["defaults"]["detect"]
    network = REGISTRY.networks[default]
    assert network.card is not None
    assert (MODELS / network.card).is_file()
    assert not any(file.path.startswith("..") for file in network.files)

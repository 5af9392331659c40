"""What the registry says of the networks that ship is true of the files beside it."""

import tomllib
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from detector.inference.openvino_backend import OpenVinoBackend
from detector.inference.picture import Picture
from detector.inference.processor import fastest_file
from detector.inference.registry import Network, NetworkFile, load_registry

MODELS = Path(__file__).resolve().parents[2] / "models"
REGISTRY = load_registry(MODELS / "registry.toml")
SHIPPED = [
    pytest.param(network, file, id=f"{network.name} {file.backend} {file.precision}")
    for network in REGISTRY.networks.values()
    for file in network.files
    if not file.path.startswith("..")
]


def paired_best(boxes: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) overlap of each box with the best of the others."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    areas = [np.prod(each[:, 2:] - each[:, :2], axis=1) for each in (boxes, others)]
    return np.asarray((shared / (areas[0][:, None] + areas[1][None] - shared)).max(axis=1), np.float32)


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


def test_the_onnx_file_finds_the_same_boxes_as_the_other_float_file() -> None:
    network = REGISTRY.networks["street-n"]
    image = cv2.imread(str(MODELS.parent / "docs" / "picture.jpg"))
    seen = []
    for precision in ("fp32", "fp16"):
        alone = network.model_copy(update={"files": (network.file_for("openvino", prefer=[precision]),)})
        backend = OpenVinoBackend(alone, score_min=0.1)
        picture = Picture.resized(image, backend.letterbox((image.shape[1], image.shape[0])))
        seen.append(backend.submit(picture).result())
        backend.close()
    exact, rounded = seen
    assert len(exact) >= 5
    # Where the processor has tiles for it, the second runs as bfloat16, whose mantissa has eight bits.
    sure = exact[exact.score >= 0.3]
    iou = paired_best(sure.xyxy, rounded.xyxy)
    assert (iou >= 0.9).all()


def test_the_onnx_file_is_for_others_and_never_the_fastest_here() -> None:
    network = REGISTRY.networks["street-n"]
    assert [fastest_file(network, tiles=tiles).precision for tiles in (True, False)] == ["fp16", "int8"]


def test_loads_are_read_alike_on_every_machine() -> None:
    network = REGISTRY.networks["load-n"]
    assert {fastest_file(network, tiles=tiles).precision for tiles in (True, False)} == {"int8"}


def test_all_weights_stay_under_forty_megabytes() -> None:
    assert sum(path.stat().st_size for path in (MODELS / "weights").rglob("*") if path.is_file()) < 40_000_000

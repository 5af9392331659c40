"""The torch network: its head keeps what COCO knew, its files survive, boxes come back to the picture."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="recipes need the extra [torch]")
pytest.importorskip("ultralytics", reason="recipes need the extra [torch]")

import torch

from models.recipes.network import (
    COCO_IDS,
    build_network,
    input_size,
    kept_boxes,
    letterbox,
    load_network,
    raw_output,
    save_network,
    street_head,
)


def test_the_street_head_starts_from_the_rows_of_coco() -> None:
    torch.manual_seed(3)
    coco, street = build_network(80).eval(), build_network().eval()
    street.load_state_dict(street_head(coco.state_dict()))
    image = torch.rand(1, 3, 64, 96)
    with torch.inference_mode():
        ours, theirs = street(image)[0], coco(image)[0]
    assert ours.shape == (1, 10, 126)
    assert torch.allclose(ours[:, :4], theirs[:, :4])
    assert torch.allclose(ours[:, 4:], theirs[:, [4 + row for row in COCO_IDS]])


def test_a_saved_network_comes_back_the_same(tmp_path: Path) -> None:
    network = build_network()
    save_network(tmp_path / "a.pt", network, network.nc)
    image = torch.rand(1, 3, 64, 64)
    assert torch.equal(raw_output(load_network(tmp_path / "a.pt"), image), raw_output(network.eval(), image))


def test_a_missing_checkpoint_names_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing\.pt.*recipes\.dequantise"):
        load_network(tmp_path / "nothing.pt")


@pytest.mark.parametrize(
    ("size_wh", "expected"),
    [((1920, 1080), (640, 384)), ((1600, 1200), (640, 480)), ((480, 640), (480, 640)), ((640, 640), (640, 640))],
)
def test_the_input_follows_the_picture(size_wh: tuple[int, int], expected: tuple[int, int]) -> None:
    assert input_size(np.zeros((size_wh[1], size_wh[0], 3), np.uint8), 640) == expected


def test_boxes_come_back_in_pixels_of_the_picture() -> None:
    image = np.zeros((200, 400, 3), np.uint8)
    canvas, scale, border = letterbox(image, (640, 384))
    assert canvas.shape == (384, 640, 3)
    centre = np.array([200, 100]) * scale + border
    output = torch.zeros(1, 10, 3)
    output[0, :4, 1] = torch.tensor([*centre, 40 * scale, 20 * scale])
    output[0, 4 + 3, 1] = 0.9
    assert kept_boxes(output, scale, border, 0.25)[0] == pytest.approx([180, 90, 220, 110, 0.9, 3], abs=0.05)

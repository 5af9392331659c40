"""The quick copy: another activation, the original's answers as its only lesson, pictures without labels."""

import copy
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="recipes need the extra [torch]")
pytest.importorskip("ultralytics", reason="recipes need the extra [torch]")

import torch

from models.recipes.network import activation_of, build_network, load_network, raw_floats, save_network, use_activation
from models.recipes.quicken import Quickener, Stages, box_distance, score_distance, stage_distance, unlabelled

IMAGES = torch.randint(0, 255, (2, 3, 64, 96), dtype=torch.uint8, generator=torch.Generator().manual_seed(3))


def test_a_checkpoint_remembers_its_activation(tmp_path: Path) -> None:
    quick = use_activation(build_network(), "hard_swish")
    save_network(tmp_path / "quick.pt", quick, quick.nc)
    assert activation_of(load_network(tmp_path / "quick.pt")) == "hard_swish"
    save_network(tmp_path / "plain.pt", build_network(), quick.nc)
    assert activation_of(load_network(tmp_path / "plain.pt")) == "silu"


def test_a_network_is_no_distance_from_itself_and_some_from_another() -> None:
    network = build_network().train()
    other = use_activation(copy.deepcopy(network), "hard_swish")
    stages = Stages(network), Stages(other)
    with torch.no_grad():
        own, its = raw_floats(network, IMAGES), raw_floats(other, IMAGES)
        same, apart = stage_distance(stages[0], stages[0]), stage_distance(*stages)
    assert float(same) == 0 < float(apart)
    assert [float(part) for part in score_distance(own, own)] == [0, 0]
    assert float(box_distance(own | {"scores": own["scores"] + 9}, own, 16)) == pytest.approx(0, abs=1e-6)
    far = its | {"scores": own["scores"] + 1}
    assert min(float(part) for part in score_distance(far, own)[:1]) > 0


def test_steps_bring_the_copy_nearer_to_its_original() -> None:
    torch.manual_seed(5)
    original = build_network()
    for module in original.modules():
        if isinstance(module, torch.nn.Conv2d) and module.weight.shape[0] > 1:
            torch.nn.init.kaiming_normal_(module.weight)
    quickener = Quickener(original, 3e-4, 1000.0)
    parts = torch.stack([quickener.learn({"img": IMAGES}) for _ in range(8)])
    assert float(parts[-1, 3]) < float(parts[0, 3])
    assert all(part.requires_grad for name, part in quickener.network.named_parameters() if ".dfl." not in name)
    assert not any(part.requires_grad for part in quickener.original.parameters())


def test_pictures_without_labels_are_drawn_with_a_seed_and_at_most_so_many(tmp_path: Path) -> None:
    for number in range(5):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((20, 30, 3), number, np.uint8))
    (tmp_path / "broken.jpg").write_text("no picture")
    first, again = unlabelled(tmp_path, 6), unlabelled(tmp_path, 6)
    assert [frame.image[0, 0, 0] for frame in first] == [frame.image[0, 0, 0] for frame in again]
    assert len(first) == 5 and first[0].size_wh == (30, 20)
    assert len(unlabelled(tmp_path, 6)) > len(unlabelled(tmp_path, 2)) > 0
    with pytest.raises(FileNotFoundError, match="no picture"):
        unlabelled(tmp_path / "nothing")

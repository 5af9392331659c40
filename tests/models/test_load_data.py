"""Which crops may train the load network, and which trucks stand on which side of the split."""

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="recipes need the extra [torch]")

from models.recipes.load.augment import TARGETS, cut, look, target
from models.recipes.load.data import STATES, Sample, is_held_out, place, real_samples


def sample(path: Path, label: str = "empty") -> Sample:
    return Sample(path=path, source="vn_cctv", label=label, truck="t", held_out=False)


@pytest.fixture
def loads(tmp_path: Path) -> Path:
    for name in (
        "vn_cctv/covered/0001_2024-01-01_23-31-43_mp4-500_1.jpg",
        "vn_cctv/covered/0002_2024-01-01_23-31-43_mp4-120_1.jpg",
        "vn_cctv/covered/0003_sample_video_mp4-38_4.jpg",
        "vn_cctv/uncovered_load/0315_2024-01-01_23-31-43_mp4-590_7.jpg",
        "hcmc_overpass/uncovered_load/0333_cam_01_00433_5.jpg",
        "hcmc_overpass/uncovered_goods/0017_cam_01_00046_0.jpg",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.zeros((20, 30, 3), np.uint8))
    return tmp_path


def test_only_the_licensed_source_may_train_and_its_clips_are_split(loads: Path) -> None:
    found = {item.path.name[:4]: item for item in real_samples(loads)}
    assert {number: item.held_out for number, item in found.items()} == {
        "0001": False, "0002": True, "0003": True, "0315": False, "0333": True, "0017": True,
    }  # fmt: skip
    assert found["0315"].label == "goods"
    assert found["0333"].label == "uncovered_load"


def test_a_folder_without_crops_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no crops; expected SOURCE/LABEL"):
        real_samples(tmp_path)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("0333_cam_01_00433_5", ("cam_01", 433)),
        ("0001_2024-01-01_23-31-43_mp4-500_1", ("2024-01-01_23-31-43_mp4", 500)),
        ("n03417042_1344", ("n03417042_1344", 0)),
    ],
)
def test_clip_and_frame_come_from_the_name(name: str, expected: tuple[str, int]) -> None:
    assert place(name) == expected


def test_one_truck_is_never_on_both_sides_of_the_limit() -> None:
    assert is_held_out("2024-01-01_23-31-43_mp4", 399)
    assert not is_held_out("2024-01-01_23-31-43_mp4", 400)


@pytest.mark.parametrize("label", sorted(TARGETS))
def test_targets_are_probabilities_and_goods_never_point_at_an_offence(label: str) -> None:
    wanted = target(label)
    assert wanted.sum() == pytest.approx(1.0)
    assert wanted.min() > 0
    if label != "uncovered_load":
        assert wanted[STATES.index("uncovered_load")] < 0.02


@pytest.mark.parametrize("size_wh", [(12, 300), (300, 12), (1, 1), (190, 190)])
def test_a_look_has_the_networks_size_whatever_the_crop(tmp_path: Path, size_wh: tuple[int, int]) -> None:
    image = np.random.default_rng(1).integers(0, 255, (size_wh[1], size_wh[0], 3), np.uint8)
    for seed in range(12):
        picture, wanted = look(sample(tmp_path / "a.jpg"), image, np.random.default_rng(seed))
        assert picture.shape == (192, 192, 3)
        assert picture.dtype == np.uint8
        assert wanted.shape == (5,)


def test_a_render_is_cut_to_its_truck_with_a_margin() -> None:
    image = np.zeros((100, 100, 3), np.uint8)
    assert cut(image, (0.2, 0.4, 0.8, 0.6), None).shape[:2] == (22, 64)
    assert cut(image, (0.0, 0.0, 1.0, 1.0), None).shape[:2] == (100, 100)

"""Which crops may train the load network, and which trucks stand on which side of the split."""

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="recipes need the extra [torch]")

from models.recipes.load import data
from models.recipes.load.augment import TARGETS, before, cut, look, part_of, target
from models.recipes.load.data import (
    STATES,
    STREETS_HELD_OUT,
    Sample,
    backdrops,
    is_held_out,
    place,
    real_samples,
    render_samples,
    street_samples,
)


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
        "hcmc_overpass/covered/0018_cam_01_00075_0.jpg",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.zeros((20, 30, 3), np.uint8))
    return tmp_path


def test_only_the_licensed_source_may_train_and_its_clips_are_split(loads: Path) -> None:
    found = {item.path.name[:4]: item for item in real_samples(loads)}
    assert {number: item.held_out for number, item in found.items()} == {
        "0001": False, "0002": True, "0003": True, "0315": False, "0333": True, "0017": True,
        "0018": True,
    }  # fmt: skip
    assert found["0315"].label == "goods"
    assert found["0333"].label == "uncovered_load"


def test_what_measures_is_halved_by_clip_and_by_stretches_of_the_overpass(loads: Path) -> None:
    tuning = {item.path.name[:4] for item in real_samples(loads) if item.tuning}
    assert tuning == {"0003", "0333", "0017"}


@pytest.fixture
def streets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rows = ["frame,box,label", "9b0a80_a-12_jpg,1,covered", "6235b7_b-3_jpg,0,empty", "e325f3_c-4_jpg,0,goods"]
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    monkeypatch.setattr(data, "STREET_LABELS", tmp_path / "labels.csv")
    for folder in ("images", "labels"):
        (tmp_path / folder).mkdir()
    for row in rows[1:]:
        frame = row.split(",")[0]
        (tmp_path / "labels" / f"{frame}.txt").write_text("1 0.5 0.5 0.2 0.1\n3 0.25 0.5 0.1 0.2\n")
        cv2.imwrite(str(tmp_path / "images" / f"{frame}.jpg"), np.full((640, 640, 3), 90, np.uint8))
    return tmp_path


def test_street_trucks_are_split_by_clip_and_cars_of_training_clips_tell_nothing(streets: Path) -> None:
    found = street_samples(streets)
    assert [(item.label, item.held_out, item.tuning) for item in found] == [
        ("covered", False, False), ("empty", True, True), ("goods", True, False),
    ] + [("cannot_tell", False, False)] * (len(found) - 3)  # fmt: skip
    assert found[0].pixels().shape == (640, 1138, 3)
    assert found[0].xyxy == pytest.approx((0.2, 0.4, 0.3, 0.6))
    assert all(not item.path.stem.startswith(STREETS_HELD_OUT) for item in found if not item.held_out)
    assert [frame.shape for frame in backdrops(streets)] == [(640, 1138, 3)]


def test_a_cut_out_render_is_set_before_a_street(tmp_path: Path) -> None:
    (tmp_path / "00001.json").write_text('{"state": "empty", "xyxy": [0.1, 0.1, 0.9, 0.9]}')
    image = np.zeros((60, 60, 4), np.uint8)
    image[20:40, 20:40] = (0, 0, 255, 255)
    cv2.imwrite(str(tmp_path / "00001.png"), image)
    (render,) = render_samples(tmp_path)
    street = np.full((640, 1138, 3), (0, 200, 0), np.uint8)
    laid = before(render.pixels(), [street], np.random.default_rng(1))
    assert laid.shape == (60, 60, 3)
    assert tuple(laid[30, 30]) == (0, 0, 255)
    assert tuple(laid[2, 2]) == (0, 200, 0)


@pytest.mark.parametrize("seed", range(6))
def test_a_truck_at_the_edge_keeps_most_of_one_side(seed: int) -> None:
    left = part_of(np.zeros((100, 80, 3), np.uint8), np.random.default_rng(seed))
    assert left.shape[0] * left.shape[1] >= 0.6 * 8000 - 100
    assert left.shape[0] * left.shape[1] < 8000


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

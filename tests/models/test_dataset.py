"""A city's data set: what is right is read, and every fault is named by file and line."""

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("ultralytics", reason="recipes need the extra [torch]")

from detector.types.errors import ConfigError
from models.recipes.dataset import read_data_set
from tests.models.city_data import write_data_set


def test_a_sound_data_set_is_read_with_the_products_classes(tmp_path: Path) -> None:
    folder = write_data_set(tmp_path, names=("car", "motorbike"))
    (folder / "labels" / "train" / "street_0.txt").write_text("")
    (folder / "labels" / "train" / "street_1.txt").unlink()
    found = read_data_set(folder)
    assert {part: len(frames) for part, frames in found.frames.items()} == {"train": 4, "val": 2}
    assert (found.named, found.empty) == ((2, 3), 2)
    assert found.frames["val"][0].boxes[:, 0].tolist() == [3, 2]
    assert found.frames["val"][0].unsure[:, 0].tolist() == [4, 5]
    assert read_data_set(folder).digest == found.digest


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param("7 0.5 0.5 0.2 0.2", r"class 7; expected one of \[0, 1\]", id="class out of range"),
        pytest.param("0.5 0.5 0.5 0.2 0.2", r"class 0\.5; expected", id="class is no whole number"),
        pytest.param("0 0.95 0.5 0.2 0.2", r"reaches 0\.050 outside the picture", id="box outside"),
        pytest.param("0 320 240 64 48", r"outside the picture; expected all of it within 0\.\.1", id="box in pixels"),
        pytest.param("0 0.5 0.5 nan 0.2", "NaN or infinite", id="NaN"),
        pytest.param("0 0.5 0.5 inf 0.2", "NaN or infinite", id="infinite"),
        pytest.param("0 0.5 0.5 0 0.2", r"size 0\.0 x 0\.2", id="no width"),
        pytest.param("0 0.5 0.5 0.2", "4 values; expected 5", id="value missing"),
        pytest.param("0 0.1 0.1 0.2 0.1 0.2 0.2", "7 values; expected 5", id="an outline"),
        pytest.param("0 0.5 0,5 0.2 0.2", "no number", id="comma for a point"),
    ],
)
def test_a_broken_row_is_named_by_file_and_line(tmp_path: Path, row: str, expected: str) -> None:
    folder = write_data_set(tmp_path)
    path = folder / "labels" / "train" / "street_2.txt"
    path.write_text(f"0 0.5 0.5 0.2 0.2\n\n{row}\n")
    with pytest.raises(ConfigError, match=rf"{path}:3: .*{expected}"):
        read_data_set(folder)


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    folder = write_data_set(tmp_path)
    (folder / "images" / "train" / "street_0.png").unlink()
    (folder / "images" / "train" / "street_1.png").write_bytes(b"no picture")
    (folder / "labels" / "val" / "street_0.txt").write_text("0 0.5 0.5 2 2\n9 0.5 0.5 0.1 0.1\n")
    with pytest.raises(ConfigError) as caught:
        read_data_set(folder)
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[0].removeprefix(f"{folder}/") for line in lines] == [
        "labels/train/street_0.txt",
        "images/train/street_1.png",
        "labels/val/street_0.txt:1",
        "labels/val/street_0.txt:2",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(None, "cannot be read", id="absent"),
        pytest.param("names: [", "not readable as YAML", id="no YAML"),
        pytest.param("- 1", "expected keys names", id="a list"),
        pytest.param(
            "names: [car, zebra]\ntrain: images/train\nval: images/val", "class 1 is 'zebra'", id="unknown class"
        ),
        pytest.param("train: images/train\nval: images/val", "names: expected a list", id="no names"),
        pytest.param("names: [car, motorcycle]\ntrain: images/train", "val: expected a folder", id="nothing held out"),
        pytest.param(
            "names: [car, motorcycle]\ntrain: images/train\nval: images/train",
            "in train and in val",
            id="held out twice",
        ),
    ],
)
def test_a_broken_description_is_refused(tmp_path: Path, text: str | None, expected: str) -> None:
    folder = write_data_set(tmp_path)
    if text is None:
        (folder / "data.yaml").unlink()
    else:
        (folder / "data.yaml").write_text(text)
    with pytest.raises(ConfigError, match=expected) as caught:
        read_data_set(folder)
    assert str(caught.value)


def test_held_out_pictures_without_a_box_are_refused(tmp_path: Path) -> None:
    folder = write_data_set(tmp_path)
    for path in (folder / "labels" / "val").iterdir():
        path.write_text("")
    with pytest.raises(ConfigError, match="val: no labelled box"):
        read_data_set(folder)


def test_a_picture_may_lie_in_a_folder_with_any_letters(tmp_path: Path) -> None:
    folder = write_data_set(tmp_path / "Phố Hàng Bài")
    assert cv2.imread(str(next((folder / "images" / "val").iterdir()))) is not None
    assert np.isfinite(read_data_set(folder).frames["val"][0].boxes).all()

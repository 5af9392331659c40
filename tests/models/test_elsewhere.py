"""Other people's sets: the licence they state, what is drawn, what is doubt, and which pictures are taken."""

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("ultralytics", reason="recipes need the extra [torch]")

from detector.types.errors import ConfigError
from models.recipes.elsewhere import SETS, drawn_boxes, licence_of, names_of, pictures, without
from models.recipes.label import Labels


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        pytest.param("# a\n\nProvided by a Roboflow user\nLicense: CC BY 4.0\n\n", "CC BY 4.0", id="stated"),
        pytest.param("# a\nLicense: undefined\n", "undefined", id="stated, but none"),
        pytest.param("# a\nno word of it\n", None, id="not stated"),
        pytest.param(None, None, id="no README"),
    ],
)
def test_the_licence_is_what_the_readme_states(tmp_path: Path, text: str | None, licence: str | None) -> None:
    if text is not None:
        (tmp_path / "README.dataset.txt").write_text(text)
    assert licence_of(tmp_path) == licence


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("names: [car, tram]\n", "tram are no classes", id="a class of another set"),
        pytest.param("nc: 4\n", "no class names", id="no names"),
        pytest.param(None, "no class names", id="no file"),
    ],
)
def test_another_set_is_refused(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "data.yaml").write_text(text)
    with pytest.raises(ConfigError, match=message):
        names_of(tmp_path, SETS["atl"])


def test_boxes_outlines_and_matters_of_taste(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("0 0.5 0.5 0.2 0.4\n1 0.1 0.2 0.3 0.2 0.3 0.6 0.1 0.6\n2 0.5 0.5 0.1 0.1\n")
    labels, doubt = drawn_boxes(path, ["car", "big truck", "small bus"], SETS["km39"], (100, 50))
    assert np.allclose(labels.boxes, [[3, 40, 15, 60, 35], [5, 10, 10, 30, 30]])
    assert np.allclose(doubt.unsure, [[4, 45, 22.5, 55, 27.5]])
    assert labels.drawn == 2


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("9 0.5 0.5 0.1 0.1", id="a class that data.yaml lacks"),
        pytest.param("0 0.5 0.5 0.1", id="a value short"),
        pytest.param("0 0.1 0.2 0.3 0.4 0.5", id="an outline with half a corner"),
        pytest.param("car 0.5 0.5 0.1 0.1", id="a name for a number"),
        pytest.param("", id="an empty line"),
    ],
)
def test_a_row_that_is_none_is_named(tmp_path: Path, row: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"0 0.5 0.5 0.2 0.4\n{row}\n")
    with pytest.raises(ConfigError, match=r"a\.txt:2: "):
        drawn_boxes(path, ["car"], SETS["km39"], (100, 50))


def test_a_picture_without_a_label_file_shows_nothing_drawn(tmp_path: Path) -> None:
    labels, doubt = drawn_boxes(tmp_path / "none.txt", ["car"], SETS["km39"], (100, 50))
    assert (labels.boxes, doubt.unsure) == ([], [])


def test_what_is_drawn_as_doubt_is_not_named_by_the_teacher_and_its_rider_is_none() -> None:
    doubt = Labels(unsure=[[2, 100.0, 100.0, 140.0, 200.0]])
    rider = (105.0, 100.0, 135.0, 150.0, 0.9, 0.0)
    same, apart, car = (
        (101.0, 101.0, 141.0, 199.0, 0.8, 2.0),
        (300.0, 100.0, 330.0, 190.0, 0.9, 0.0),
        (110.0, 110.0, 120.0, 120.0, 0.9, 3.0),
    )
    found = np.array([rider, same, apart, car], np.float32)
    assert without(found, doubt).tolist() == np.array([apart, car], np.float32).tolist()
    assert without(found, Labels()).tolist() == found.tolist()


def test_every_nth_picture_of_each_recording_in_its_order(tmp_path: Path) -> None:
    folder = tmp_path / "train" / "images"
    folder.mkdir(parents=True)
    for name in ("b_mp4-10_jpg.rf.00", "b_mp4-9_jpg.rf.01", "b_mp4-100_jpg.rf.02", "a_mp4-7_jpg.rf.03"):
        cv2.imwrite(str(folder / f"{name}.jpg"), np.zeros((8, 8, 3), np.uint8))
    taken = [path.name.split(".rf")[0] for path in pictures(tmp_path, ("train", "valid"), 2)]
    assert taken == ["a_mp4-7_jpg", "b_mp4-9_jpg", "b_mp4-100_jpg"]

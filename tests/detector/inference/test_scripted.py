"""Detections read from a script."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from detector.inference import Picture
from detector.inference.scripted import ScriptedBackend
from detector.types import ConfigError, Detections, InferenceError, LoadState, ObjectClass
from tests.detector.inference.networks import RED, painted

BOX = [100.0, 50.0, 200.0, 150.0]


def script(folder: Path, *frames: tuple[float, list[dict[str, object]]]) -> Path:
    path = folder / "clip.boxes.jsonl"
    lines = [json.dumps({"t_s": t_s, "objects": objects}) for t_s, objects in frames]
    path.write_text("\n".join(lines) + "\n")
    return path


def seen_at(backend: ScriptedBackend, t_s: float | None) -> Detections:
    image = painted((1280, 720), (RED, (100, 50, 200, 150)))
    return backend.submit(Picture.resized(image, backend.letterbox((1280, 720)), t_s=t_s)).result()


@pytest.mark.parametrize(
    ("t_s", "kinds"),
    [
        (0.0, ["car"]),
        (0.09, ["car"]),
        (0.11, ["bus"]),
        (0.2, ["bus"]),
        (0.4, ["truck"]),
        (0.49, ["truck"]),
        pytest.param(0.51, [], id="more than half a step behind the last"),
        (9.0, []),
    ],
)
def test_the_nearest_line_within_half_a_step_is_taken(tmp_path: Path, t_s: float, kinds: list[str]) -> None:
    path = script(tmp_path, *((i * 0.2, [{"kind": k, "xyxy": BOX}]) for i, k in enumerate(["car", "bus", "truck"])))
    seen = seen_at(ScriptedBackend.from_file(path), t_s)
    assert [ObjectClass(int(kind)).label for kind in seen.kind] == kinds


def test_boxes_come_as_written_with_the_colours_of_the_picture(tmp_path: Path) -> None:
    path = script(tmp_path, (0.0, [{"id": 7, "kind": "motorcycle", "xyxy": BOX, "visible": 0.93, "colour": "red"}]))
    seen = seen_at(ScriptedBackend.from_file(path), 0.0)
    assert seen.xyxy.tolist() == [BOX]
    assert seen.load is None
    assert seen.appearance is not None
    assert np.abs(seen.appearance.reshape(16, 3)[5].astype(int) - RED).max() <= 2


def test_hidden_objects_are_left_out(tmp_path: Path) -> None:
    rows = [{"kind": "car", "xyxy": BOX, "visible": part} for part in (0.0, 0.24, 0.25, 1.0)]
    assert len(seen_at(ScriptedBackend.from_file(script(tmp_path, (0.0, rows))), 0.0)) == 2


def test_loads_written_down_come_as_scores(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"kind": "car", "xyxy": BOX},
        {"kind": "truck", "xyxy": BOX, "load": "covered"},
    ]
    seen = seen_at(ScriptedBackend.from_file(script(tmp_path, (0.0, rows))), 0.0)
    assert seen.load is not None
    assert np.isnan(seen.load[0]).all()
    assert seen.load[1].tolist() == [float(state is LoadState.COVERED) for state in LoadState]


def test_another_script_has_another_hash(tmp_path: Path) -> None:
    hashes = set()
    for x in (100.0, 101.0):
        path = script(tmp_path, (0.0, [{"kind": "car", "xyxy": [x, *BOX[1:]]}]))
        hashes.add(ScriptedBackend.from_file(path).network_hash)
    assert len(hashes) == 2


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param('{"t_s": 0, "objects": [{"kind": "tank", "xyxy": [0, 0, 1, 1]}]}', "'tank'", id="class"),
        pytest.param('{"t_s": 0, "objects": [{"kind": "car", "xyxy": [0, 0, 1]}]}', "xyxy", id="three sides"),
        pytest.param('{"objects": []}', "t_s: missing", id="no time"),
        pytest.param("{", "JSON", id="cut off"),
    ],
)
def test_a_faulty_line_is_named_by_its_number(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "clip.boxes.jsonl"
    path.write_text('{"t_s": 0, "objects": []}\n\n' + line + "\n")
    with pytest.raises(ConfigError, match=re.escape(f"{path}:3: ") + f".*{message}"):
        ScriptedBackend.from_file(path)


def test_missing_empty_and_untimed(tmp_path: Path) -> None:
    with pytest.raises(InferenceError, match=r"nothing\.jsonl: cannot read the script"):
        ScriptedBackend.from_file(tmp_path / "nothing.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(ConfigError, match=r"empty\.jsonl: no line with boxes"):
        ScriptedBackend.from_file(tmp_path / "empty.jsonl")
    with pytest.raises(InferenceError, match="no t_s"):
        seen_at(ScriptedBackend.from_file(script(tmp_path, (0.0, []))), None)

"""The command line as a user meets it: help with examples, the contract's exit codes, every fault named."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer.main

import phatnguoi
from tests.detector.inference.networks import RED, colour_finder, painted, registry_toml
from tests.footage_maker import write_video
from tests.pipelines.street import RIDES_S, Street, make_street, write_scene
from tests.processes import Outcome, Trial

Command = Callable[..., Outcome]
GOOD = """version: 1
camera: {id: HN-1}
size: [640, 360]
zones:
  - {id: east, kind: sidewalk, polygon: [[10, 10], [200, 10], [200, 300], [10, 300]]}
"""


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Runs the command line in a process of its own."""

    def run(*arguments: object, scripted: bool = False, **environment: str) -> Outcome:
        told = tuple(str(argument) for argument in arguments)
        outcome = Trial(arguments=told, folder=tmp_path / "process", scripted=scripted, environment=environment).run()
        assert "Traceback" not in outcome.err
        return outcome

    return run


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Street:
    return make_street(tmp_path_factory.mktemp("street"))


@pytest.fixture(scope="module")
def ran(street: Street, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """The folder and outcome of `phatnguoi batch` over the street."""
    folder = tmp_path_factory.mktemp("ran")
    outcome = Trial(
        arguments=(
            *("batch", str(street.video), "--scene", str(street.scene), "--registry", str(street.registry)),
            *("--data", str(folder / "data"), "--events", str(folder / "events.jsonl")),
        ),
        folder=folder,
    ).run()
    return folder, outcome


def commands() -> dict[str, object]:
    """Every command by the words that call it."""
    found = {}
    group = typer.main.get_command(phatnguoi.app)
    for name, one in group.commands.items():  # type: ignore[attr-defined]
        inner = getattr(one, "commands", None)
        found.update({name: one} if inner is None else {f"{name} {below}": two for below, two in inner.items()})
    return found


def test_the_contracts_commands_are_there() -> None:
    assert {"batch", "serve", "check", "score", "verify", "detect", "plate", "bench"} <= commands().keys()


@pytest.mark.parametrize("name", commands())
def test_help_has_an_example_and_speaks_vietnamese_first(command: Command, name: str) -> None:
    outcome = command(*name.split(), "--help")
    assert outcome.code == 0
    text = " ".join(outcome.out.split())
    example = re.search(rf"(?<!Usage: )phatnguoi {name} [^\[]", text)
    assert example, text
    described = text.split("]...", 1)[-1] if "]..." in text else text
    assert re.search(r"[à-ỹ].* / ", described)


WRONG_USES = {
    "no such command": (("fly",), "No such command 'fly'"),
    "no recording": (("batch", "--scene", "s.yaml"), "videos"),
    "no scene": (("batch", "clip.mp4"), "Missing option '--scene'"),
    "rate is no number": (("batch", "clip.mp4", "--scene", "s.yaml", "--fps", "fast"), "'--fps'"),
    "rate too high": (("batch", "clip.mp4", "--scene", "s.yaml", "--fps", "1000"), "'--fps'"),
    "rate is not finite": (("batch", "clip.mp4", "--scene", "s.yaml", "--fps", "nan"), "'--fps'"),
    "picture rate is not finite": (("batch", "p", "--scene", "s.yaml", "--picture-fps", "inf"), "'--picture-fps'"),
    "start is no time": (("batch", "c.mp4", "--scene", "s.yaml", "--start", "noon"), "--start: 'noon' is no ISO 8601"),
    "scene is missing": (
        ("batch", "c.mp4", "--scene", "/nowhere/s.yaml"),
        "/nowhere/s.yaml: Sơ đồ: không đọc được tệp",
    ),
    "events are missing": (("score", "--events", "/nowhere/e", "--truth", "/nowhere/t"), "/nowhere/e: cannot be read"),
    "bundle is missing": (("verify", "/nowhere/bundle.zip"), "/nowhere/bundle.zip: no such bundle"),
    "port is too high": (("serve", "--port", "99999"), "'--port'"),
    "registry is missing": (("detect", "a.jpg", "--registry", "/nowhere/r.toml"), "/nowhere/r.toml: cannot read"),
}


@pytest.mark.parametrize("label", WRONG_USES)
def test_wrong_use_ends_with_2_and_a_line_that_says_what(command: Command, label: str) -> None:
    arguments, message = WRONG_USES[label]
    outcome = command(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err


def test_an_unknown_setting_is_named(command: Command, street: Street) -> None:
    outcome = command("batch", street.video, "--scene", street.scene, PHATNGUOI_LOCK_WAIT_S="soon")
    assert outcome.code == 2
    assert "lock_wait_s" in outcome.err and "soon" in outcome.err


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


BAD_SCENES = {
    "unknown key": (GOOD + "colour: red\n", ["colour: unknown key", "“colour”: không có mục nào tên như vậy"]),
    "unknown key of a zone": (
        changed("kind: sidewalk,", "kind: sidewalk, speed: 9,"),
        ["zones[0].speed: unknown key", "Vùng east, “speed”: không có mục"],
    ),
    "crossing polygon": (
        changed("[[10, 10], [200, 10], [200, 300], [10, 300]]", "[[10, 10], [200, 300], [200, 10], [10, 300]]"),
        ["zone east: the polygon is not simple", "without crossing edges", "Vùng east: các cạnh của vùng cắt nhau"],
    ),
    "point outside": (
        changed("[10, 300]]", "[10, 900]]"),
        ["zone east: polygon point 3 [10.0, 900.0] lies outside the picture of 640 x 360 px"],
    ),
    "empty calendar": (changed("kind: sidewalk,", "kind: sidewalk, calendar: [],"), ["zones[0].calendar"]),
    "calendar never in force": (
        changed("kind: sidewalk,", 'kind: sidewalk, calendar: [{from: "08:00", to: "08:00"}],'),
        ["zones[0].calendar[0]", "never in force"],
    ),
    "no zone": (GOOD[: GOOD.index("zones")], ["no zone and no turn"]),
    "missing size": (changed("size: [640, 360]\n", ""), ["size: missing"]),
    "one-way without direction": (changed("sidewalk", "one_way"), ["zone east", "needs `direction:"]),
    "several at once": (changed("sidewalk", "pavement") + "colour: red\n", ["zones[0].kind", "colour: unknown key"]),
    "not YAML": ("zones: [", ["not readable as YAML"]),
}


@pytest.mark.parametrize("label", BAD_SCENES)
def test_check_names_every_fault_of_a_scene(command: Command, tmp_path: Path, label: str) -> None:
    text, messages = BAD_SCENES[label]
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    outcome = command("check", path)
    assert (outcome.code, outcome.out) == (2, "")
    for message in messages:
        assert message in outcome.err
    assert all(line.startswith(str(path)) for line in outcome.err.splitlines())


def test_check_goes_through_all_files(command: Command, tmp_path: Path) -> None:
    good, bad, missing = (tmp_path / name for name in ("good.yaml", "bad.yaml", "missing.yaml"))
    good.write_text(GOOD, encoding="utf-8")
    bad.write_text("version: 2\n", encoding="utf-8")
    assert command("check", good).code == 0
    outcome = command("check", bad, missing, good)
    assert outcome.code == 2
    assert "good.yaml: hợp lệ / valid (1 zones, 0 turns)" in outcome.out
    assert "bad.yaml: Phiên bản tệp: chỉ nhận một trong các giá trị: 1 (đang ghi: 2) / version: Input" in outcome.err
    assert "missing.yaml: Sơ đồ: không đọc được tệp" in outcome.err and " / cannot be read" in outcome.err


def test_batch_prints_its_cases_and_nothing_else_on_stdout(ran: tuple[Path, Outcome]) -> None:
    folder, outcome = ran
    assert outcome.code == 0
    rows = [line.split("\t") for line in outcome.out.splitlines()]
    assert len(rows) == len(RIDES_S)
    for case_id, kind, vehicle, _, _, video, evidence in rows:
        assert (kind, vehicle, video) == ("wrong_way", "motorcycle", "street.mp4")
        assert re.fullmatch(r"PN-[0-9A-Z-]+", case_id)
        assert (Path(evidence) / "manifest.json").is_file()
    assert "4 hồ sơ/cases" in outcome.err
    assert len((folder / "events.jsonl").read_text(encoding="utf-8").splitlines()) == len(RIDES_S)


def test_batch_names_an_unreadable_file_and_does_the_others(command: Command, street: Street, tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    small = write_video(tmp_path / "small.mp4", frames=3, size_wh=(320, 240))
    outcome = command(
        *("batch", tmp_path / "text.mp4", street.video, small, "--scene", street.scene),
        *("--registry", street.registry, "--data", tmp_path / "data", "--events", tmp_path / "events.jsonl"),
        scripted=True,
    )
    assert outcome.code == 2
    assert len(outcome.out.splitlines()) == len(RIDES_S)
    assert "text.mp4: not readable as a video" in outcome.err
    assert "size: is [640, 360]" in outcome.err and "[320, 240]" in outcome.err
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {event["video"] for event in events} == {"street.mp4"}


def test_verify_an_intact_case_bundle_and_zip(command: Command, ran: tuple[Path, Outcome], tmp_path: Path) -> None:
    folder, outcome = ran
    case_id, *_, evidence = outcome.out.splitlines()[0].split("\t")
    archive = shutil.make_archive(str(tmp_path / "bundle"), "zip", evidence)
    for arguments in ((case_id, "--data", folder / "data"), (evidence,), (archive,)):
        told = command("verify", *arguments)
        assert told.code == 0, told.err
        assert "intact" in told.out


@pytest.mark.parametrize("item", ["clip.mp4", "during.jpg", "manifest.json"])
def test_verify_names_the_altered_item_and_ends_with_3(
    command: Command, ran: tuple[Path, Outcome], tmp_path: Path, item: str
) -> None:
    *_, evidence = ran[1].out.splitlines()[0].split("\t")
    copy = Path(shutil.copytree(evidence, tmp_path / "copy"))
    data = bytearray((copy / item).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / item).chmod(0o644)
    (copy / item).write_bytes(data)
    told = command("verify", copy)
    assert told.code == 3
    assert f"{item}: altered" in told.out


def test_verify_an_unknown_case_is_wrong_input(command: Command, ran: tuple[Path, Outcome]) -> None:
    outcome = command("verify", "PN-NONE", "--data", ran[0] / "data")
    assert outcome.code == 2
    assert "PN-NONE" in outcome.err


def test_score_prints_json_for_events_against_truth(
    command: Command, ran: tuple[Path, Outcome], tmp_path: Path
) -> None:
    path = ran[0] / "events.jsonl"
    truths = []
    for line in path.read_text(encoding="utf-8").splitlines()[:3]:
        event = json.loads(line)
        row = event["path"][len(event["path"]) // 2]
        told = {"video": event["video"], "kind": event["kind"], "start_s": event["start_s"], "end_s": event["end_s"]}
        truths.append(told | {"t_s": row[0], "xyxy": row[1:], "optional": False})
    truth = tmp_path / "truth.jsonl"
    truth.write_text("".join(json.dumps(one) + "\n" for one in truths))
    outcome = command("score", "--events", path, "--truth", truth)
    assert outcome.code == 0
    overall = json.loads(outcome.out)["overall"]
    assert (overall["tp"], overall["fp"], overall["fn"], overall["recall"]) == (3, 1, 0, 1.0)


def test_score_names_the_line_that_is_wrong(command: Command, ran: tuple[Path, Outcome], tmp_path: Path) -> None:
    (tmp_path / "truth.jsonl").write_text('{"video": "clip.mp4"}\n')
    outcome = command("score", "--events", ran[0] / "events.jsonl", "--truth", tmp_path / "truth.jsonl")
    assert outcome.code == 2
    assert "truth.jsonl: line 1: kind: missing" in outcome.err


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with a real, tiny network."""
    folder = tmp_path_factory.mktemp("models")
    path = folder / "registry.toml"
    path.write_text(registry_toml(colour_finder(folder)))
    return path


def test_detect_prints_json_and_names_what_is_no_picture(command: Command, tmp_path: Path, tiny: Path) -> None:
    image = painted((640, 384), (RED, (64, 32, 96, 64)))
    cv2.imwrite(str(tmp_path / "street.png"), np.asarray(image))
    (tmp_path / "text.jpg").write_text("no picture")
    outcome = command("detect", tmp_path / "street.png", tmp_path / "text.jpg", "--registry", tiny)
    assert outcome.code == 2
    good, bad = json.loads(outcome.out)
    assert [found["kind"] for found in good["detections"]] == ["truck"]
    assert good["detections"][0].keys() == {"kind", "score", "xyxy"}
    assert bad["detections"] == []
    assert "text.jpg: not a picture" in outcome.err
    assert command("detect", tmp_path / "street.png", "--registry", tiny).code == 0


def test_batch_runs_with_a_real_network(command: Command, street: Street, tmp_path: Path, tiny: Path) -> None:
    outcome = command(
        *("batch", street.video, "--scene", write_scene(tmp_path / "scene.yaml"), "--registry", tiny),
        *("--data", tmp_path / "data", "--events", tmp_path / "events.jsonl", "--fps", "2"),
    )
    assert outcome.code == 0, outcome.err
    assert (tmp_path / "events.jsonl").exists()

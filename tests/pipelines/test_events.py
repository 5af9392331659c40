"""Event lines keep to the contract, and the file that holds them is replaced as a whole."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from detector.types import ClockGrade, EvidenceError, Finding, Moment, ObjectClass, Violation, ViolationKind
from pipelines.events import event_line, write_lines

KEYS = {
    "v", "violation_id", "kind", "camera_id", "zone_id", "start_s", "end_s", "vehicle", "track_id", "confidence",
    "path", "facts", "plate", "video", "cannot_tell", "reminder_only",
}  # fmt: skip


def violation(**finding: object) -> Violation:
    made = Finding(
        kind=ViolationKind.WRONG_WAY,
        zone_id="southbound",
        rule_version="wrong_way/1",
        track_id=17,
        vehicle=ObjectClass.MOTORCYCLE,
        t_start_s=3.2000001,
        t_end_s=6.8,
        confidence=0.94321,
        moments={name: Moment(4.0, (1.0, 2.0, 3.0, 4.0)) for name in ("before", "during", "after")},
        facts={"heading_against_deg": 171.00049, "street": True, "looks": 3, "sign": "P.102 đường một chiều"},
        path=((3.2, 610.04, 402.0, 655.0, 498.0), (4.2, 0.0, 0.0, 1.0, 1.0)),
        final=True,
    )
    return Violation(
        id="ab12",
        camera_id="HN-1",
        source_id="source",
        scene_hash="0" * 64,
        finding=replace(made, **finding),  # type: ignore[arg-type]
        start_at=None,
        end_at=None,
        clock=ClockGrade.PTS,
    )


def test_an_event_has_the_fields_of_the_contract() -> None:
    event = json.loads(event_line(violation(), video="clip.mp4"))
    assert event.keys() == KEYS
    assert event | {"path": [], "facts": {}} == {
        "v": 1,
        "violation_id": "ab12",
        "kind": "wrong_way",
        "camera_id": "HN-1",
        "zone_id": "southbound",
        "start_s": 3.2,
        "end_s": 6.8,
        "vehicle": "motorcycle",
        "track_id": 17,
        "confidence": 0.9432,
        "path": [],
        "facts": {},
        "cannot_tell": [],
        "reminder_only": False,
        "plate": None,
        "video": "clip.mp4",
    }
    assert event["path"] == [[3.2, 610.0, 402.0, 655.0, 498.0], [4.2, 0.0, 0.0, 1.0, 1.0]]
    assert event["facts"] == {
        "heading_against_deg": 171.0,
        "street": True,
        "looks": 3,
        "sign": "P.102 đường một chiều",
    }


def test_goods_have_no_vehicle_and_doubts_are_told() -> None:
    event = json.loads(event_line(violation(vehicle=None, cannot_tell=("no_calendar_time",)), video="clip.mp4"))
    assert (event["vehicle"], event["cannot_tell"]) == (None, ["no_calendar_time"])


def test_the_same_violation_gives_the_same_bytes_in_one_line() -> None:
    lines = {event_line(violation(), video="đường\nphố.mp4") for _ in range(3)}
    assert len(lines) == 1
    assert "\n" not in lines.pop()


def test_the_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "events.jsonl"
    write_lines(path, ["một", "hai"])
    write_lines(path, ["ba"])
    assert path.read_text(encoding="utf-8") == "ba\n"
    assert list(path.parent.iterdir()) == [path]


def test_when_writing_fails_the_old_file_stands(tmp_path: Path) -> None:
    def broken():  # type: ignore[no-untyped-def]
        yield "half"
        raise OSError(28, "No space left on device")

    path = tmp_path / "events.jsonl"
    write_lines(path, ["whole"])
    with pytest.raises(EvidenceError, match="free space"):
        write_lines(path, broken())
    assert path.read_text() == "whole\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EvidenceError, match=r"file: .*: a file stands where a folder is needed"):
        write_lines(tmp_path / "file" / "events.jsonl", [])

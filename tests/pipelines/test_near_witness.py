"""A cyclist taken for a motorcycle rider is set aside before evidence or a case exists; nobody else is looked at."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import func, select

from cases.database import open_database
from cases.evidence import FolderStore
from cases.records import Case
from detector.inference import load_registry
from detector.inference.registry import default_registry_path
from detector.scene import Scene, parse_scene
from detector.types import Finding, Moment, ObjectClass, ViolationKind
from pipelines.desk import CaseDesk, FiledCase, SetAside
from pipelines.job import JobResult, JobStoppedError
from pipelines.near_witness import NearWitness, open_near_witness
from pipelines.scene_file import load_scene
from pipelines.shots import Looks
from tests.cases.builders import NETWORK, finding_of, violation_of
from tests.pipelines.plates import PictureFootage
from tests.pipelines.riders import BOX, BOX_RIDE_S, STREET_WH, cyclist, open_calling_all_motorcycles, write_street
from tests.pipelines.street import run, write_registry

FOOTAGE = PictureFootage((cyclist(),) * 3)
TEXT = """
version: 1
camera: {id: HN-TEST-1, name: Test, ward: Hoàn Kiếm, lat: 21.0, lon: 105.8}
size: [480, 360]
zones:
  - {id: southbound, kind: one_way, polygon: [[0, 0], [470, 0], [470, 350], [0, 350]], direction: [[9, 9], [9, 300]]}
"""
ZONE = "[[0, 0], [630, 0], [630, 950], [0, 950]]"
BINDING = TEXT.replace("kind: one_way,", "kind: one_way, classes: [motorcycle, bicycle],")
BESIDE = (
    TEXT
    + """\
  - {id: lane, kind: one_way, classes: [bicycle], polygon: [[POLYGON]], direction: [[9, 9], [9, 300]]}
"""
)
OVERLAPPING = BESIDE.replace("POLYGON", "200, 240], [300, 240], [300, 260], [200, 260")
ELSEWHERE = BESIDE.replace("POLYGON", "320, 240], [400, 240], [400, 260], [320, 260")
OF_ANOTHER_KIND = OVERLAPPING.replace("lane, kind: one_way", "lane, kind: no_entry").replace(
    "260]], direction: [[9, 9], [9, 300]]", "260]]"
)
TURNS = """
version: 1
camera: {id: HN-TEST-1}
size: [480, 360]
turns:
  - {id: southbound, kind: no_left_turn, enter: [[10, 10], [60, 10]], leave: [[150, 150], [300, 150]]}
  - {id: other, kind: no_u_turn, classes: [bicycle], enter: [[10, 10], [60, 10]], leave: LEAVE}
"""
LEFT_BOTH = TURNS.replace("LEAVE", "[[150, 240], [300, 240]]")
LEFT_ONE = TURNS.replace("LEAVE", "[[460, 10], [460, 60]]")


def scene(text: str) -> Scene:
    return parse_scene(text, name="scene.yaml")


def act(**fields: Any) -> Finding:
    moments = {name: Moment(float(n), BOX) for n, name in enumerate(("before", "during", "after"))}
    path = tuple((float(n), *BOX) for n in range(3))
    return finding_of(t_start_s=0.0, t_end_s=2.0, path=path, moments=moments, **fields)


def turned() -> Finding:
    return replace(act(), kind=ViolationKind.FORBIDDEN_TURN)


@pytest.fixture(scope="module")
def witness() -> NearWitness:
    witness = open_near_witness(load_registry(default_registry_path()))
    assert witness is not None
    return witness


@pytest.mark.parametrize(
    ("label", "finding", "text", "cleared"),
    [
        ("a cyclist taken for a rider", act(), TEXT, True),
        ("where bicycles are bound as well", act(), BINDING, False),
        ("another zone beneath the path binds bicycles", act(), OVERLAPPING, False),
        ("another zone beside the path binds bicycles", act(), ELSEWHERE, True),
        ("another zone of another kind binds bicycles", act(), OF_ANOTHER_KIND, True),
        ("another turn on the way binds bicycles", turned(), LEFT_BOTH, False),
        ("another turn far away binds bicycles", turned(), LEFT_ONE, True),
        ("taken for a car", act(vehicle=ObjectClass.CAR), TEXT, False),
        ("goods", act(vehicle=None), TEXT, False),
        ("a path that nothing shows", replace(act(), path=()), TEXT, False),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 60 else "",
)
def test_who_is_cleared(label: str, finding: Finding, text: str, cleared: bool, witness: NearWitness) -> None:
    assert witness.clears(Looks(FOOTAGE, finding, scene(text).size), finding, scene(text)) is cleared, label


def test_who_is_cleared_leaves_no_evidence_and_no_case(tmp_path: Path, witness: NearWitness) -> None:
    text = tmp_path / "scene.yaml"
    text.write_text(TEXT, encoding="utf-8")
    scene_file = load_scene(text)
    violation = replace(violation_of(scene=scene_file.scene), finding=act())
    store = FolderStore(tmp_path / "evidence")
    database = open_database(f"sqlite:///{tmp_path / 'phatnguoi.db'}")
    try:
        parts = {"store": store, "footage": FOOTAGE, "scene_file": scene_file, "network": NETWORK}
        desk = CaseDesk(sessions=database.sessions, near=witness, **parts)  # type: ignore[arg-type]
        assert desk.file(violation) == SetAside(violation=violation)
        assert store.find(violation.id) is None
        # Evidence that stands is never taken back by a look.
        assert isinstance(replace(desk, near=None).file(violation), FiledCase)
        assert isinstance(desk.file(violation), FiledCase)
        with database.sessions() as session:
            assert session.scalar(select(func.count()).select_from(Case)) == 1
    finally:
        database.close()


@dataclass(frozen=True, slots=True)
class Ran:
    """A recording, and what a whole run of it gave."""

    folder: Path

    def again(self, data: Path, **options: Any) -> tuple[JobResult, bytes]:
        """Runs it into `data`; its result and the events' bytes."""
        events = data.with_suffix(".jsonl")
        done = run(
            self.folder / "street.mp4",
            scene=self.folder / "scene.yaml",
            data=data,
            events=events,
            open_network=open_calling_all_motorcycles,
            registry=write_registry(self.folder / "city.toml", alone=False),
            **options,
        )
        (result,) = done.results
        return result, events.read_bytes()


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("ran")
    write_street(folder / "street.mp4")
    text = TEXT.replace("[480, 360]", str(list(STREET_WH))).replace("[[0, 0], [470, 0], [470, 350], [0, 350]]", ZONE)
    (folder / "scene.yaml").write_text(text, encoding="utf-8")
    return Ran(folder)


def test_of_a_recording_who_is_cleared_is_counted_and_the_others_are_cases(ran: Ran, tmp_path: Path) -> None:
    result, events = ran.again(tmp_path / "data")
    (event,) = (json.loads(line) for line in events.splitlines())
    assert (event["kind"], event["start_s"]) == ("wrong_way", pytest.approx(BOX_RIDE_S[0], abs=0.5))
    assert result.cannot_tell == {"wrong_way: class_unsure": 1}
    (note,) = (tmp_path / "data" / "work").glob("*/done.json")
    assert json.loads(note.read_text(encoding="utf-8"))["cannot_tell"] == result.cannot_tell
    assert len(list((tmp_path / "data" / "evidence").rglob("manifest.json"))) == 1

    analysed: list[object] = []
    same, same_events = ran.again(tmp_path / "data", on_progress=lambda *told: analysed.append(told))
    assert (analysed, same_events, same.cannot_tell) == ([], events, result.cannot_tell)


def test_stopped_after_somebody_was_cleared_and_begun_again_it_gives_the_same(ran: Ran, tmp_path: Path) -> None:
    stop = Event()

    def watch(_name: str, t_s: float, _length_s: float | None) -> None:
        if t_s >= BOX_RIDE_S[0] + 2:
            stop.set()

    with pytest.raises(JobStoppedError):
        ran.again(tmp_path / "stopped", segment_s=1.0, stop=stop, on_progress=watch)
    resumed, resumed_events = ran.again(tmp_path / "stopped", segment_s=1.0)
    whole, events = ran.again(tmp_path / "whole")
    assert (resumed_events, resumed.cannot_tell) == (events, whole.cannot_tell)
    assert whole.cannot_tell == {"wrong_way: class_unsure": 1}

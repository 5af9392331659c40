"""A cyclist taken for a motorcycle rider is set aside before evidence or a case exists; nobody else is looked at."""

from dataclasses import replace
from pathlib import Path
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
from pipelines.near_witness import NearWitness, open_near_witness
from pipelines.scene_file import load_scene
from tests.cases.builders import NETWORK, finding_of, violation_of
from tests.pipelines.plates import PictureFootage
from tests.pipelines.riders import BOX, cyclist

FOOTAGE = PictureFootage((cyclist(),) * 3)
TEXT = """
version: 1
camera: {id: HN-TEST-1, name: Test, ward: Hoàn Kiếm, lat: 21.0, lon: 105.8}
size: [480, 360]
zones:
  - {id: southbound, kind: one_way, polygon: [[0, 0], [470, 0], [470, 350], [0, 350]], direction: [[9, 9], [9, 300]]}
"""
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
    assert witness.clears(FOOTAGE, finding, scene(text)) is cleared, label


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

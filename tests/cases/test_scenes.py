"""Scenes: checked by the detector's rules, kept as versions, in force only by a second person, never changed unseen."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
import yaml
from sqlalchemy import select, update

from cases import scenes
from cases.actor import Actor
from cases.chain import chain_faults
from cases.database import Database, open_database, read_transaction, write_transaction
from cases.faults import BadSceneError, IllegalMoveError, NotFoundError, NotPermittedError, SceneMovedError
from cases.in_force import NotAsLedgerSaysError, numbers_in_force, version_in_force
from cases.ledger import sealed_faults
from cases.records import LedgerEntry, SceneVersion
from cases.roles import Role
from cases.scenes import activate, cameras, plain_scene, save_version, scene_text, version, versions
from detector.scene import parse_scene, scene_hash
from tests.cases.builders import NOON
from tests.cases.builders import scene_text as file_text

CAMERA = "HN-HOANKIEM-014"
HOA = Actor(name="hoa", role=Role.OPERATOR)
CHIEF = Actor(name="chief", role=Role.COMMANDER)
FAR = Actor(name="far", role=Role.OPERATOR, wards=("Ba Đình",))


def drawing(**camera: str) -> dict[str, Any]:
    raw: dict[str, Any] = yaml.safe_load(file_text())
    return {**raw, "camera": {**raw["camera"], **camera}}


def save(database: Database, *, actor: Actor = HOA, based_on: int | None = None, **how: Any) -> int:
    raw = how.pop("raw", None) or drawing()
    kept = save_version(
        database.sessions, actor=actor, camera_id=CAMERA, raw=raw, note="vẽ lại", based_on=based_on, now=NOON, **how
    )
    return kept.number


def test_a_version_says_what_was_drawn_and_is_not_in_force_by_itself(sqlite: Database) -> None:
    assert save(sqlite) == 1
    kept = version(sqlite.sessions, actor=HOA, camera_id=CAMERA, number=1)
    assert kept.sha256 == scene_hash(parse_scene(file_text(), name="scene.yaml"))
    assert parse_scene(kept.text, name="kept") == parse_scene(file_text(), name="scene.yaml")
    assert (kept.in_force, kept.drawn_by, kept.ward) == (False, "hoa", "Hoàn Kiếm")
    assert plain_scene(kept.text, name="kept")["zones"][0]["polygon"] == [[0, 0], [900, 0], [900, 500], [0, 500]]


def test_another_person_puts_it_in_force_and_the_one_before_is_retired(database: Database) -> None:
    save(database)
    with pytest.raises(NotPermittedError, match="hoa drew version 1; another person activates"):
        activate(database.sessions, actor=HOA, camera_id=CAMERA, number=1, now=NOON)
    assert activate(database.sessions, actor=CHIEF, camera_id=CAMERA, number=1, now=NOON).in_force
    later = NOON + timedelta(hours=1)
    save(database, actor=CHIEF, based_on=1)
    activate(database.sessions, actor=HOA, camera_id=CAMERA, number=2, now=later)
    second, first = versions(database.sessions, actor=HOA, camera_id=CAMERA)
    assert (first.retired_at, first.in_force, second.in_force) == (later, False, True)
    with pytest.raises(IllegalMoveError, match="is or was in force already"):
        activate(database.sessions, actor=CHIEF, camera_id=CAMERA, number=1, now=later)
    with read_transaction(database.sessions) as session:
        entries = list(session.scalars(select(LedgerEntry).order_by(LedgerEntry.seq)))
        assert chain_faults(session, LedgerEntry) == []
    said = [(entry.actor, entry.details["did"], entry.details["number"]) for entry in entries if entry.kind == "scene"]
    assert said == [("hoa", "drawn", 1), ("chief", "activated", 1), ("chief", "drawn", 2),
                    ("hoa", "retired", 1), ("hoa", "activated", 2)]  # fmt: skip


def test_workers_get_a_version_only_as_the_ledger_knows_it(database: Database) -> None:
    save(database)
    with pytest.raises(NotAsLedgerSaysError):
        version_in_force(database.sessions, CAMERA, 1)
    activate(database.sessions, actor=CHIEF, camera_id=CAMERA, number=1, now=NOON)
    assert numbers_in_force(database.sessions, [CAMERA]) == {CAMERA: 1}
    assert version_in_force(database.sessions, CAMERA, 1).activated_by == "chief"
    save(database, based_on=1)
    activate(database.sessions, actor=CHIEF, camera_id=CAMERA, number=2, now=NOON)
    with write_transaction(database.sessions) as session:
        session.execute(update(SceneVersion).where(SceneVersion.number == 1).values(retired_at=None))
        session.execute(update(SceneVersion).where(SceneVersion.number == 2).values(activated_by="hoa"))
    for number in (1, 2, 3):
        with pytest.raises(NotAsLedgerSaysError):
            version_in_force(database.sessions, CAMERA, number)


def test_a_release_with_other_defaults_judges_by_what_was_put_in_force(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr("cases.scenes.scene_hash", lambda _scene: "0" * 64)
        save(sqlite)
        activate(sqlite.sessions, actor=CHIEF, camera_id=CAMERA, number=1, now=NOON)
    assert version_in_force(sqlite.sessions, CAMERA, 1).sha256 == "0" * 64


def test_an_older_drawing_does_not_replace_a_newer_one_in_force(sqlite: Database) -> None:
    save(sqlite)
    save(sqlite, based_on=1)
    activate(sqlite.sessions, actor=CHIEF, camera_id=CAMERA, number=2, now=NOON)
    with pytest.raises(IllegalMoveError, match="version 2 is in force and newer"):
        activate(sqlite.sessions, actor=CHIEF, camera_id=CAMERA, number=1, now=NOON)


@pytest.mark.parametrize("numbers", [(2, 2), (2, 3), (3, 2)], ids=["the same", "older and newer", "newer and older"])
def test_of_two_who_activate_at_once_on_two_servers_one_wins_and_the_other_is_told(
    url: str, monkeypatch: pytest.MonkeyPatch, numbers: tuple[int, int]
) -> None:
    """Each waits for the other where it has seen what is in force; the locks let one alone come so far."""
    servers = [open_database(url, lock_wait_s=20) for _ in range(2)]
    for number in (1, 2, 3):
        save(servers[0], based_on=number - 1 or None)
    activate(servers[0].sessions, actor=CHIEF, camera_id=CAMERA, number=1, now=NOON)
    start, both, look = Barrier(2), Barrier(2), scenes._require_shown

    def slow(*shown: Any) -> None:
        with suppress(BrokenBarrierError):
            both.wait(0.5)
        look(*shown)

    def put(which: int) -> str:
        start.wait(60)
        try:
            activate(servers[which].sessions, actor=Actor(name=f"chief-{which}", role=Role.COMMANDER), camera_id=CAMERA,
                     number=numbers[which], now=NOON, instead_of=[1])  # fmt: skip
        except (IllegalMoveError, SceneMovedError) as refused:
            return str(refused)
        return "won"

    monkeypatch.setattr(scenes, "_require_shown", slow)
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(put, (0, 1)))
    assert told.count("won") == 1 and both.broken
    won = numbers[told.index("won")]
    assert any(
        says in max(told, key=len) for says in (f"version {won} is in force, not 1", "is or was in force already")
    )
    assert [one.number for one in versions(servers[1].sessions, actor=HOA, camera_id=CAMERA) if one.in_force] == [won]
    assert version_in_force(servers[1].sessions, CAMERA, won).number == won
    with read_transaction(servers[0].sessions) as session:
        assert chain_faults(session, LedgerEntry) == [] and sealed_faults(session) == []
    for one in servers:
        one.close()


def test_two_who_draw_at_once_do_not_overwrite_each_other(sqlite: Database) -> None:
    save(sqlite)
    save(sqlite, based_on=1)
    with pytest.raises(IllegalMoveError, match="version 2 is the newest, not 1; somebody saved one meanwhile"):
        save(sqlite, actor=CHIEF, based_on=1)


@pytest.mark.parametrize(
    ("change", "place", "message"),
    [
        pytest.param({"zones": [{"id": "a", "kind": "no_entry", "polygon": [[0, 0], [9, 9], [9, 0], [0, 9]]}]},
                     "zones[0]", "not simple", id="crossing polygon"),
        pytest.param({"zones": [{"id": "a", "kind": "no_entry", "polygon": [[0, 0], [9, 9], [2000, 0]]}]},
                     "zones[0].polygon[2]", "lies outside the picture", id="point outside"),
        pytest.param({"zones": [{"id": "a", "kind": "kerb", "polygon": [[0, 0], [9, 9], [9, 0]]}]},
                     "zones[0].kind", "Input should be", id="unknown kind"),
        pytest.param({"colour": "red"}, "colour", "unknown key", id="unknown key"),
        pytest.param({"zones": []}, "", "nothing would ever be judged", id="nothing drawn"),
        pytest.param({"camera": {"id": CAMERA, "name": "a\0b"}}, "camera.name", "no text has", id="NUL"),
        pytest.param({"camera": {"id": CAMERA, "name": "\ud800"}}, "camera.name", "no text has", id="half a surrogate"),
        pytest.param({"camera": {"id": CAMERA, "ward": "x" * 101}}, "camera.ward", "at most 100", id="long ward"),
        pytest.param({"size": [10**400, 540]}, "size", "no picture is larger", id="impossible size"),
        pytest.param({"camera": {"id": "OTHER"}}, "camera.id", "but this is camera", id="another camera's"),
    ],
)  # fmt: skip
def test_wrong_drawings_are_refused_with_the_place(
    sqlite: Database, change: dict[str, Any], place: str, message: str
) -> None:
    with pytest.raises(BadSceneError) as refused:
        save(sqlite, raw={**drawing(), **change})
    assert [fault.place for fault in refused.value.faults] == [place]
    assert message in refused.value.faults[0].message
    assert versions(sqlite.sessions, actor=HOA, camera_id=CAMERA) == []


def test_the_reference_picture_stays_with_later_versions(sqlite: Database) -> None:
    jpeg = b"\xff\xd8\xff\xe0 a street"
    save(sqlite, reference_jpeg=jpeg)
    save(sqlite, based_on=1)
    assert version(sqlite.sessions, actor=HOA, camera_id=CAMERA, number=2).reference_jpeg == jpeg
    with pytest.raises(BadSceneError, match="reference: is no JPEG"):
        save(sqlite, based_on=2, reference_jpeg=b"GIF89a")


def test_other_wards_neither_see_nor_change_a_scene(sqlite: Database) -> None:
    save(sqlite)
    assert cameras(sqlite.sessions, actor=FAR) == []
    assert versions(sqlite.sessions, actor=FAR, camera_id=CAMERA) == []
    for act in (version, activate):
        more = {"now": NOON} if act is activate else {}
        with pytest.raises(NotFoundError, match="in the wards of far"):
            act(sqlite.sessions, actor=FAR, camera_id=CAMERA, number=1, **more)
    for raw in (drawing(), drawing(ward="Ba Đình")):
        with pytest.raises(NotPermittedError, match="far works in Ba Đình"):
            save(sqlite, actor=FAR, based_on=1, raw=raw)
    with pytest.raises(NotPermittedError, match="a officer may not"):
        save(sqlite, actor=Actor(name="lan", role=Role.OFFICER), based_on=1)


def test_the_written_file_leaves_out_defaults_and_reads_back_the_same() -> None:
    scene = parse_scene(file_text(), name="scene.yaml")
    text = scene_text(scene)
    assert text.startswith("version: 1\n") and "rules" not in text and "Đinh Tiên Hoàng" in text
    assert parse_scene(text, name="again") == scene

"""A scene drawn and put in force by two people reaches a worker that runs; nothing else does."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Lock, current_thread

import cv2
import pytest
import yaml
from sqlalchemy import text, update

from cases.actor import Actor
from cases.database import Database, open_database, sqlite_url, write_transaction
from cases.records import SceneVersion
from cases.roles import Role
from cases.scenes import activate, save_version, scene_text
from detector.inference import Backend, Network
from detector.scene import parse_scene, scene_hash
from detector.types import CaseError
from pipelines.live.camera_file import Roster, load_roster
from pipelines.live.drawn import LOOK_EVERY_S, DrawnScenes
from pipelines.live.journal import open_journal
from pipelines.live.reload import Reload
from pipelines.live.status import State
from pipelines.scene_file import SceneFile
from tests.pipelines.live.parked import make_parked, open_parked, picture_of, write_kerb
from tests.pipelines.live.seeing import write_cameras
from tests.pipelines.live.test_run import cases_in, running
from tests.processes import wait_until

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
HOA, CHIEF = Actor(name="hoa", role=Role.OPERATOR), Actor(name="chief", role=Role.COMMANDER)
VIEW_JPEG = cv2.imencode(".jpg", picture_of(0))[1].tobytes()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    (tmp_path / "data").mkdir()
    database = open_database(sqlite_url(tmp_path / "data" / "phatnguoi.db"))
    yield database
    database.close()


def draw(database: Database, folder: Path, *, limit_s: float, based_on: int | None = None) -> str:
    """Saves the kerb as the next version; its hash."""
    raw = yaml.safe_load(write_kerb(folder, "KERB", limit_s=limit_s).read_text(encoding="utf-8"))
    kept = save_version(
        database.sessions,
        actor=HOA,
        camera_id="KERB",
        raw=raw,
        note="",
        based_on=based_on,
        now=NOON,
        reference_jpeg=VIEW_JPEG,
    )
    return kept.sha256


def put_in_force(database: Database, number: int) -> None:
    activate(database.sessions, actor=CHIEF, camera_id="KERB", number=number, now=NOON)


def test_a_camera_waits_for_its_scene_and_is_judged_by_the_newest_in_force(database: Database, tmp_path: Path) -> None:
    first = draw(database, tmp_path, limit_s=2)
    cameras = write_cameras(tmp_path, f"camera: KERB, stream: {make_parked(tmp_path)}")
    with running(cameras, tmp_path / "data", open_parked) as worker:
        status = worker.camera()
        assert (status.id, status.state) == ("KERB", State.UNDRAWN), "drawn, but by one person alone"
        assert "a second person" in worker.said("undrawn")[0]
        put_in_force(database, 1)
        wait_until(lambda: bool(worker.said("case")), timeout_s=60)
        second = draw(database, tmp_path, limit_s=3, based_on=1)
        put_in_force(database, 2)
        wait_until(lambda: len(worker.said("case")) == 2, timeout_s=60)
        assert [case.scene_hash for case in cases_in(tmp_path / "data", "KERB")] == [first, second]
        assert [line.split("version=")[1][0] for line in worker.said("scene-in-force")] == ["1", "2"]
        assert [line.split("why=")[1] for line in worker.said("dismissed")] == ["changed"]


def test_a_scene_put_in_force_while_the_network_is_loaded_is_judged_by(database: Database, tmp_path: Path) -> None:
    draw(database, tmp_path, limit_s=50)
    put_in_force(database, 1)
    second = draw(database, tmp_path, limit_s=2, based_on=1)

    def open_slowly(network: Network) -> Backend:
        put_in_force(database, 2)
        time.sleep(LOOK_EVERY_S + 1)
        return open_parked(network)

    cameras = write_cameras(tmp_path, f"camera: KERB, stream: {make_parked(tmp_path)}")
    with running(cameras, tmp_path / "data", open_slowly) as worker:
        wait_until(lambda: bool(worker.said("case")), timeout_s=60)
    assert {case.scene_hash for case in cases_in(tmp_path / "data", "KERB")} == {second}


class Busy(DrawnScenes):
    """Scenes of which another is put in force just after they were given."""

    meanwhile: Callable[[], None] | None = None

    def want(self, camera_ids: Collection[str]) -> Mapping[str, SceneFile]:
        scenes = super().want(camera_ids)
        if self.meanwhile is not None:
            self.meanwhile()
            self._look()
            self.meanwhile = None
        return scenes


def test_a_scene_put_in_force_while_files_are_parsed_is_loaded_at_the_next_look(
    database: Database, tmp_path: Path
) -> None:
    first = draw(database, tmp_path, limit_s=2)
    put_in_force(database, 1)
    second = draw(database, tmp_path, limit_s=3, based_on=1)
    cameras = write_cameras(tmp_path, "camera: KERB, stream: rtsp://h/a")
    drawn, asked = Busy(database.sessions), Event()
    load_roster(cameras, drawn.want)
    reload = Reload(cameras, asked, drawn)
    drawn.meanwhile = lambda: put_in_force(database, 2)
    asked.set()
    told = [roster.cameras[0].scene_file.hash for roster in looks(reload, seconds=LOOK_EVERY_S + 1)]
    assert told == [first, second]


def looks(reload: Reload, *, seconds: float) -> Iterator[Roster]:
    """What came of looking for so long."""
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        if (roster := reload.look()) is not None:
            yield roster
        time.sleep(0.05)


class LateLock:
    """A lock that the thread gets only after somebody else had it."""

    def __init__(self) -> None:
        self.lock, self.waits, self.go = Lock(), Event(), Event()

    def __enter__(self) -> None:
        if current_thread().name == "scenes":
            self.waits.set()
            self.go.wait(20)
        self.lock.acquire()

    def __exit__(self, *_: object) -> None:
        self.lock.release()


def test_a_look_that_waited_for_another_knows_what_is_wanted_now(database: Database, tmp_path: Path) -> None:
    draw(database, tmp_path, limit_s=2)
    put_in_force(database, 1)
    drawn, lock = DrawnScenes(database.sessions), LateLock()
    drawn.want(["OTHER"])
    drawn._lock = lock  # type: ignore[assignment]
    drawn.start()
    assert lock.waits.wait(20)
    assert list(drawn.want(["KERB"])) == ["KERB"]
    lock.go.set()
    drawn.close()
    assert drawn.numbers == {"KERB": 1}


def change_row(database: Database, **values: object) -> None:
    with write_transaction(database.sessions) as session:
        session.execute(update(SceneVersion).values(**values))


def said_of_kerb(database: Database) -> list[str]:
    """The journal's lines when a worker asks for the camera, which gets no scene."""
    drawn, lines = DrawnScenes(database.sessions), list[str]()
    close = open_journal(lines.append)
    assert drawn.want(["KERB"]) == {}
    assert drawn.numbers == {}
    close()
    return lines


@pytest.mark.parametrize("hash_too", [False, True], ids=["text", "text and hash"])
def test_a_text_that_was_changed_in_the_database_judges_nobody(
    database: Database, tmp_path: Path, hash_too: bool
) -> None:
    draw(database, tmp_path, limit_s=2)
    put_in_force(database, 1)
    other = scene_text(parse_scene(write_kerb(tmp_path, "KERB", limit_s=9).read_text(encoding="utf-8"), name="other"))
    digest = scene_hash(parse_scene(other, name="other"))
    change_row(database, text=other, **({"sha256": digest} if hash_too else {}))
    assert "event=scene-refused camera=KERB version=1" in said_of_kerb(database)[0]


def test_a_drawing_that_only_the_database_says_is_in_force_judges_nobody(database: Database, tmp_path: Path) -> None:
    draw(database, tmp_path, limit_s=2)
    change_row(database, activated_at=NOON, activated_by="chief")
    assert "event=scene-refused camera=KERB version=1" in said_of_kerb(database)[0]
    change_row(database, activated_by=None)
    assert "event=scene-refused camera=KERB version=1" in said_of_kerb(database)[0], "activated_at alone"


def test_a_version_that_could_not_be_read_for_a_moment_is_taken_up_later(database: Database, tmp_path: Path) -> None:
    draw(database, tmp_path, limit_s=2)
    put_in_force(database, 1)
    drawn, lines = DrawnScenes(database.sessions), list[str]()
    first = drawn.want(["KERB"])["KERB"]
    second = draw(database, tmp_path, limit_s=3, based_on=1)
    put_in_force(database, 2)
    rename(database, "ledger", "away")
    close = open_journal(lines.append)
    drawn.start()
    wait_until(lambda: any("event=scenes-unread" in line for line in lines))
    assert (drawn.want(["KERB"])["KERB"], drawn.numbers) == (first, {"KERB": 1})
    with pytest.raises(CaseError):
        DrawnScenes(database.sessions).want(["KERB"])
    rename(database, "away", "ledger")
    wait_until(lambda: drawn.numbers == {"KERB": 2})
    drawn.close()
    close()
    assert drawn.want(["KERB"])["KERB"].hash == second
    assert not any("event=scene-refused" in line for line in lines)


def rename(database: Database, table: str, name: str) -> None:
    """A table out of reach: scenes are still named in force, but none can be read with its entry."""
    with write_transaction(database.sessions) as session:
        session.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))


def test_what_was_in_force_stays_while_the_database_is_gone(database: Database, tmp_path: Path) -> None:
    draw(database, tmp_path, limit_s=2)
    put_in_force(database, 1)
    drawn = DrawnScenes(database.sessions)
    scene = drawn.want(["KERB"])["KERB"]
    assert (scene.scene.camera.id, scene.reference) == ("KERB", None)
    assert scene.view is not None, "the view it was drawn on"
    database.close()
    (tmp_path / "data" / "phatnguoi.db").rename(tmp_path / "away")
    (tmp_path / "data" / "phatnguoi.db").mkdir()
    assert drawn.want(["KERB"])["KERB"] is scene
    with pytest.raises(CaseError):
        drawn.want(["KERB", "OTHER"])
    assert drawn.want(["KERB"])["KERB"] is scene, "what could not be asked is not believed"


def test_a_camera_without_a_file_counts_as_undrawn_where_there_is_no_database(tmp_path: Path) -> None:
    write_kerb(tmp_path, "KERB", limit_s=2)
    roster = load_roster(
        write_cameras(tmp_path, "scene: KERB.yaml, stream: rtsp://h/a", "camera: HN-2, stream: rtsp://h/b")
    )
    assert ([camera.id for camera in roster.cameras], roster.undrawn) == (["KERB"], ("HN-2",))

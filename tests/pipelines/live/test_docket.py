"""Acts on their way to a case: safe before they are told, on disk where many wait, and all of them filed."""

import errno
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Queue
from threading import Event, Thread

import pytest

from detector.types import EvidenceError, Violation
from pipelines.desk import FiledCase, SetAside
from pipelines.live.acts import ActBox, of_use
from pipelines.live.docket import Act, Docket
from pipelines.live.footage import RingFootage
from pipelines.live.journal import open_journal
from pipelines.live.metrics import LiveCollector
from pipelines.live.status import CameraStatus, StreamStatus
from pipelines.live.writer import MOST_IN_MEMORY, Writer
from pipelines.scene_file import SceneFile, load_scene
from tests.footage_maker import number_in, write_video
from tests.pipelines.live.test_reel import packets_of
from tests.pipelines.street import write_scene
from tests.pipelines.test_evidence import act
from tests.processes import wait_until

ACTS = 2 * MOST_IN_MEMORY


@dataclass(slots=True)
class Camera:
    """Where acts come from."""

    scene_file: SceneFile
    shown: RingFootage
    status: CameraStatus = field(default_factory=lambda: CameraStatus(id="HN-TEST-1", streams=()))
    made_safe: list[str] = field(default_factory=list)

    def footage(self) -> RingFootage:
        return self.shown

    def holds_until(self, _t_s: float) -> bool:
        return True

    def safe(self, violation_id: str) -> None:
        self.made_safe.append(violation_id)


@dataclass(slots=True)
class Desk:
    """Refuses until the store is back, then looks at the act's footage as evidence does."""

    back: Event
    filed: dict[str, int]
    footage: RingFootage

    def file(self, violation: Violation) -> FiledCase:
        if not self.back.is_set():
            raise EvidenceError("the disk is full")
        (still,) = self.footage.stills([violation.finding.moments["during"].t_s])
        self.filed[violation.id] = number_in(still.image)
        return FiledCase(case_id=violation.id, evidence="", line="{}", created=True)


class Clearing:
    """A desk whose look from near clears everybody."""

    def file(self, violation: Violation) -> SetAside:
        return SetAside(violation=violation)


@pytest.fixture
def camera(tmp_path: Path) -> Camera:
    video = write_video(tmp_path / "street.mp4", frames=400, fps=10, options={"g": "10"})
    kept = tuple(packets_of(video, since_s=0.0))
    return Camera(load_scene(write_scene(tmp_path / "scene.yaml")), RingFootage(name="rtsp://h/a", kept=kept))


@pytest.fixture
def said() -> Iterator[list[str]]:
    lines: list[str] = []
    close = open_journal(lines.append)
    yield lines
    close()


def violations() -> list[Violation]:
    return [replace(act(12.0 + number / 2, 13.0 + number / 2), id=f"act-{number}") for number in range(ACTS)]


def open_writer(
    tmp_path: Path,
    back: Event,
    filed: dict[str, int],
    *,
    load: Callable[[], None] = lambda: None,
    after_s: float = 60.0,
) -> Writer:
    desk: Callable[[SceneFile, RingFootage], Desk] = lambda _scene, footage: Desk(back, filed, footage)  # noqa: E731
    return Writer(desk, ActBox(tmp_path / "acts"), load=load, load_after_s=after_s)  # type: ignore[arg-type]


def test_many_acts_wait_on_disk_and_none_is_lost(camera: Camera, tmp_path: Path, said: list[str]) -> None:
    back, filed = Event(), dict[str, int]()
    writer = open_writer(tmp_path, back, filed)
    writer.start()
    for violation in violations():
        writer.put(camera, violation)
    wait_until(lambda: len(set(camera.made_safe)) == ACTS, timeout_s=60)
    wait_until(lambda: any("event=not-stored" in line for line in said), timeout_s=60)
    # The last is told just after it is safe, and handed on after that.
    wait_until(lambda: sum("event=violation " in line for line in said) == ACTS, timeout_s=60)
    wait_until(lambda: writer.waiting() == ACTS, timeout_s=60)
    back.set()
    assert writer.drain(60) == []
    assert filed == {one.id: round(10 * one.finding.moments["during"].t_s) for one in violations()}
    assert (camera.status.cases, camera.status.lost) == (ACTS, 0)
    assert list((tmp_path / "acts").iterdir()) == []


def test_an_act_set_aside_is_counted_and_leaves_nothing(camera: Camera, tmp_path: Path, said: list[str]) -> None:
    camera.status.streams = (StreamStatus(role="main"),)
    writer = Writer(lambda _scene, _footage: Clearing(), ActBox(tmp_path / "acts"))  # type: ignore[arg-type,return-value]
    writer.start()
    for violation in violations()[:2]:
        writer.put(camera, violation)
    wait_until(lambda: camera.status.set_aside == 2, timeout_s=60)
    assert writer.drain(5) == []
    assert (camera.status.cases, camera.status.lost) == (0, 0)
    # Once for each when it was kept, once when it was set aside.
    assert sorted(camera.made_safe) == ["act-0", "act-0", "act-1", "act-1"]
    assert list((tmp_path / "acts").iterdir()) == []
    assert sum("event=set-aside " in line and "reason=class_unsure" in line for line in said) == 2
    collector = LiveCollector()
    collector.show([camera.status], 0)
    told = {sample.name: sample.value for metric in collector.collect() for sample in metric.samples}
    assert told["phatnguoi_live_set_aside_total"] == 2


def test_what_comes_after_the_end_is_kept_for_a_successor(camera: Camera, tmp_path: Path) -> None:
    writer = open_writer(tmp_path, Event(), {})
    writer.start()
    assert writer.drain(5) == []
    writer.put(camera, violations()[0])
    assert [left.violation.id for left in ActBox(tmp_path / "acts").unfiled()] == ["act-0"]


def keep_one(camera: Camera, tmp_path: Path) -> tuple[Violation, Path]:
    """An act that an earlier worker left, and the file of its packets."""
    violation = violations()[0]
    ActBox(tmp_path / "acts").keep(violation, camera.scene_file, camera.shown)
    (reel,) = (tmp_path / "acts" / violation.id).glob("*.mkv")
    return violation, reel


def taking_up(tmp_path: Path, camera: Camera, violation: Violation, filed: dict[str, int]) -> Writer:
    """A writer, not started yet, with a store that takes everything, and what an earlier worker left."""
    back = Event()
    back.set()
    writer = open_writer(tmp_path, back, filed)
    taken = writer.take_up(ActBox(tmp_path / "acts").unfiled(), {violation.camera_id: camera.status})
    assert taken == [violation.id]
    return writer


def test_packets_of_what_an_earlier_worker_left_are_read_when_it_is_their_turn(camera: Camera, tmp_path: Path) -> None:
    violation, reel = keep_one(camera, tmp_path)
    away, filed = tmp_path / "away.mkv", dict[str, int]()
    reel.rename(away)
    writer = taking_up(tmp_path, camera, violation, filed)
    away.rename(reel)
    writer.start()
    assert writer.drain(60) == []
    assert filed == {violation.id: 125}


def test_an_act_that_cannot_be_read_now_is_tried_again(camera: Camera, tmp_path: Path, said: list[str]) -> None:
    violation, reel = keep_one(camera, tmp_path)
    away, filed = tmp_path / "away.mkv", dict[str, int]()
    reel.rename(away)
    reel.mkdir()
    writer = taking_up(tmp_path, camera, violation, filed)
    writer.start()
    wait_until(lambda: any("event=not-stored" in line for line in said), timeout_s=60)
    reel.rmdir()
    away.rename(reel)
    wait_until(lambda: bool(filed), timeout_s=60)
    assert writer.drain(60) == []
    assert (filed, camera.status.lost) == ({violation.id: 125}, 0)


@pytest.mark.parametrize("damaged", ["act", "packets"])
def test_a_damaged_act_is_lost_and_what_is_left_of_it_stays(
    camera: Camera, tmp_path: Path, said: list[str], damaged: str
) -> None:
    violation, reel = keep_one(camera, tmp_path)
    filed = dict[str, int]()
    writer = taking_up(tmp_path, camera, violation, filed)
    path = reel if damaged == "packets" else reel.with_name("act")
    path.write_bytes(bytes(1000))
    writer.start()
    assert writer.drain(60) == []
    assert (filed, camera.status.lost) == ({}, 1)
    assert any("event=violation-lost" in line and "read any more" in line for line in said)
    assert reel.exists()


def test_an_act_that_comes_to_nothing_keeps_no_standpoint_waiting(camera: Camera, tmp_path: Path) -> None:
    back = Event()
    back.set()
    camera.shown = replace(camera.shown, kept=())
    (tmp_path / "acts").write_text("no folder: nothing can be kept")
    writer = open_writer(tmp_path, back, {})
    writer.start()
    writer.put(camera, violations()[0])
    wait_until(lambda: camera.status.lost == 1, timeout_s=60)
    assert camera.made_safe == ["act-0"]
    assert writer.drain(5) == []


@dataclass(slots=True)
class Failing(Camera):
    """A camera that cannot give its footage the first times it is asked."""

    failures: int = 2

    def footage(self) -> RingFootage:
        self.failures -= 1
        if self.failures >= 0:
            raise RuntimeError("no ring")
        return self.shown


def test_a_camera_that_gives_no_footage_ends_no_thread(camera: Camera, tmp_path: Path, said: list[str]) -> None:
    back, filed = Event(), dict[str, int]()
    back.set()
    writer = open_writer(tmp_path, back, filed)
    writer.start()
    writer.put(Failing(camera.scene_file, camera.shown), violations()[0])
    writer.put(camera, violations()[1])
    wait_until(lambda: len(filed) == 2, timeout_s=60)
    assert any("event=act-not-kept" in line and "no ring" in line for line in said)
    assert writer.drain(5) == []


def test_a_log_that_cannot_be_written_ends_no_thread(camera: Camera, tmp_path: Path) -> None:
    def write(_line: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    back, filed = Event(), dict[str, int]()
    back.set()
    close = open_journal(write)
    writer = open_writer(tmp_path, back, filed)
    writer.start()
    for violation in violations()[:2]:
        writer.put(camera, violation)
    wait_until(lambda: len(filed) == 2, timeout_s=60)
    assert writer.drain(5) == []
    close()


class SlowQueue(Queue[Act | None]):
    """A lane thread loses its turn just before its act is in."""

    def put(self, item: Act | None, block: bool = True, timeout: float | None = None) -> None:
        if item is not None:
            self.lane_waits.set()
            time.sleep(0.3)
        super().put(item, block, timeout)

    def __init__(self) -> None:
        super().__init__()
        self.lane_waits = Event()


def test_an_act_that_comes_while_the_docket_closes_is_handed_on(camera: Camera, tmp_path: Path) -> None:
    handed, queue = list[str](), SlowQueue()
    docket = Docket(ActBox(tmp_path / "acts"), lambda act: handed.append(act.violation.id))
    docket._fresh = queue
    docket.start()
    lane = Thread(target=docket.put, args=(camera, violations()[0]))
    lane.start()
    queue.lane_waits.wait(10)
    docket.close()
    lane.join()
    assert (handed, docket.waiting()) == (["act-0"], 0)


def test_a_waiting_act_holds_its_own_packets_alone(camera: Camera) -> None:
    shown = of_use(camera.shown, violations()[0].finding)
    assert (shown.kept[0].t_s, shown.kept[-1].t_s) == (7.0, pytest.approx(19.0))
    assert shown.kept[0].packet.is_keyframe


@pytest.mark.parametrize("comes_first", [True, False])
def test_what_the_first_act_would_wait_for_is_loaded_before_it_comes_or_by_itself(
    camera: Camera, tmp_path: Path, comes_first: bool
) -> None:
    back, loaded, filed = Event(), Event(), dict[str, int]()
    back.set()
    writer = open_writer(tmp_path, back, filed, load=loaded.set, after_s=60.0 if comes_first else 0.0)
    writer.start()
    if not comes_first:
        assert loaded.wait(60)
    writer.put(camera, violations()[0])
    wait_until(lambda: len(filed) == 1, timeout_s=30)
    assert writer.drain(60) == []
    assert loaded.is_set() is not comes_first


def test_a_network_that_cannot_be_loaded_early_ends_nothing(camera: Camera, tmp_path: Path, said: list[str]) -> None:
    def load() -> None:
        raise EvidenceError("cannot be compiled")

    back, filed = Event(), dict[str, int]()
    back.set()
    writer = open_writer(tmp_path, back, filed, load=load, after_s=0.0)
    writer.start()
    wait_until(lambda: any("event=not-loaded" in line for line in said), timeout_s=60)
    writer.put(camera, violations()[0])
    assert writer.drain(60) == [] and len(filed) == 1


def test_a_worker_that_ends_at_once_loads_nothing(tmp_path: Path) -> None:
    loaded = Event()
    writer = open_writer(tmp_path, Event(), {}, load=loaded.set)
    writer.start()
    began_s = time.monotonic()
    assert writer.drain(60) == []
    assert not loaded.is_set() and time.monotonic() - began_s < 30

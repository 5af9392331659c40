"""The main job killed, interrupted, starved and locked out: nothing is lost, nothing is half there, nothing twice."""

import os
import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from cases.database import open_database, sqlite_url
from cases.evidence import FolderStore, verify_bundle
from cases.verification import verify_case
from pipelines.looker import IN_FLIGHT
from tests.pipelines.street import RIDES_S, Street, make_street, noisy_picture
from tests.processes import Trial, wait_until

KILLS = 30
LARGEST_CLIP_BYTES = 800_000
"""More than the database, its log and a stored segment take, less than a noisy clip does."""
SEGMENT_FRAMES = 10
"""Two seconds at five frames a second."""


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Street:
    return make_street(tmp_path_factory.mktemp("street"))


@pytest.fixture(scope="module")
def undisturbed(street: Street, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The events of a run that nothing disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    outcome = batch(street, folder).run()
    assert outcome.code == 0, outcome.err
    assert_whole(folder)
    return (folder / "events.jsonl").read_bytes()


def batch(street: Street, folder: Path, *, data: Path | None = None, **options: object) -> Trial:
    places = {"--data": data or folder / "data", "--events": folder / "events.jsonl", "--registry": street.registry}
    arguments = ["batch", str(street.video), "--scene", str(street.scene)]
    for option, path in places.items():
        arguments += [option, str(path)]
    return Trial(arguments=tuple(arguments), folder=folder, **options)  # type: ignore[arg-type]


def assert_whole(folder: Path, *, data: Path | None = None) -> None:
    """As many cases as events, each once, each with an intact bundle; no bundle without a case."""
    data = data or folder / "data"
    lines = (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(RIDES_S)
    database = open_database(sqlite_url(data / "phatnguoi.db"))
    try:
        store = FolderStore(data / "evidence")
        with closing(sqlite3.connect(data / "phatnguoi.db")) as connection:
            rows = connection.execute("SELECT id, violation_id FROM cases").fetchall()
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert len(rows) == len({violation_id for _, violation_id in rows}) == len(RIDES_S)
        for case_id, _ in rows:
            assert verify_case(database.sessions, store, case_id=case_id).faults == ()
        assert {bundle.violation_id for bundle in store.bundles()} == {violation_id for _, violation_id in rows}
    finally:
        database.close()


def assert_nothing_half_written(folder: Path) -> None:
    """Every visible bundle is intact, and no partial file is left."""
    for manifest in folder.glob("**/evidence/[0-9]*/**/manifest.json"):
        assert verify_bundle(manifest.parent).faults == ()
    leftovers = [
        path for path in folder.rglob("*") if path.name.endswith(".partial") or path.parent.name == ".incoming"
    ]
    assert leftovers == []


def test_killed_at_random_points_and_started_again(street: Street, undisturbed: bytes, tmp_path: Path) -> None:
    chance = random.Random(20260731)
    kills, round_number, whole_rounds = 0, 0, 0
    while kills < KILLS or whole_rounds == 0:
        folder = tmp_path / f"round-{round_number}"
        round_number += 1
        trial = batch(street, folder, pause_s=0.006)
        while True:
            seen = len(trial.frames_s)
            process = trial.start()
            if kills < KILLS:
                _kill_within(process.pid, trial, seen, chance.uniform(0.0, 0.35))
            outcome = trial.outcome(process)
            if outcome.code == 0:
                break
            assert outcome.code == -signal.SIGKILL, outcome.err
            kills += 1
            _assert_little_repeated(trial)
        whole_rounds += 1
        assert (folder / "events.jsonl").read_bytes() == undisturbed
        assert_whole(folder)


def _kill_within(pid: int | None, trial: Trial, seen: int, delay_s: float) -> None:
    """Kills the process some time after its first analysed frame, unless it ends before."""
    assert pid is not None
    end = time.monotonic() + 20
    while len(trial.frames_s) == seen and time.monotonic() < end and Path(f"/proc/{pid}/fd").exists():
        if (trial.folder / "events.jsonl").exists():
            break
        time.sleep(0.002)
    time.sleep(delay_s)
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _assert_little_repeated(trial: Trial) -> None:
    """No frame is analysed again but those of the unfinished segment and what was on its way through the network."""
    frames_s = trial.frames_s
    falls = [i for i in range(1, len(frames_s)) if frames_s[i] <= frames_s[i - 1]]
    for i in falls:
        repeated = sum(t_s >= frames_s[i] for t_s in dict.fromkeys(frames_s[:i]))
        assert repeated <= SEGMENT_FRAMES + IN_FLIGHT + 2, frames_s[i]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_interrupted_says_so_and_goes_on_later(
    street: Street, undisturbed: bytes, tmp_path: Path, number: signal.Signals
) -> None:
    trial = batch(street, tmp_path, pause_s=0.02)
    process = trial.start()
    wait_until(lambda: len(trial.frames_s) > 3 * SEGMENT_FRAMES)
    assert process.pid is not None
    os.kill(process.pid, number)
    outcome = trial.outcome(process)
    assert outcome.code == 130
    assert "run again to go on" in outcome.err
    assert "Traceback" not in outcome.err
    assert_nothing_half_written(tmp_path)
    analysed = len(trial.frames_s)
    assert batch(street, tmp_path).run().code == 0
    assert (tmp_path / "events.jsonl").read_bytes() == undisturbed
    assert_whole(tmp_path)
    assert len(trial.frames_s) - analysed < 120 - SEGMENT_FRAMES
    _assert_little_repeated(trial)


@contextmanager
def small_disk(place: Path, *, size: str, options: str = "") -> Iterator[Path]:
    """A disk of that size, where this account may mount one."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}{options}", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def one_clear_line(err: str, *words: str) -> None:
    """The last line names the place, what is wrong and the cure; no trace of the code."""
    assert "Traceback" not in err
    fault = err.strip().splitlines()[-1]
    for word in words:
        assert word in fault


@pytest.mark.parametrize("size", ["32k", "160k", "300k", "420k", "600k"])
def test_a_full_disk_is_named_and_the_job_goes_on_when_there_is_room(
    street: Street, undisturbed: bytes, tmp_path: Path, size: str
) -> None:
    with small_disk(tmp_path / "disk", size=size) as disk:
        trial = batch(street, tmp_path, data=disk / "data")
        outcome = trial.run()
        assert outcome.code == 2, outcome.err
        one_clear_line(outcome.err, str(disk), "full")
        assert_nothing_half_written(disk)
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        again = trial.run()
        assert again.code == 0, again.err
        assert (tmp_path / "events.jsonl").read_bytes() == undisturbed
        assert_whole(tmp_path, data=disk / "data")


@pytest.mark.parametrize("limit_bytes", [1_000, 45_000], ids=["at the first file", "at the database"])
def test_a_limit_on_file_sizes_is_named_and_nothing_is_half_written(
    street: Street, undisturbed: bytes, tmp_path: Path, limit_bytes: int
) -> None:
    outcome = batch(street, tmp_path, file_limit_bytes=limit_bytes).run()
    assert outcome.code == 2, outcome.err
    one_clear_line(outcome.err, str(tmp_path))
    assert_nothing_half_written(tmp_path)
    again = batch(street, tmp_path).run()
    assert again.code == 0, again.err
    assert (tmp_path / "events.jsonl").read_bytes() == undisturbed
    assert_whole(tmp_path)


def test_a_limit_on_file_sizes_that_only_clips_exceed_leaves_no_half_bundle(tmp_path: Path) -> None:
    noisy = make_street(tmp_path / "street", picture=noisy_picture, options={"qp": "8", "preset": "ultrafast"})
    assert noisy.video.stat().st_size > 3 * LARGEST_CLIP_BYTES
    outcome = batch(noisy, tmp_path, file_limit_bytes=LARGEST_CLIP_BYTES).run()
    assert outcome.code == 2, outcome.err
    one_clear_line(outcome.err, "clip.mp4", "larger than this system or account allows")
    assert_nothing_half_written(tmp_path)
    assert batch(noisy, tmp_path).run().code == 0
    assert_whole(tmp_path)


def test_a_full_temporary_folder_is_named_too(street: Street, undisturbed: bytes, tmp_path: Path) -> None:
    with small_disk(tmp_path / "temporary", size="16k") as disk:
        outcome = batch(street, tmp_path, environment={"TMPDIR": str(disk)}).run()
    assert outcome.code == 2, outcome.err
    one_clear_line(outcome.err, str(disk), "the disk is full")
    assert_nothing_half_written(tmp_path)
    assert batch(street, tmp_path).run().code == 0
    assert (tmp_path / "events.jsonl").read_bytes() == undisturbed
    assert_whole(tmp_path)


def test_a_read_only_data_folder_is_refused_in_one_line(street: Street, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", size="1m", options=",ro") as disk:
        outcome = batch(street, tmp_path, data=disk / "data").run()
        assert outcome.code == 2
        one_clear_line(outcome.err, str(disk), "ead-only file system", "data folder")
        assert not (tmp_path / "events.jsonl").exists()


def test_a_data_folder_that_became_read_only_is_refused_in_one_line(street: Street, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", size="64m") as disk:
        trial = batch(street, tmp_path, data=disk / "data")
        assert trial.run().code == 0
        events = (tmp_path / "events.jsonl").read_bytes()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        outcome = trial.run()
        assert outcome.code == 2
        one_clear_line(outcome.err, str(disk))
        assert (tmp_path / "events.jsonl").read_bytes() == events


def test_a_file_where_the_data_folder_should_be_is_refused_in_one_line(street: Street, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    outcome = batch(street, tmp_path, data=tmp_path / "data" / "inside").run()
    assert outcome.code == 2
    one_clear_line(outcome.err, str(tmp_path / "data"))


def test_an_events_file_that_cannot_be_written_is_named_after_the_cases_are_safe(
    street: Street, undisturbed: bytes, tmp_path: Path
) -> None:
    (tmp_path / "events.jsonl").mkdir()
    outcome = batch(street, tmp_path).run()
    assert outcome.code == 2
    one_clear_line(outcome.err, str(tmp_path / "events.jsonl"))
    (tmp_path / "events.jsonl").rmdir()
    assert batch(street, tmp_path).run().code == 0
    assert (tmp_path / "events.jsonl").read_bytes() == undisturbed
    assert_whole(tmp_path)


def test_a_database_locked_by_another_process_is_named_and_nothing_is_lost(
    street: Street, undisturbed: bytes, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    open_database(sqlite_url(tmp_path / "data" / "phatnguoi.db")).close()
    impatient = batch(street, tmp_path, environment={"PHATNGUOI_LOCK_WAIT_S": "0.3"})
    with closing(sqlite3.connect(tmp_path / "data" / "phatnguoi.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        outcome = impatient.run()
        assert outcome.code == 2
        one_clear_line(outcome.err, "phatnguoi.db", "locked", "another process holds its lock")
        other.execute("ROLLBACK")
    assert_nothing_half_written(tmp_path)
    assert impatient.run().code == 0
    assert (tmp_path / "events.jsonl").read_bytes() == undisturbed
    assert_whole(tmp_path)


def test_a_short_lock_is_waited_for(street: Street, undisturbed: bytes, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    open_database(sqlite_url(tmp_path / "data" / "phatnguoi.db")).close()
    trial = batch(street, tmp_path)
    with closing(sqlite3.connect(tmp_path / "data" / "phatnguoi.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        process = trial.start()
        wait_until(lambda: (tmp_path / "data" / "evidence").exists() and len(trial.frames_s) > 60)
        other.execute("COMMIT")
    assert trial.outcome(process).code == 0
    assert (tmp_path / "events.jsonl").read_bytes() == undisturbed


def test_two_processes_on_one_recording_do_not_mix(street: Street, undisturbed: bytes, tmp_path: Path) -> None:
    first = batch(street, tmp_path, pause_s=0.01)
    process = first.start()
    wait_until(lambda: len(first.frames_s) > 5)
    second = batch(street, tmp_path / "second", data=tmp_path / "data").run()
    assert second.code == 2
    one_clear_line(second.err, "street.mp4", "another process works on it")
    assert first.outcome(process).code == 0
    assert (tmp_path / "events.jsonl").read_bytes() == undisturbed
    assert_whole(tmp_path)


def test_weights_that_are_missing_are_named(street: Street, tmp_path: Path) -> None:
    outcome = batch(street, tmp_path, scripted=False).run()
    assert outcome.code == 2
    one_clear_line(outcome.err, "none.xml", "No such file", "restore it")


def test_weights_of_another_hash_are_named(street: Street, tmp_path: Path) -> None:
    registry = tmp_path / "registry.toml"
    registry.write_text(street.registry.read_text())
    (tmp_path / "none.xml").write_text("not those weights")
    trial = batch(Street(video=street.video, scene=street.scene, registry=registry), tmp_path, scripted=False)
    outcome = trial.run()
    assert outcome.code == 2
    one_clear_line(outcome.err, "none.xml", "expected SHA-256 " + "0" * 64, "restore it")


def test_half_written_bundles_of_dead_processes_are_cleared(street: Street, undisturbed: bytes, tmp_path: Path) -> None:
    leftover = tmp_path / "data" / "evidence" / ".incoming" / "abc-123"
    leftover.mkdir(parents=True)
    (leftover / "before.jpg").write_bytes(b"half")
    an_hour_ago = time.time() - 3600
    os.utime(leftover, (an_hour_ago, an_hour_ago))
    assert batch(street, tmp_path).run().code == 0
    assert_nothing_half_written(tmp_path)
    assert (tmp_path / "events.jsonl").read_bytes() == undisturbed

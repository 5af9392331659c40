"""Faults of a street network, done for real: seen in state, metrics and log; over by themselves; no parking is lost."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import pipelines.live.reader
from pipelines.live.status import State
from tests.pipelines.live.faults import all_faults
from tests.pipelines.live.parked import make_parked, open_parked, write_kerb
from tests.pipelines.live.seeing import write_cameras
from tests.pipelines.live.suffering import row, suffer
from tests.pipelines.live.test_run import cases_in, running
from tests.processes import wait_until


def test_every_fault_is_seen_and_over_by_itself_and_no_parking_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipelines.live.reader, "DENIED_WAIT_S", 3.0)
    with all_faults(make_parked(tmp_path, length_s=70)) as faults:
        told = suffer(tmp_path, faults, hurt_s=11, limit_s=26, wait_s=90)
    print(*map(row, told), sep="\n")
    for one in told:
        line = row(one)
        assert one.fault.states <= one.states, line
        assert not one.fault.event or one.fault.event in one.events, line
        assert not one.fault.metric or one.metric > 0, line
        assert one.back_s is not None, line
        assert one.status.violations == one.status.cases == len(one.cases) == 1, line
        assert one.status.lost == 0, line
        if one.fault.states & {State.LOST, State.DENIED}:
            assert "stream_gap" in one.cases[0].cannot_tell, line


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"this account may not mount a small disk: {mounted.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def test_a_full_disk_costs_nothing_once_there_is_room(tmp_path: Path, small_disk: Path) -> None:
    write_kerb(tmp_path, "KERB", limit_s=5)
    cameras = write_cameras(tmp_path, f"scene: KERB.yaml, stream: {make_parked(tmp_path, length_s=60)}")
    with running(cameras, small_disk / "data", open_parked) as worker:
        camera = worker.camera()
        wait_until(lambda: camera.analysed >= 3, timeout_s=60)
        _fill(small_disk / "ballast")
        wait_until(lambda: bool(worker.said("not-stored")), timeout_s=60)
        assert worker.said("checkpoint-failed") or worker.said("act-not-kept")
        assert (camera.cases, camera.state) == (0, State.LIVE)
        (small_disk / "ballast").unlink()
        wait_until(lambda: camera.cases == 1, timeout_s=60)
        (status,) = worker.stop()
    assert (status.violations, status.lost) == (1, 0)
    (case,) = cases_in(small_disk / "data", "KERB")
    assert case.kind == "illegal_parking"


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            os.fsync(file.fileno())

"""`phatnguoi run` as a process: ends with its files, drains on SIGTERM and Ctrl-C, refuses what it cannot do."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.testing

import phatnguoi
from api.fault_words import lines
from detector.scene.fault import FaultsError
from tests.pipelines.live.seeing import make_fast_street, write_camera, write_cameras
from tests.pipelines.live.servers import free_port
from tests.pipelines.live.test_run import cases_in
from tests.processes import wait_until


class Command:
    """A running `phatnguoi run`."""

    def __init__(self, cameras: Path, data: Path) -> None:
        self.data = data
        self._err = data.parent / "err.txt"
        arguments = ["run", cameras, "--data", data, "--registry", cameras.parent / "registry.toml"]
        with self._err.open("w") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.pipelines.live.process", *arguments],
                stderr=err,
                stdout=subprocess.DEVNULL,
                env={**os.environ, "CAMERA_PASSWORD": "s3cret"},
            )

    @property
    def err(self) -> str:
        return self._err.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Command]]:
    """Three workers at once, to save time: one to be terminated, one to be interrupted, one over a short file."""
    root = tmp_path_factory.mktemp("commands")
    video = make_fast_street(root)
    short = make_fast_street(root, name="short.mp4", length_s=1)
    started = {}
    for name, stream in (("SIGTERM", video), ("SIGINT", video), ("short", short)):
        folder = root / name
        folder.mkdir()
        write_camera(folder, "FILE")
        write_camera(folder, "DEAD")
        dead = f"scene: DEAD.yaml, stream: 'rtsp://127.0.0.1:{free_port()}/a', username: u"
        entries = [
            f"scene: FILE.yaml, stream: {stream}",
            *([] if name == "short" else [f"{dead}, password_env: CAMERA_PASSWORD"]),
        ]
        started[name] = Command(write_cameras(folder, *entries), folder / "data")
    try:
        for name in ("SIGTERM", "SIGINT"):
            command = started[name]
            wait_until(lambda command=command: "event=violation " in command.err, timeout_s=90)  # type: ignore[misc]
            command.process.send_signal(signal.Signals[name])
        yield started
    finally:
        for command in started.values():
            command.process.kill()
            command.process.wait()


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 0), ("SIGINT", 130)])
def test_a_signal_drains_before_the_process_ends(commands: dict[str, Command], name: str, code: int) -> None:
    command = commands[name]
    assert command.process.wait(60) == code
    drained = command.err[command.err.index("event=draining") :]
    assert command.err.count("event=violation ") == len(cases_in(command.data, "FILE")) >= 1
    assert drained.count("event=stopped") == 1
    assert "Traceback" not in command.err and "s3cret" not in command.err


def test_when_all_files_are_over_the_command_ends(commands: dict[str, Command]) -> None:
    assert commands["short"].process.wait(60) == 0
    assert cases_in(commands["short"].data, "FILE") == []


def test_check_tells_camera_files_from_scenes(tmp_path: Path) -> None:
    scene = write_camera(tmp_path, "HN-1")
    good = write_cameras(tmp_path, "scene: HN-1.yaml, stream: rtsp://10.0.0.9/main, fps: 2")
    told = typer.testing.CliRunner().invoke(phatnguoi.app, ["check", str(good), str(scene)])
    assert told.exit_code == 0
    assert [line.rsplit("(", 1)[1] for line in told.stdout.splitlines()] == ["1 cameras)", "1 zones, 0 turns)"]
    bad = write_cameras(tmp_path, "scene: HN-1.yaml, stream: rtsp://10.0.0.9/main, fps: 90", name="bad.yaml")
    told = typer.testing.CliRunner().invoke(phatnguoi.app, ["check", str(bad)])
    assert isinstance(told.exception, FaultsError), "told by the command line in words, see tests/test_cli.py"
    assert "bad.yaml: cameras[0].fps: Input should be less than or equal to 30 (got 90)" in str(told.exception)
    assert "Camera, mục 1, Số hình mỗi giây: phải từ 30 trở xuống (đang ghi: 90) / " in lines(told.exception)

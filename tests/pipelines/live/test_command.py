"""`phatnguoi run` as a process: ends with its files, drains on SIGTERM and Ctrl-C, refuses what it cannot do."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import typer.testing

import phatnguoi
from tests.footage_maker import write_video
from tests.pipelines.live.seeing import STREAM_FPS, make_fast_street, write_camera, write_cameras
from tests.pipelines.live.servers import free_port
from tests.pipelines.live.test_run import cases_in
from tests.pipelines.street import SIZE_WH, picture
from tests.processes import wait_until


class Command:
    """A running `phatnguoi run`."""

    def __init__(self, cameras: Path, data: Path) -> None:
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


def test_a_signal_drains_before_the_process_ends(tmp_path: Path) -> None:
    """SIGTERM ends with 0, Ctrl-C with 130; both at once, to save time."""
    video = make_fast_street(tmp_path)
    expected = {signal.SIGTERM: 0, signal.SIGINT: 130}
    commands = {}
    for number in expected:
        folder = tmp_path / number.name
        folder.mkdir()
        write_camera(folder, "FILE")
        write_camera(folder, "DEAD")
        dead = f"stream: 'rtsp://127.0.0.1:{free_port()}/a', username: u, password_env: CAMERA_PASSWORD"
        cameras = write_cameras(folder, f"scene: FILE.yaml, stream: {video}", f"scene: DEAD.yaml, {dead}")
        commands[number] = Command(cameras, folder / "data")
    for number, command in commands.items():
        wait_until(lambda command=command: "event=violation " in command.err, timeout_s=40)  # type: ignore[misc]
        assert "event=case " not in command.err, "its post-roll is not over"
        command.process.send_signal(number)
    for number, command in commands.items():
        assert command.process.wait(20) == expected[number]
        assert len(cases_in(tmp_path / number.name / "data", "FILE")) == 1
        assert "event=draining" in command.err and "event=stopped" in command.err
        assert "Traceback" not in command.err and "s3cret" not in command.err


def test_when_all_files_are_over_the_command_ends(tmp_path: Path) -> None:
    write_camera(tmp_path, "FILE")
    video = write_video(tmp_path / "short.mp4", frames=STREAM_FPS, fps=STREAM_FPS, size_wh=SIZE_WH, picture=picture)
    command = Command(write_cameras(tmp_path, f"scene: FILE.yaml, stream: {video}"), tmp_path / "data")
    assert command.process.wait(30) == 0
    assert cases_in(tmp_path / "data", "FILE") == []


def test_check_tells_camera_files_from_scenes(tmp_path: Path) -> None:
    scene = write_camera(tmp_path, "HN-1")
    good = write_cameras(tmp_path, "scene: HN-1.yaml, stream: rtsp://10.0.0.9/main, fps: 2")
    told = typer.testing.CliRunner().invoke(phatnguoi.app, ["check", str(good), str(scene)])
    assert told.exit_code == 0
    assert [line.rsplit("(", 1)[1] for line in told.stdout.splitlines()] == ["1 cameras)", "1 zones, 0 turns)"]
    bad = write_cameras(tmp_path, "scene: HN-1.yaml, stream: rtsp://10.0.0.9/main, fps: 90", name="bad.yaml")
    told = typer.testing.CliRunner().invoke(phatnguoi.app, ["check", str(bad)])
    assert told.exit_code == 2
    assert "bad.yaml: cameras[0].fps: Input should be less than or equal to 30 (got 90)" in told.stderr

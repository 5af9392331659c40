"""Progress goes to stderr: a bar with rate and time left on a terminal, plain lines elsewhere."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest

from pipelines import progress
from pipelines.progress import BatchProgress


def test_elsewhere_plain_lines_tell_place_rate_and_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LINE_EVERY_S", 0.0)
    with BatchProgress() as shown:
        shown.update("đường.mp4", 0.0, 100.0)
        shown.update("đường.mp4", 25.0, 100.0)
        shown.update("live.ts", 3.0, None)
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert re.fullmatch(r"đường\.mp4: 25/100 s \(25 %\), \d+\.\dx, còn/ETA \d+ s", lines[1])
    assert lines[2].startswith("live.ts: 3 s")
    assert "\x1b" not in err


def test_lines_do_not_flood(capsys: pytest.CaptureFixture[str]) -> None:
    with BatchProgress() as shown:
        for number in range(1000):
            shown.update("clip.mp4", float(number), 1000.0)
    assert len(capsys.readouterr().err.splitlines()) <= 2


def test_on_a_terminal_there_is_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    master, slave = os.openpty()
    monkeypatch.setenv("TERM", "xterm")
    with os.fdopen(slave, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with BatchProgress() as shown:
            shown.update("clip.mp4", 0.0, 100.0)
            shown.update("clip.mp4", 40.0, 100.0)
        terminal.flush()
        text = "".join(_printed(master))
    os.close(master)
    assert "clip.mp4" in text
    assert "40%" in text
    assert "x" in text.split("40%")[1], "the rate"
    assert re.search(r"[-\d]:[-\d]{2}:[-\d]{2}", text), "the time left"


def _printed(terminal: int) -> Iterator[str]:
    os.set_blocking(terminal, False)
    with suppress(BlockingIOError):
        while data := os.read(terminal, 65536):
            yield data.decode()

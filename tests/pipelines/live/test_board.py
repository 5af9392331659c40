"""What the operator sees: a table on a terminal, plain lines elsewhere, the log in between, nothing taken as markup."""

import json
import tomllib
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

import api
import pipelines.live.board
from detector.health import Condition
from pipelines.live.board import Board, StatusLog
from pipelines.live.journal import WARNING, note, open_journal
from pipelines.live.status import CameraStatus, State, StreamStatus
from pipelines.live.words import STATES


def camera(**fields: object) -> CameraStatus:
    streams = (StreamStatus(role="main", state=State.LIVE, connects=3),)
    return CameraStatus(id="HN-1", streams=streams, **fields)  # type: ignore[arg-type]


def test_a_terminal_shows_a_table_and_the_log_above_it() -> None:
    out = StringIO()
    with Board(Console(file=out, force_terminal=True, width=160)) as board:
        board.show([camera(cases=7, last_event="wrong_way PN-1")], 0)
        board.write("event=lost problem=[::1]")
        lost = camera()
        lost.streams[0].state, lost.streams[0].problem = State.LOST, "rtsp://[::1]/a: broke off"
        board.show([lost], 2)
    shown = out.getvalue()
    for words in ("wrong_way PN-1", "event=lost problem=[::1]", "rtsp://[::1]/a: broke off", "being filed: 2"):
        assert words in shown
    assert "[/]" not in shown


def test_what_needs_somebody_comes_first_and_all_are_counted() -> None:
    out = StringIO()
    lost = camera()
    lost.id, lost.streams[0].state, lost.streams[0].problem = "HN-9", State.LOST, "rtsp://10.1.0.9/main: broke off"
    with Board(Console(file=out, force_terminal=True, width=120, height=12)) as board:
        board.show([*(camera() for _ in range(30)), lost], 0)
        shown = out.getvalue()
    assert shown.index("HN-9") < shown.index("HN-1")
    assert "Mất tín hiệu (lost)" in shown and "rtsp://10.1.0.9/main: broke off" in shown, "not cut short"


def test_operators_read_the_same_words_here_and_in_the_console() -> None:
    words = tomllib.loads((Path(api.__file__).parent / "catalogue" / "words.toml").read_text(encoding="utf-8"))
    assert {state.value: told for state, told in STATES.items()} == {
        state.value: words["streams"][state.value]["vi"] for state in State
    }


def test_elsewhere_a_line_a_camera_comes_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Board(Console(file=StringIO())) as board:
        board.show([camera()], 0)
        assert capsys.readouterr().err == ""
        monkeypatch.setattr(pipelines.live.board, "LINE_EVERY_S", 0.0)
        board.show([camera(dropped=4, stale=1, cases=2, lag_s=0.12, last_event="wrong_way PN-1")], 0)
    line = capsys.readouterr().err.strip()
    assert line == "HN-1: live fps=0.0 lag=120ms dropped=4 stale=1 reconnects=2 cases=2 wrong_way PN-1"


@pytest.mark.parametrize(
    ("states", "condition", "overloaded", "state"),
    [
        ((State.LIVE, State.LIVE), Condition.FINE, False, State.LIVE),
        ((State.LIVE, State.LIVE), Condition.FROZEN, False, State.FROZEN),
        ((State.LIVE, State.LIVE), Condition.MOVED, True, State.MOVED),
        ((State.LIVE, State.LIVE), Condition.FINE, True, State.OVERLOADED),
        ((State.LIVE, State.DENIED), Condition.BLACK, True, State.DENIED),
        ((State.LOST, State.LIVE), Condition.FINE, False, State.LOST),
    ],
)
def test_a_camera_is_as_well_as_its_worst_stream(
    states: tuple[State, ...], condition: Condition, overloaded: bool, state: State
) -> None:
    streams = tuple(StreamStatus(role="main", state=one) for one in states)
    assert CameraStatus(id="A", streams=streams, condition=condition, overloaded=overloaded).state is state


def test_every_condition_is_a_state() -> None:
    assert {State(condition.value) for condition in Condition if condition is not Condition.FINE} < set(State)


def test_machines_get_an_object_a_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines.live.board, "STATUS_EVERY_S", 0.0)
    log = StatusLog()
    close = open_journal(log.write, as_json=True)
    note(WARNING, "lost", "HN-1", problem='rtsp://u:s3cret@h/a: "broke" off', lag_s=float("nan"), path=Path("a"))
    log.show([camera(cases=2)], 3)
    close()
    lost, status = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert datetime.fromisoformat(lost.pop("at")).utcoffset() == timedelta(0)
    problem = 'rtsp://***@h/a: "broke" off'
    assert lost == {
        "level": "warning",
        "event": "lost",
        "camera": "HN-1",
        "problem": problem,
        "lag_s": "nan",
        "path": "a",
    }
    assert (status["event"], status["camera"], status["state"], status["cases"]) == ("status", "HN-1", "live", 2)

"""What a supervisor is told: live, ready, metrics, over real HTTP."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest

import pipelines.live.endpoints
from detector.types import ConfigError
from pipelines.live.endpoints import serving
from pipelines.live.metrics import LiveCollector
from pipelines.live.status import CameraStatus, State, StreamStatus


def camera(camera_id: str, state: State) -> CameraStatus:
    return CameraStatus(id=camera_id, streams=(StreamStatus(role="main", state=state),))


@contextmanager
def asked(*cameras: CameraStatus, stop: bool = False) -> Iterator[str]:
    collector, stopping = LiveCollector(), Event()
    collector.show(cameras, 0)
    if stop:
        stopping.set()
    with serving(collector, stopping, host="127.0.0.1", port=0) as port:
        yield f"http://127.0.0.1:{port}"


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.parametrize(
    ("label", "states", "stop", "code"),
    [
        ("all live", [State.LIVE, State.LIVE], False, 200),
        ("one of two", [State.LOST, State.LIVE], False, 200),
        ("still judged", [State.OVERLOADED], False, 200),
        ("all lost", [State.LOST, State.DENIED], False, 503),
        ("blind", [State.MOVED], False, 503),
        ("nothing yet", [], False, 503),
        ("draining", [State.LIVE], True, 503),
    ],
)
def test_ready_while_cameras_are_judged(label: str, states: list[State], stop: bool, code: int) -> None:
    with asked(*(camera(f"HN-{n}", state) for n, state in enumerate(states)), stop=stop) as url:
        told, text = get(f"{url}/health/ready")
    assert told == code, label
    content = json.loads(text)
    assert content["ready"] is (code == 200)
    assert content["cameras"] == {f"HN-{n}": state.value for n, state in enumerate(states)}


def test_live_while_rounds_are_turned(monkeypatch: pytest.MonkeyPatch) -> None:
    with asked(camera("A", State.LOST)) as url:
        assert get(f"{url}/health/live")[0] == 200
        monkeypatch.setattr(pipelines.live.endpoints, "ROUND_S", -1.0)
        assert get(f"{url}/health/live")[0] == 503


def test_metrics_and_nothing_else() -> None:
    with asked(camera("A", State.LIVE)) as url:
        code, text = get(f"{url}/metrics")
        assert (code, get(f"{url}/")[0]) == (200, 404)
    assert 'phatnguoi_live_state{camera="A",state="live"} 1.0' in text


def test_a_taken_port_is_named() -> None:
    with asked() as url:
        port = int(url.rsplit(":", 1)[1])
        with (
            pytest.raises(ConfigError, match="choose a free port"),
            serving(LiveCollector(), Event(), host="127.0.0.1", port=port),
        ):
            pytest.fail("two servers on one port")

"""What a supervisor asks of the worker over HTTP: `/metrics`, `/health/live`, `/health/ready`.

Live: the main thread turned its round lately. Ready: it is not draining and at least one camera is being judged.
Answers are JSON that names every camera's state; nothing here names an address or a user.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from threading import Event, Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app

from detector.types import ConfigError
from pipelines.live.metrics import LiveCollector
from pipelines.live.status import State

ROUND_S = 30.0
"""The main thread turns its round twice a second; so long without one it hangs."""
JUDGED = frozenset({State.LIVE, State.BLURRED, State.OVERLOADED})

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class Endpoints:
    """The WSGI application.

    Args:
        collector: what is shown, and when it was.
        stop: set when the worker drains.
    """

    def __init__(self, collector: LiveCollector, stop: Event) -> None:
        self._collector = collector
        self._stop = stop
        registry = CollectorRegistry()
        registry.register(collector)
        self._metrics = make_wsgi_app(registry)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """One answer."""
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            answer: Iterable[bytes] = self._metrics(environ, start_response)
            return answer
        told = {"/health/live": self.live, "/health/ready": self.ready}.get(path)
        if told is None:
            return _json(
                start_response, "404 Not Found", {"problem": "/metrics, /health/live and /health/ready are here"}
            )
        good, content = told()
        return _json(start_response, "200 OK" if good else "503 Service Unavailable", content)

    def live(self) -> tuple[bool, dict[str, Any]]:
        """Whether the process does its work at all; a supervisor starts it anew when not."""
        since_s = time.monotonic() - self._collector.shown_s
        return since_s <= ROUND_S, {"live": since_s <= ROUND_S, "last_round_s": round(since_s, 1)}

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Whether cameras are watched now."""
        states = {camera.id: camera.state for camera in self._collector.cameras}
        judged = sum(state in JUDGED for state in states.values())
        good = judged > 0 and not self._stop.is_set()
        cameras = {camera_id: state.value for camera_id, state in states.items()}
        return good, {"ready": good, "draining": self._stop.is_set(), "judged": judged, "cameras": cameras}


@contextmanager
def serving(collector: LiveCollector, stop: Event, *, host: str, port: int) -> Iterator[int]:
    """Answers on a thread of its own; gives the port, which port 0 leaves to the system.

    Raises:
        ConfigError: the port cannot be had.
    """
    try:
        server = make_server(host, port, Endpoints(collector, stop), _Server, _Quiet)
    except OSError as error:
        raise ConfigError(
            f"--metrics-port: {host}:{port} cannot be listened on ({error.strerror}); choose a free port"
        ) from error
    thread = Thread(target=server.serve_forever, name="endpoints", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    timeout = 10.0

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not logged."""


def _json(start_response: StartResponse, status: str, content: dict[str, Any]) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
    return [json.dumps(content).encode()]

"""A real uvicorn on a free port over a real database and evidence folder."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.context import Context
from api.serve import _listen
from cases.accounts import add_user
from cases.settings import Settings

PASSWORD = "xích lô 1986!"
ACCOUNTS = (
    ("lan", "officer", ()),
    ("cam", "operator", ()),
    ("hoa", "handler", ()),
    ("minh", "officer", ()),
    ("tuan", "officer", ("Ba Đình",)),
    ("chief", "commander", ()),
    ("root", "administrator", ()),
    ("audit", "auditor", ()),
)


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server."""

    url: str
    app: FastAPI
    context: Context

    @contextmanager
    def client(self, name: str | None = None) -> Iterator[httpx.Client]:
        """A browser-like client, logged in when a name is given."""
        with httpx.Client(base_url=self.url, timeout=30) as client:
            if name is not None:
                answer = client.post("/api/v1/session", json={"name": name, "password": PASSWORD})
                assert answer.status_code == 201, answer.text
                client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
            yield client


@contextmanager
def running(data_dir: Path, **settings: Any) -> Iterator[Server]:
    """Serve until the block ends; the accounts of `ACCOUNTS` exist, all with one password."""
    app = create_app(Settings(data_dir=data_dir, **settings))
    context: Context = app.state.context
    for name, role, wards in ACCOUNTS:
        add_user(context.sessions, name=name, password=PASSWORD, role=role, wards=wards)
    listener = _listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        yield Server(url=f"http://127.0.0.1:{listener.getsockname()[1]}", app=app, context=context)
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()

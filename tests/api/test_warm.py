"""The first request waits for nothing that could be done before: routes are together, the database is connected."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import fastapi.routing
import httpx
import pytest

from api.app import create_app
from api.warm import warm
from cases.queue import Filter, list_cases
from cases.settings import Settings
from detector.types import CaseError
from tests.cases.builders import CHIEF


def test_no_route_is_put_together_at_a_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, built = create_app(Settings(data_dir=tmp_path)), list[object]()
    whole = vars(fastapi.routing)["get_dependant"]

    def counted(**how: Any) -> Any:
        built.append(how["path"])
        return whole(**how)

    monkeypatch.setattr(fastapi.routing, "get_dependant", counted)
    warm(app)
    assert len(built) > 100, "what a first request would wait for"
    built.clear()

    async def ask() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            for path in ("/api/v1/cases", "/api/v1/law/changes", "/health/live", "/tra-cuu", "/api/v1/nowhere"):
                await client.get(path)

    asyncio.run(ask())
    assert built == []
    app.state.context.database.close()


def test_a_server_starts_though_the_queue_cannot_be_read_yet(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path))
    with closing(sqlite3.connect(tmp_path / "phatnguoi.db")) as other:
        other.execute("ALTER TABLE cases RENAME TO away")
    with pytest.raises(CaseError):
        list_cases(app.state.context.sessions, actor=CHIEF, where=Filter())
    warm(app)
    app.state.context.database.close()

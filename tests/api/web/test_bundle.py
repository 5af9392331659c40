"""The bundle that is served was built from the sources beside it, speaks words of the catalogue, and is locked in."""

import asyncio
import json
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api import console
from api.catalogue import catalogue
from api.headers import SecurityHeadersMiddleware

WORD = re.compile(r"""\bt\(\s*"([a-z0-9_]+)"|\bt\([^()"]*\?\s*"([a-z0-9_]+)"\s*:\s*"([a-z0-9_]+)\"""")
SOURCES = sorted((console.WEB / "src").rglob("*.ts*"))


def get(path: str, dist: Path = console.DIST) -> httpx.Response:
    app = FastAPI(docs_url=None)
    app.add_middleware(SecurityHeadersMiddleware)
    console.install(app, dist)

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://console") as client:
            return await client.get(path)

    return asyncio.run(ask())


def test_bundle_was_built_from_these_sources() -> None:
    built_from = json.loads((console.DIST / "sources.json").read_text())["sha256"]
    assert built_from == console.sources_sha256(), "the console's sources changed: run `make console` and commit dist"


def test_a_changed_source_changes_the_stamp(tmp_path: Path) -> None:
    for name in console.BUILT_FROM:
        path = tmp_path / name
        if "." in name:
            path.write_text(name)
        else:
            path.mkdir()
            (path / "file").write_text(name)
    before = console.sources_sha256(tmp_path)
    (tmp_path / "src" / "file").write_text("changed")
    assert console.sources_sha256(tmp_path) != before


@pytest.mark.parametrize("path", [path for path in console.PAGES if "{" not in path])
def test_every_page_runs_our_files_only_and_has_a_nonce_of_its_own(path: str) -> None:
    first, second = (get(path) for _ in range(2))
    assert first.status_code == 200
    policy = first.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" in policy
    assert "unsafe" not in policy and "data:" not in policy
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce and f'nonce="{nonce[1]}"' in first.text and nonce[1] not in second.text
    assert "<style" not in first.text and not re.search(r"<script(?![^>]* src=)|\son\w+=|style=", first.text)


def test_files_of_the_bundle_are_served_and_nothing_beside_them() -> None:
    page = get("/").text
    for address in re.findall(r'(?:src|href)="(/console/[^"]+)"', page):
        assert get(address).status_code == 200, address
    for address in ("/console/../console.py", "/console/%2e%2e/package.json", "/console/package.json", "/nowhere"):
        assert get(address).status_code == 404, address


def test_without_a_bundle_the_page_says_how_to_build_it(tmp_path: Path) -> None:
    answer = get("/", tmp_path)
    assert answer.status_code == 503
    assert "make console" in answer.text


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(console.WEB / "src").as_posix())
def test_every_word_of_the_console_is_in_the_catalogue(source: Path) -> None:
    used = {word for found in WORD.findall(source.read_text(encoding="utf-8")) for word in found if word}
    assert used <= catalogue()["ui"].keys()
    no_prose = re.sub(r"//.*|/\*.*?\*/", "", source.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.search(r"[ạảãàáâậầấẩẫăắằặẳẵóòọõỏôộổỗồốơờớợởỡéèẻẹẽêếềệểễúùụủũưựữửừứíìịỉĩýỳỷỵỹđ]", no_prose)

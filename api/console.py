"""The officers' console: one page for all its addresses, its bundle, and the catalogue of all its words.

The page holds no data; its script fetches it through the API, so without a login it shows nothing. Sources are in
`api/web/src` (TypeScript, React); `make console` builds them into `api/web/dist`, which is kept beside them so that
a fresh machine needs no Node. `sources.json` beside the bundle says what it was built from.
"""

import hashlib
import secrets
from collections.abc import Iterator
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

from api.catalogue import catalogue
from api.headers import page_policy

WEB = Path(__file__).parent / "web"
DIST = WEB / "dist"
BUILT_FROM = ("index.html", "package-lock.json", "package.json", "public", "src", "tsconfig.json", "vite.config.ts")
PAGES = (
    "/",
    "/login",
    "/cases/{case_id}",
    "/intake",
    "/intake/{report_id}",
    "/scenes",
    "/scenes/{camera_id}",
    "/cameras",
    "/reports",
    "/quality",
    "/law",
    "/users",
    "/audit",
)
NOT_BUILT = (
    f"giao diện chưa được dựng / the console is not built: {DIST} holds no index.html; "
    "run `make console` in the source folder (it brings Node where there is none)\n"
)
_NONCE = "__NONCE__"


def install(app: FastAPI, dist: Path = DIST, *, pictures_from: str | None = None) -> None:
    """Add the console's pages and files; without a bundle its pages say how to build it."""
    page = _Page(dist, pictures_from)
    for path in PAGES:
        app.add_api_route(path, page.answer, include_in_schema=False, response_class=HTMLResponse)
    app.add_api_route("/console/catalogue.json", _catalogue, include_in_schema=False)
    if is_built(dist):
        app.mount("/console", StaticFiles(directory=dist), name="console")


def is_built(dist: Path = DIST) -> bool:
    """Whether there is a bundle to serve."""
    return (dist / "index.html").is_file()


def sources_sha256(web: Path = WEB) -> str:
    """SHA-256 hex over names and contents of everything the bundle is built from, as `vite.config.ts` stamps it."""
    digest = hashlib.sha256()
    for path in sorted(_sources(web), key=lambda path: path.relative_to(web).as_posix()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(web).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()


def _sources(web: Path) -> Iterator[Path]:
    for name in BUILT_FROM:
        path = web / name
        yield from (one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]


class _Page:
    """The page with a fresh nonce each time: the one style that a library writes by script carries it."""

    def __init__(self, dist: Path, pictures_from: str | None) -> None:
        self._pictures_from = pictures_from
        self._text = (dist / "index.html").read_text(encoding="utf-8") if is_built(dist) else None

    def answer(self) -> Response:
        """The page, or how to build it."""
        if self._text is None:
            return PlainTextResponse(NOT_BUILT, status_code=503)
        nonce = secrets.token_urlsafe(16)
        headers = {"Content-Security-Policy": page_policy(nonce, self._pictures_from), "Cache-Control": "no-store"}
        return HTMLResponse(self._text.replace(_NONCE, nonce), headers=headers)


def _catalogue() -> JSONResponse:
    return JSONResponse(catalogue())

"""The officers' console: three pages, their script and style, and the catalogue of all their words.

The pages hold no data; their script fetches it through the API, so a page without a login shows nothing.
"""

from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, JSONResponse
from starlette.staticfiles import StaticFiles

from api.catalogue import catalogue

WEB = Path(__file__).parent / "web"
_PAGES = {"/": "queue.html", "/login": "login.html", "/cases/{case_id}": "case.html"}


def install(app: FastAPI) -> None:
    """Add the console's pages and files."""
    for path, name in _PAGES.items():
        app.add_api_route(path, _page(name), include_in_schema=False, response_class=FileResponse)
    app.add_api_route("/console/catalogue.json", _catalogue, include_in_schema=False)
    app.mount("/console", StaticFiles(directory=WEB), name="console")


def _page(name: str) -> Callable[[], FileResponse]:
    def page() -> FileResponse:
        return FileResponse(WEB / name, media_type="text/html; charset=utf-8")

    return page


def _catalogue() -> JSONResponse:
    return JSONResponse(catalogue())

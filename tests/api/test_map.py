"""The ground of the map: what the city laid down, tiles where a server is named, and neither without being told."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api import console
from api.headers import SecurityHeadersMiddleware
from api.map_data import read_features
from cases.settings import Settings, load_settings
from detector.types import ConfigError
from tests.api.server import Server

ROAD = {"type": "LineString", "coordinates": [[105.85, 21.02], [105.86, 21.03, 4.0]]}
LAKE = {"type": "Polygon", "coordinates": [[[105.85, 21.02], [105.86, 21.03], [105.85, 21.03]], [[105.851, 21.02]]]}
TILES = "https://map.example.vn:8443/{z}/{x}/{y}.png"


def collection(*geometries: dict[str, object]) -> str:
    rows = [{"type": "Feature", "properties": {"name": "Hồ Gươm"}, "geometry": one} for one in geometries]
    return json.dumps({"type": "FeatureCollection", "features": rows})


def test_without_map_data_the_console_is_told_so(lan: httpx.Client, client_of: Callable[..., httpx.Client]) -> None:
    assert lan.get("/api/v1/map").json() == {"tiles": None, "attribution": "", "features": None}
    assert client_of("root").get("/api/v1/map").status_code == 403


def test_the_citys_own_lines_are_handed_out(server: Server, lan: httpx.Client) -> None:
    path = server.context.settings.data_dir / "map.geojson"
    path.write_text(collection(ROAD, LAKE, {"type": "Point", "coordinates": [1, 2]}), encoding="utf-8")
    try:
        road, lake = lan.get("/api/v1/map").json()["features"]
        assert road == {"name": "Hồ Gươm", "closed": False, "points": [[105.85, 21.02], [105.86, 21.03]]}
        assert (lake["closed"], len(lake["points"])) == (True, 3)
        path.write_text("{")
        refused = lan.get("/api/v1/map")
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    finally:
        path.unlink()


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"features": [{}]}', collection({"type": "LineString", "coordinates": [[105, 91]]}),
     collection({"type": "Polygon", "coordinates": []}), collection({"type": "LineString", "coordinates": [["a", 1]]})],
    ids=["empty", "a list", "no geometry", "beyond the pole", "no ring", "no figures"],
)  # fmt: skip
def test_a_file_that_is_no_map_is_named_with_the_cure(tmp_path: Path, text: str) -> None:
    (tmp_path / "map.geojson").write_text(text)
    with pytest.raises(ConfigError, match=r"map\.geojson: not readable as a map .* RFC 7946"):
        read_features(tmp_path / "map.geojson")


def test_tiles_come_from_the_one_place_the_policy_names() -> None:
    settings = Settings(map_tiles=TILES)
    assert settings.map_origin == "https://map.example.vn:8443"
    app = FastAPI(docs_url=None)
    app.add_middleware(SecurityHeadersMiddleware)
    console.install(app, pictures_from=settings.map_origin)

    async def policy() -> str:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://console") as client:
            return (await client.get("/")).headers["content-security-policy"]

    told = asyncio.run(policy())
    assert "img-src 'self' blob: https://map.example.vn:8443;" in told
    assert "map.example.vn" not in told.replace("img-src 'self' blob: https://map.example.vn:8443;", "")


@pytest.mark.parametrize(
    "tiles",
    ["https://a.vn/{z}/{x}.png", "http://a.vn; script-src *//{z}/{x}/{y}", "//a.vn/{z}/{x}/{y}", "file:///{z}{x}{y}"],
)
def test_an_address_that_would_open_the_policy_is_refused(tiles: str) -> None:
    with pytest.raises(ConfigError, match="map_tiles"):
        load_settings(map_tiles=tiles)

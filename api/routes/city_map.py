"""What the console draws under the marks of its map."""

from fastapi import APIRouter
from pydantic import Field

from api.dependencies import ContextDep
from api.map_data import read_features
from api.problems import responses
from api.schemas.base import Out

router = APIRouter(prefix="/map", tags=["cameras"])


class MapFeatureOut(Out):
    """A line or an area; points are longitude and latitude, degrees."""

    name: str
    closed: bool
    points: list[tuple[float, float]]


class MapOut(Out):
    """The ground of the map; `tiles` and `features` are null where the installation has none."""

    tiles: str | None = Field(description="address of tiles with {z}, {x} and {y}")
    attribution: str
    features: list[MapFeatureOut] | None


@router.get("", responses=responses(401, 403, 503))
def ground(context: ContextDep) -> MapOut:
    """Tiles and lines as the installation is set up."""
    settings = context.settings
    found = read_features(settings.data_dir / "map.geojson")
    features = (
        None if found is None else [MapFeatureOut(name=f.name, closed=f.closed, points=list(f.points)) for f in found]
    )
    return MapOut(tiles=settings.map_tiles, attribution=settings.map_attribution, features=features)

"""What lies under the marks of the console's map: the city's own lines, if it laid them down as `DATA/map.geojson`.

Roads as LineString, water and wards as Polygon, each with a `name` if it has one, in degrees (RFC 7946). Nothing is
fetched from anywhere; a server of map tiles is used only where the settings name one.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detector.types import ConfigError

LARGEST_BYTES = 16 << 20
_CURE = "give RFC 7946 GeoJSON with LineString and Polygon features in degrees, or take the file away"
Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Feature:
    """One line or area; `points` are longitude and latitude, degrees."""

    name: str
    closed: bool
    points: Points


def read_features(path: Path) -> list[Feature] | None:
    """The features of a file, None when there is none.

    Raises:
        ConfigError: the file is no such GeoJSON, or too large; the text names it and the cure.
    """
    if not path.is_file():
        return None
    if path.stat().st_size > LARGEST_BYTES:
        raise ConfigError(f"{path}: has {path.stat().st_size} bytes; at most {LARGEST_BYTES}: leave small ways out")
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return [one for feature in raw["features"] for one in _features(feature)]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ConfigError(f"{path}: not readable as a map ({error!r:.100}); {_CURE}") from error


def _features(feature: dict[str, Any]) -> Iterator[Feature]:
    geometry, name = feature["geometry"], str((feature.get("properties") or {}).get("name") or "")
    kind, places = geometry["type"], geometry["coordinates"]
    if kind in ("LineString", "Polygon"):
        places, kind = [places], f"Multi{kind}"
    if kind == "MultiLineString":
        yield from (Feature(name, False, _points(line)) for line in places)
    elif kind == "MultiPolygon":
        yield from (Feature(name, True, _points(area[0])) for area in places)


def _points(places: list[list[float]]) -> Points:
    points = tuple((float(place[0]), float(place[1])) for place in places)
    if not all(math.isfinite(lon) and math.isfinite(lat) and abs(lat) <= 85 for lon, lat in points):
        raise ValueError("a point lies outside of the world")
    return points

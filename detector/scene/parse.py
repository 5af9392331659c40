"""YAML text of a scene file to a `Scene`, every fault named with its place."""

from collections.abc import Sequence
from typing import NamedTuple

import yaml
from pydantic import ValidationError

from detector.scene.scene import Scene
from detector.types.errors import ConfigError


class Fault(NamedTuple):
    """What is wrong, and where: `zones[1].polygon`; the place is empty where a fault concerns the whole."""

    place: str
    message: str


def parse_scene(text: str, *, name: str) -> Scene:
    """The scene written in `text`; `name` is the file's name for messages.

    Raises:
        ConfigError: not YAML, unknown keys, crossing polygons, points outside the picture, empty calendars ...;
            one line per fault: file, field, what is wrong.
    """
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{name}: not readable as YAML: {' '.join(str(error).split())}") from error
    if not isinstance(raw, dict):
        raise ConfigError(f"{name}: expected a scene (keys version, camera, size, zones ...), got {type(raw).__name__}")
    try:
        return Scene.model_validate(raw)
    except ValidationError as error:
        raise ConfigError("\n".join(fault_lines(name, error))) from error


def fault_lines(name: str, error: ValidationError) -> list[str]:
    """One line per fault: `file: place: message (got value)`."""
    return [f"{name}: {place}: {message}" if place else f"{name}: {message}" for place, message in faults(error)]


def faults(error: ValidationError) -> list[Fault]:
    """Every fault with its place."""
    found = []
    for fault in error.errors(include_url=False):
        message = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            message = "unknown key; remove it or correct its spelling"
        elif fault["type"] == "missing":
            message = "missing; this key is required"
        elif not fault["type"].startswith("value_error"):
            message = f"{message} (got {fault['input']!r:.80})"
        found.append(Fault(_place(fault["loc"]), message))
    return found


def _place(location: Sequence[int | str]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text

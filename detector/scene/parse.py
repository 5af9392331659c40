"""YAML text of a scene file to a `Scene`, every fault named with its place."""

import yaml
from pydantic import ValidationError

from detector.scene.fault import Fault, FaultsError, faults
from detector.scene.scene import Scene


def parse_scene(text: str, *, name: str) -> Scene:
    """The scene written in `text`; `name` is the file's name for messages.

    Raises:
        ConfigError: not YAML, unknown keys, crossing polygons, points outside the picture, empty calendars ...;
            one line per fault: file, field, what is wrong.
    """
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f" ({mark.line + 1}:{mark.column + 1})" if mark else ""
        told = f"not readable as YAML: {' '.join(str(error).split())}"
        raise FaultsError([Fault("", told, "not_yaml", {"at": at}, file=name)]) from error
    if not isinstance(raw, dict):
        told = f"expected a scene (keys version, camera, size, zones ...), got {type(raw).__name__}"
        raise FaultsError([Fault("", told, "not_mapping", file=name)])
    try:
        return Scene.model_validate(raw)
    except ValidationError as error:
        raise FaultsError(faults(error.errors(include_url=False), raw=raw, file=name)) from error

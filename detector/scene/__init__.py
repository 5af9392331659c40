"""One camera's scene: what the operator drew and declared, checked and ready for rules.

`parse_scene` turns the YAML text of a scene file into a frozen `Scene` or raises `ConfigError` with every
fault named. Reading the file is the caller's work: nothing here touches a disk.
"""

from detector.scene.calendar import Calendar, CalendarEntry, InForce
from detector.scene.ground import Ground, GroundPoints
from detector.scene.parse import parse_scene
from detector.scene.scene import Camera, Scene, scene_hash
from detector.scene.settings import RuleSettings
from detector.scene.window import window_of
from detector.scene.zone import Turn, TurnKind, Zone, ZoneKind

__all__ = [
    "Calendar",
    "CalendarEntry",
    "Camera",
    "Ground",
    "GroundPoints",
    "InForce",
    "RuleSettings",
    "Scene",
    "Turn",
    "TurnKind",
    "Zone",
    "ZoneKind",
    "parse_scene",
    "scene_hash",
    "window_of",
]

"""The part of a camera's picture that its scene's rules need: what lies elsewhere is not worth the network's pixels.

A network sees a picture of 1080p at a third of its size. Where all zones and gates lie in one part of the picture, that
part alone is looked at, as large as the footage allows, at the same cost: who is far away is found there sooner. Pure.
"""

from detector.scene.scene import Scene
from detector.scene.zone import ZoneKind
from detector.types.window import Window

ASIDE, ABOVE, BELOW = 0.15, 0.2, 0.1
"""Around what was drawn, as shares of the picture's width and height: who comes is followed before they arrive, and
whoever stands at a zone's upper edge is seen whole."""
COMPANY = 0.25
"""The same on all sides of a zone of standing rules: whether somebody waits in a queue is told by the neighbours."""
LEAST_ZOOM, MOST_ZOOM = 1.2, 3.0
"""For less it is not worth that vehicles are cut by one more edge; larger, who passes is in sight too shortly."""
STANDING = (ZoneKind.NO_STOPPING, ZoneKind.NO_PARKING)
WHOLE_PICTURE = (ZoneKind.SIDEWALK,)
"""The pavement is compared with itself over minutes, and the picture's sway told, by the whole picture."""


def window_of(scene: Scene, *, finest: float) -> Window | None:
    """What is looked at, None for the whole; of the picture's own shape, for networks take it at the whole's size.

    Args:
        scene: whose zones and gates must lie in it.
        finest: so many px of the footage are one px of the network's picture; seen larger nothing more would show.
    """
    width, height = scene.size
    needed = _needed(scene)
    if needed is None or scene.zones_of(*WHOLE_PICTURE):
        return None
    left, top, right, bottom = needed
    zoom = min(width / (right - left), height / (bottom - top), finest, MOST_ZOOM)
    if zoom < LEAST_ZOOM:
        return None
    own_w, own_h = _even(width / zoom), _even(height / zoom)
    x = _even(min(max((left + right - own_w) / 2, 0), width - own_w))
    y = _even(min(max((top + bottom - own_h) / 2, 0), height - own_h))
    return Window(x, y, x + own_w, y + own_h)


def _needed(scene: Scene) -> tuple[float, float, float, float] | None:
    """What was drawn with room around it, within the picture; None where nothing was."""
    width, height = scene.size
    moving, company = (ASIDE, ABOVE, BELOW), (COMPANY,) * 3
    boxes = [
        _roomy(zone.polygon, scene.size, company if zone.kind in STANDING else moving)
        for zone in scene.zones
        if zone.kind is not ZoneKind.IGNORE
    ]
    boxes += [_roomy((*turn.enter, *turn.leave), scene.size, moving) for turn in scene.turns]
    if not boxes:
        return None
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return max(min(lefts), 0), max(min(tops), 0), min(max(rights), width), min(max(bottoms), height)


def _roomy(
    points: tuple[tuple[float, float], ...], size_wh: tuple[int, int], room: tuple[float, ...]
) -> tuple[float, float, float, float]:
    (width, height), (aside, above, below) = size_wh, room
    xs, ys = zip(*points, strict=True)
    return (
        min(xs) - aside * width,
        min(ys) - above * height,
        max(xs) + aside * width,
        max(ys) + below * height,
    )


def _even(side_px: float) -> int:
    """Colours are stored for pairs of pixels."""
    return int(side_px) // 2 * 2

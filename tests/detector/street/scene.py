"""The street's scene, with every kind of zone a lane judges, drawn as an operator would."""

import shapely

from detector.scene import Scene
from detector.scene.parse import parse_scene
from tests.detector.street.camera import SIZE_WH, px

PARKING_S, PAVEMENT_S = 20.0, 25.0


def _points(*xy_m: tuple[float, float]) -> str:
    return str([list(px(point)) for point in xy_m])


def _area(*xy_m: tuple[float, float]) -> str:
    """A zone's corners, cut off where the picture ends."""
    shown = shapely.Polygon([px(point) for point in xy_m]).intersection(shapely.box(0, 0, *SIZE_WH))
    return str(shapely.get_coordinates(shown.normalize())[:-1].round(1).tolist())


def scene(*, metres: bool) -> Scene:
    """The scene, with ground points or without."""
    near, far = 9.3, 20.5
    ground = [(-6.0, 10.0), (6.0, 10.0), (6.0, 34.0), (-6.0, 34.0)]
    text = f"""
version: 1
camera: {{id: CAM-1}}
size: {list(SIZE_WH)}
zones:
  - {{id: away, kind: one_way, one_way_street: false, direction: {_points((3, 10), (3, 20))},
      polygon: {_area((0.4, near), (6, near), (6, far), (0.4, far))}}}
  - {{id: toward, kind: one_way, one_way_street: false, direction: {_points((-3, 20), (-3, 10))},
      polygon: {_area((-6, near), (-0.4, near), (-0.4, far), (-6, far))}}}
  - {{id: kerb, kind: no_stopping, limit_s: {PARKING_S},
      polygon: {_area((4.0, near), (6.4, near), (6.4, far), (4.0, far))}}}
  - {{id: box, kind: no_parking, limit_s: {PARKING_S},
      polygon: {_area((-6, 24), (6, 24), (6, 34), (-6, 34))}}}
  - {{id: pavement, kind: sidewalk, limit_s: {PAVEMENT_S},
      polygon: {_area((6.6, 10.5), (9.6, 10.5), (9.6, 22), (6.6, 22))}}}
  - {{id: road, kind: carriageway, limit_s: {PAVEMENT_S},
      polygon: {_area((-6.4, near), (6.4, near), (6.4, 60), (-6.4, 60))}}}
  - {{id: no-trucks, kind: no_entry, classes: [truck, bus],
      polygon: {_area((-16, 29.5), (-8, 29.5), (-8, 34), (-16, 34))}}}
  - {{id: loads, kind: load_check, polygon: {_area((-6, near), (6, near), (6, far), (-6, far))}}}
turns:
  - {{id: no-left, kind: no_left_turn, enter: {_points((0.2, 21.5), (6.2, 21.5))},
      leave: {_points((-7.5, 29.3), (-7.5, 34.5))}}}
  - {{id: no-u, kind: no_u_turn, enter: {_points((0.2, 21.5), (6.2, 21.5))},
      leave: {_points((-0.2, 21.5), (-6.2, 21.5))}}}
"""
    if metres:
        text += f"ground:\n  px: {_points(*ground)}\n  m: {[list(point) for point in ground]}\n"
    return parse_scene(text, name="street")

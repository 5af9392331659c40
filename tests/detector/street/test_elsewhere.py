"""The same street in another picture is judged alike: mirrored, larger, smaller, beside black, at another hour.

A tracker or a rule that leaned to one side, to a resolution or to a place of the picture would tell other acts. What a
network sees differently in such pictures is measured on real footage (`tests.footage.altered`).
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from detector.lane import Lane
from detector.scene import Scene
from detector.types import Detections, Finding, FrameStamp
from tests.detector.street.acts import ACTS, act
from tests.detector.street.camera import Failings, looks_at
from tests.detector.street.scene import scene
from tests.detector.street.traffic import lawful, times
from tests.footage.placement import Placement

SEED = 5
LENGTH_S = 60.0
HARD = Failings(bursts_hz=0.0, melted=0.1)
Look = tuple[FrameStamp, Detections]


def looks() -> list[Look]:
    """One of each kind of offender among lawful users."""
    offenders = [act(kind, times(LENGTH_S), SEED) for kind in ACTS]
    return list(looks_at([*lawful(SEED, LENGTH_S, busy=0.6), *offenders], HARD, SEED))


def finals(place: Scene, seen: list[Look]) -> list[Finding]:
    lane = Lane(place, "street")
    outputs = [*[lane.step(*look) for look in seen], lane.finish()]
    return [v.finding for output in outputs for v in output.violations if v.finding.final]


def placements(size_wh: tuple[int, int]) -> dict[str, Placement]:
    width, height = size_wh
    own = Placement(old_wh=size_wh, new_wh=size_wh, shown_wh=size_wh)
    half, double = (width // 2, height // 2), (2 * width, 2 * height)
    return {
        "mirrored": replace(own, mirrored=True),
        "half": replace(own, new_wh=half, shown_wh=half),
        "double": replace(own, new_wh=double, shown_wh=double),
        "beside black": replace(own, new_wh=(width + 400, height + 300), offset_xy=(300, 100)),
    }


def placed(place: Placement, look: Look) -> Look:
    stamp, seen = look
    corners = [(place.point((x1, y1)), place.point((x2, y2))) for x1, y1, x2, y2 in seen.xyxy.tolist()]
    boxes = [(min(a[0], b[0]), a[1], max(a[0], b[0]), b[1]) for a, b in corners]
    colours = seen.appearance
    if place.mirrored and colours is not None:
        colours = np.ascontiguousarray(colours.reshape(-1, 4, 4, 3)[:, :, ::-1].reshape(-1, 48))
    return stamp, replace(seen, xyxy=np.array(boxes, np.float32).reshape(-1, 4), appearance=colours)


def summary(findings: list[Finding], point: Callable[[tuple[float, float]], tuple[float, float]] | None = None):
    """Kind, zone, times and the middle of the last box, rounded, of each."""
    rows = []
    for f in findings:
        _, x1, y1, x2, y2 = f.path[-1]
        x, y = (x1 + x2) / 2, (y1 + y2) / 2
        rows.append((f.kind, f.zone_id, f.t_start_s, f.t_end_s, *(point((x, y)) if point else (x, y))))
    return rows


@pytest.mark.parametrize("metres", [False, True], ids=["boxes", "metres"])
@pytest.mark.parametrize("name", ["mirrored", "half", "double", "beside black"])
def test_the_same_street_in_another_picture_is_judged_alike(name, metres):
    own = scene(metres=metres)
    place = placements(own.size)[name]
    there = Scene.model_validate(place.scene(own.model_dump(mode="json", by_alias=True)))
    seen = looks()
    expected = summary(finals(own, seen), place.point)
    found = summary(finals(there, [placed(place, look) for look in seen]))
    assert len(expected) >= 5
    assert [row[:2] for row in found] == [row[:2] for row in expected]
    for row, wanted in zip(found, expected, strict=True):
        assert row[2:4] == pytest.approx(wanted[2:4], abs=0.02)
        assert row[4:] == pytest.approx(wanted[4:], abs=1.0)


@pytest.mark.parametrize("by_s", [90_000.0, 1_000_000.0])
def test_a_street_late_in_a_long_recording_is_judged_alike(by_s):
    seen = looks()
    late = [(replace(stamp, t_s=stamp.t_s + by_s), found) for stamp, found in seen]
    expected, found = finals(scene(metres=False), seen), finals(scene(metres=False), late)
    assert [(f.kind, f.zone_id) for f in found] == [(f.kind, f.zone_id) for f in expected]
    for one, other in zip(found, expected, strict=True):
        assert (one.t_start_s - by_s, one.t_end_s - by_s) == pytest.approx((other.t_start_s, other.t_end_s), abs=0.02)


def test_the_order_in_which_a_network_lists_what_it_sees_does_not_matter():
    rng = np.random.default_rng(0)
    seen = looks()
    shuffled = [(stamp, found[rng.permutation(len(found))]) for stamp, found in seen]
    own = scene(metres=False)
    assert summary(finals(own, shuffled)) == summary(finals(own, seen))

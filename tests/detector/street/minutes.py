"""A vehicle that stands for minutes: big ones stop before it, the sun goes, looks are missed, the gate looks rarely.

`python -m tests.detector.street.minutes [--minutes 8] [--seeds 6]` prints, per seed and vehicle, what was told of it
and of the lawful traffic that passes.
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from detector.gate import MotionGate
from detector.lane import Lane
from detector.types import Detections, FrameStamp, ObjectClass, Violation
from tests.detector.street.camera import SIZE_WH, Failings, looks_at
from tests.detector.street.scene import scene
from tests.detector.street.stress import belongs, told
from tests.detector.street.traffic import Course, lawful, parked, times

PLACE_M = (5.2, 13.0)
BEFORE_IT_M = (4.2, 10.3)
"""A truck here hides the whole of a car at `PLACE_M` from the camera."""
SINCE_S = 22.0
STOPS_S = ((60.0, 6.0), (110.0, 13.0), (190.0, 15.0))
"""When big vehicles stop before it, and how long; the last when looks are rare."""
STILL_STEP_S = 2.0
"""Looks while nothing moves."""
SEEN = Failings(missed=0.12, bursts_hz=0.08, flipped=0.06, melted=0.1, false_boxes=0.1, sway_px=2.0)


def street(kind: ObjectClass, until_s: float, duration_s: float, seed: int) -> tuple[Course, list[Course]]:
    """The vehicle that parks, and all others; after two and a half minutes the street is empty but for them."""
    t_s = times(duration_s)
    offender = parked(kind, PLACE_M, SINCE_S, until_s, t_s)
    trucks = [parked(ObjectClass.TRUCK, BEFORE_IT_M, since_s, since_s + for_s, t_s) for since_s, for_s in STOPS_S]
    passing = [_padded(course, len(t_s)) for course in lawful(seed, 150.0, busy=0.4)]
    return offender, [*trucks, *passing]


def _padded(course: Course, length: int) -> Course:
    missing = length - len(course.xy_m)
    gone, ahead = np.full((missing, 2), np.nan), np.zeros(missing)
    return replace(course, xy_m=np.concatenate([course.xy_m, gone]), heading=np.concatenate([course.heading, ahead]))


def gated(
    looks: Iterator[tuple[FrameStamp, Detections]], quiet_from_s: float, busy_s: list[float]
) -> Iterator[tuple[FrameStamp, Detections]]:
    """What the motion gate lets pass: something moves until the quiet, and at times later; the sun goes meanwhile."""
    gate = MotionGate(size_wh=SIZE_WH, still_s=STILL_STEP_S)
    road = np.full(gate.cells_wh[::-1], 90, np.uint8)
    for stamp, seen in looks:
        stirs = stamp.t_s < quiet_from_s or any(abs(stamp.t_s - moment_s) <= 4 for moment_s in busy_s)
        luma = road.copy()
        luma[40:44, 40:44] += np.uint8(40 * stirs * (stamp.index % 2))
        if not gate.stirs(stamp.t_s, luma) and not gate.due(stamp.t_s):
            gate.held(stamp.t_s)
            continue
        gate.looked(stamp.t_s, luma)
        gate.saw(seen)
        yield stamp, _dimmed(seen, stamp.t_s)


def _dimmed(seen: Detections, t_s: float) -> Detections:
    assert seen.appearance is not None
    light = 1 - 0.5 * float(np.clip((t_s - 80) / 60, 0, 1))
    return replace(seen, appearance=(seen.appearance * light).astype(np.uint8))


def finals(kind: ObjectClass, minutes: float, seed: int) -> tuple[Course, float, list[Violation]]:
    """The vehicle, when it drove off, and all final events."""
    until_s = SINCE_S + 60 * minutes
    offender, others = street(kind, until_s, until_s + 15, seed)
    busy_s = [until_s, *(moment for since_s, for_s in STOPS_S for moment in (since_s, since_s + for_s))]
    lane = Lane(scene(metres=False), "street")
    looks = gated(looks_at([offender, *others], SEEN, seed), 150.0, busy_s)
    outputs = [lane.step(*look) for look in looks]
    outputs.append(lane.finish())
    return offender, until_s, [v for output in outputs for v in output.violations if v.finding.final]


def main() -> None:
    """Prints what was told."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--seeds", type=int, default=6)
    arguments = parser.parse_args()
    for seed in range(arguments.seeds):
        for kind in (ObjectClass.CAR, ObjectClass.MOTORCYCLE):
            offender, until_s, events = finals(kind, arguments.minutes, seed)
            mine = [event.finding for event in events if belongs(event, offender)]
            spans = [(f.kind.value, round(f.t_start_s - SINCE_S, 1), round(f.t_end_s - until_s, 1)) for f in mine]
            print(f"seed {seed} {kind.label}: start and end off by {spans}", flush=True)
            print(told([event for event in events if event.finding not in mine]), end="", flush=True)


if __name__ == "__main__":
    main()

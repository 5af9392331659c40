"""Runs the street through a lane: nothing may be raised by lawful users, each scripted act exactly once.

`python -m tests.detector.street.stress [--minutes 2] [--seeds 10] [--fps 5] [--acts]` prints every false event
and the acts found; the tests beside it hold a short version.
"""

import argparse
import time
from collections import Counter
from collections.abc import Sequence

from detector.lane import Lane
from detector.types import Violation, ViolationKind
from tests.detector.street.acts import ACTS, act
from tests.detector.street.camera import Failings, boxes_px, looks_at
from tests.detector.street.scene import scene
from tests.detector.street.traffic import STEP_S, Course, lawful, times


def finals(courses: list[Course], failings: Failings, seed: int, *, metres: bool = False) -> list[Violation]:
    """The final events of a lane that watches the courses."""
    lane = Lane(scene(metres=metres), "street")
    outputs = [lane.step(*look) for look in looks_at(courses, failings, seed)]
    outputs.append(lane.finish())
    return [v for output in outputs for v in output.violations if v.finding.final]


def belongs(violation: Violation, course: Course) -> bool:
    """Whether an event's path lies on a road user for most of its rows."""
    boxes = boxes_px(course)
    hits = 0
    for t_s, x1, y1, x2, y2 in violation.finding.path:
        box = boxes[min(round(t_s / STEP_S), len(boxes) - 1)].tolist()
        wide, high = min(x2, box[2]) - max(x1, box[0]), min(y2, box[3]) - max(y1, box[1])
        shared = max(wide, 0.0) * max(high, 0.0)
        both = (x2 - x1) * (y2 - y1) + (box[2] - box[0]) * (box[3] - box[1]) - shared
        hits += shared >= 0.3 * both
    return hits >= 0.5 * len(violation.finding.path)


def told(violations: Sequence[Violation]) -> str:
    """One line per event."""
    lines = [
        f"{f.kind.value} {f.zone_id} track {f.track_id} {f.t_start_s}-{f.t_end_s} s {f.confidence} {f.facts}"
        for f in (violation.finding for violation in violations)
    ]
    return "\n".join(lines)


def main() -> None:
    """Prints what is false and what is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--fps", type=float, default=5.0)
    parser.add_argument("--sway", type=float, default=0.0)
    parser.add_argument("--metres", action="store_true")
    parser.add_argument("--acts", action="store_true", help="scripted acts among lawful traffic")
    a = parser.parse_args()
    failings = Failings(fps=a.fps, sway_px=a.sway, time_jitter_s=0.1 / a.fps)
    false, found, wanted = 0, Counter[ViolationKind](), Counter[ViolationKind]()
    for seed in range(a.first, a.first + a.seeds):
        began = time.process_time()
        if not a.acts:
            events = finals(lawful(seed, 60 * a.minutes), failings, seed, metres=a.metres)
            false += len(events)
            print(f"seed {seed}: {len(events)} false, {time.process_time() - began:.1f} s\n{told(events)}", flush=True)
            continue
        for kind in ACTS:
            offender = act(kind, times(75.0), seed)
            events = finals([*lawful(seed, 75.0), offender], failings, seed, metres=a.metres)
            mine = [e for e in events if e.finding.kind is kind and belongs(e, offender)]
            rest = [e for e in events if e not in mine]
            wanted[kind] += 1
            found[kind] += len(mine) == 1
            false += len(rest) + max(len(mine) - 1, 0)
            if len(mine) != 1 or rest:
                print(f"seed {seed} {kind.value}: told {len(mine)} times; else\n{told(rest)}", flush=True)
    print(f"false {false}; found {dict(found)} of {dict(wanted)}")


if __name__ == "__main__":
    main()

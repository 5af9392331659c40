"""Lawful streets for a long time: a real clip's traffic again and again, in which nothing may be raised.

`python -m tests.footage.loop [--minutes 20] [NAME...]` replays the detections of lawful scenes end to end and prints
every event. Each clip is looked at once; at the seams all traffic jumps, which is harder than any real street.
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace

from detector.types import FrameStamp, Violation
from pipelines.observations import Observation
from pipelines.scene_file import load_scene
from tests.footage.judge import DEFAULT, Settings, Variant, lane_of, observed

LAWFUL = tuple(
    Variant(f"{name}.true") for name in ("ql1_lanes", "low_junction_720p", "hanoi_junction_1080p", "hcmc_junction")
)
"""Clips in which nobody does anything unlawful in the street as it is."""


def looped(observations: list[Observation], rate_hz: float, until_s: float) -> Iterator[Observation]:
    """The observations over and over, as one stream of rising time; OBJECT rows as they were in the first round."""
    first_s = observations[0].stamp.t_s
    length_s = observations[-1].stamp.t_s + 1 / rate_hz - first_s
    for number in range(max(1, round(until_s / length_s))):
        for place, observation in enumerate(observations):
            index = number * len(observations) + place
            yield replace(observation, stamp=_moved(observation.stamp, number * length_s, index))


def _moved(stamp: FrameStamp, by_s: float, index: int) -> FrameStamp:
    return replace(stamp, t_s=stamp.t_s + by_s, index=index, pts=None)


def raised(variant: Variant, minutes: float, settings: Settings = DEFAULT) -> list[Violation]:
    """The final events of a scene whose clip lasts so long."""
    scene_file = load_scene(variant.scene)
    once = list(observed(variant, scene_file, settings))
    lane = lane_of(variant, scene_file.scene, settings)
    outputs = [lane.step(o.stamp, o.detections) for o in looped(once, settings.rate_hz, 60 * minutes)]
    outputs.append(lane.finish())
    return [v for output in outputs for v in output.violations if v.finding.final]


def main() -> None:
    """Prints the events of every scene."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--minutes", type=float, default=20.0)
    arguments = parser.parse_args()
    for variant in [Variant(name) for name in arguments.names] or LAWFUL:
        events = raised(variant, arguments.minutes)
        print(f"{variant.name:45s} {arguments.minutes:g} min: {len(events)} events", flush=True)
        for event in events:
            print("   ", event.finding.kind.value, event.finding.zone_id, event.finding.t_start_s, event.finding.facts)


if __name__ == "__main__":
    main()

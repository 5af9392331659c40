"""A platoon that passes quickly is not taken for one that goes backwards, wherever its riders look at all unlike.

Where a rider's next place lies nearer to the follower's than to their own, looks pair leaders with followers, as a film
shows wheels that turn back. Evenly spaced riders of one colour cannot be told apart by who sees only these looks.
"""

from dataclasses import replace

import numpy as np
import pytest

from detector.lane import Lane
from detector.types import Detections, ObjectClass, Violation
from detector.types.detections import APPEARANCE_WIDTH
from tests.builders import scene_of, stamp

WHOLE = "polygon: [[0, 0], [1000, 0], [1000, 1000], [0, 1000]]"
SCENE = scene_of(f"{{id: down, kind: one_way, {WHOLE}, direction: [[500, 100], [500, 900]]}}")
LANES, RIDERS, FPS = 2, 16, 5
WIDTH_PX, HEIGHT_PX = 40, 80
COLOUR_SPREAD, COLOUR_NOISE = 25.0, 6.0
"""Grey levels by which riders differ from one another, and one from look to look."""


def wrong_ways(step_px: float, gap_px: float, *, unevenness: float, seed: int) -> list[Violation]:
    """What is raised while two files of riders drive down the lane, as they should."""
    rng = np.random.default_rng(seed)
    places = -gap_px * (np.arange(RIDERS) + rng.normal(0, unevenness, RIDERS))
    usual = rng.uniform(60, 180, APPEARANCE_WIDTH)
    colours = usual + rng.normal(0, COLOUR_SPREAD, (LANES, RIDERS, APPEARANCE_WIDTH))
    lane, found = Lane(SCENE, "platoon"), list[Violation]()
    for look in range(int((1000 + RIDERS * gap_px) / step_px) + 4):
        rows, seen = [], []
        for file in range(LANES):
            x, feet = 250 + file * 130, places + look * step_px + file * gap_px * 0.37
            for rider in np.flatnonzero((feet > 60) & (feet < 1000)):
                box = np.array([x - WIDTH_PX / 2, feet[rider] - HEIGHT_PX, x + WIDTH_PX / 2, feet[rider]])
                left, top, right, bottom = (box + rng.normal(0, 1, 4)).tolist()
                rows.append((ObjectClass.MOTORCYCLE, 0.8, (left, top, right, bottom)))
                seen.append(colours[file, rider] + rng.normal(0, COLOUR_NOISE, APPEARANCE_WIDTH))
        riders = Detections.of(*rows) if rows else Detections.empty()
        if rows:
            riders = replace(riders, appearance=np.array(seen).clip(0, 255).astype(np.uint8))
        found += lane.step(stamp(look / FPS, index=look), riders).violations
    return [*found, *lane.finish().violations]


@pytest.mark.parametrize("gap_px", [90, 160])
@pytest.mark.parametrize("unevenness", [0.0, 0.12])
@pytest.mark.parametrize("step", [0.3, 0.55, 0.65, 0.75, 0.85])
def test_a_lawful_platoon_is_not_taken_to_go_backwards(step: float, unevenness: float, gap_px: float) -> None:
    assert not wrong_ways(step * gap_px, gap_px, unevenness=unevenness, seed=1)

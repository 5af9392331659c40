"""Each rule states how often it must look; a scene needs what its most demanding rule needs."""

import pytest

from detector.gate import Need, need_of
from detector.gate.need import NEEDS, RULES_OF
from detector.scene import ZoneKind
from detector.types import ViolationKind
from tests.builders import scene_of

SQUARE = "polygon: [[0, 0], [640, 0], [640, 360], [0, 360]]"
SCENES = {
    "parking alone": (("no_parking",), Need(moving_hz=0.5, still_hz=0.5)),
    "parking and a blocked road": (("no_stopping", "carriageway"), Need(moving_hz=0.5, still_hz=1.0)),
    "a pavement": (("sidewalk",), Need(moving_hz=5.0, still_hz=1.0)),
    "a closed road": (("no_entry",), Need(moving_hz=5.0, still_hz=0.5)),
    "parking and loads": (("no_parking", "load_check"), Need(moving_hz=5.0, still_hz=0.5)),
}


@pytest.mark.parametrize("label", SCENES)
def test_a_scene_needs_what_its_most_demanding_rule_needs(label: str) -> None:
    kinds, expected = SCENES[label]
    zones = [f"{{id: z{number}, kind: {kind}, {SQUARE}}}" for number, kind in enumerate(kinds)]
    assert need_of(scene_of(*zones, size=(640, 360))) == expected


def test_every_rule_states_its_need_and_every_zone_its_rules() -> None:
    assert NEEDS.keys() == set(ViolationKind)
    assert RULES_OF.keys() == set(ZoneKind)

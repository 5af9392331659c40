"""The real detector and rules over real streets, held against truth written by eye and against the last figures.

The ratchet allows one event of slack per scene (processors round differently) and two percent over all. It is made anew
by `python -m tests.footage.judge --write` when a change is for the better.
"""

import json

import pytest

from tests.footage.judge import FIGURES, FOOTAGE, Variant, figures_of, variants

FOUND: dict[str, dict[str, int]] = {}
EXPECTED: dict[str, dict[str, int]] = json.loads(FIGURES.read_text(encoding="utf-8"))

pytestmark = [
    pytest.mark.footage,
    pytest.mark.skipif(not FOOTAGE.is_dir(), reason=f"the real footage is absent ({FOOTAGE.name} beside the checkout)"),
]


@pytest.mark.parametrize("variant", variants(), ids=lambda variant: variant.name)
def test_a_scene_is_judged_no_worse_than_before(variant: Variant) -> None:
    found = FOUND[variant.name] = figures_of(variant)
    expected = EXPECTED[variant.name]
    assert found["tp"] >= expected["tp"] - 1, (found, expected)
    assert found["fp"] <= expected["fp"] + 1, (found, expected)


def test_all_scenes_together_are_judged_no_worse_than_before() -> None:
    assert FOUND.keys() == EXPECTED.keys(), "run the whole module: this test adds up the scenes before it"
    found, expected = (
        {key: sum(row[key] for row in table.values()) for key in ("tp", "fp", "fn")} for table in (FOUND, EXPECTED)
    )
    assert found["tp"] >= 0.98 * expected["tp"], (found, expected)
    assert found["fp"] <= expected["fp"] + 2, (found, expected)

"""The verdicts must not hang on how carefully an operator drew: rough scenes find the same and raise nothing more."""

import pytest

from pipelines.scene_file import load_scene
from pipelines.score import load_truths, score_events
from tests.footage.judge import FOOTAGE, Variant, events_of
from tests.footage.loop import LAWFUL
from tests.footage.rough import ASIDE_SHARE, roughened

SEEDS = (0, 1)
UNLAWFUL = [Variant(name) for name in ("haiphong_junction.flipped", "low_junction_720p.flipped")]


@pytest.mark.parametrize("variant", UNLAWFUL, ids=lambda variant: variant.name)
def test_a_rough_scene_is_another_scene_of_the_same_zones(variant):
    drawn, rough = load_scene(variant.scene).scene, roughened(variant, 0)
    assert [zone.id for zone in rough.zones] == [zone.id for zone in drawn.zones]
    assert rough.zones[0].direction != drawn.zones[0].direction
    for before, after in zip(drawn.zones[0].polygon, rough.zones[0].polygon, strict=True):
        assert after != before
        assert abs(after[0] - before[0]) <= ASIDE_SHARE * drawn.size[0] + 0.1
        assert abs(after[1] - before[1]) <= ASIDE_SHARE * drawn.size[1] + 0.1


needs_footage = pytest.mark.skipif(not FOOTAGE.is_dir(), reason=f"the real footage is absent ({FOOTAGE.name})")


@pytest.mark.footage
@needs_footage
@pytest.mark.parametrize("variant", UNLAWFUL, ids=lambda variant: variant.name)
def test_roughly_drawn_lanes_find_nearly_all_that_well_drawn_ones_find(variant):
    truths = load_truths(variant.truth)
    found = [score_events(events_of(variant, scene=roughened(variant, seed)), truths)["overall"] for seed in SEEDS]
    drawn = score_events(events_of(variant), truths)["overall"]
    assert all(rough["tp"] >= drawn["tp"] - 1 and rough["fp"] <= drawn["fp"] + 1 for rough in found), (drawn, found)


@pytest.mark.footage
@needs_footage
@pytest.mark.parametrize("variant", LAWFUL, ids=lambda variant: variant.name)
def test_roughly_drawn_lanes_accuse_nobody_in_a_lawful_street(variant):
    assert [event for seed in SEEDS for event in events_of(variant, scene=roughened(variant, seed))] == []

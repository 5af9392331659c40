"""How a scene is drawn does not decide: corners in another order change nothing, a ground loses and adds hardly any."""

import pytest

from detector.scene import Scene
from pipelines.scene_file import load_scene
from tests.footage.altered import told
from tests.footage.judge import DEFAULT, FOOTAGE, Variant, events_of
from tests.footage.loop import LAWFUL
from tests.footage.redrawn import WAYS, redrawn

UNLAWFUL = [Variant(name) for name in ("haiphong_junction.flipped", "low_junction_720p.flipped")]
TURNS = Variant("haiphong_junction.flipped-turn")
EDGED = Variant("hanoi_hangbai_6fps_64s.flipped")
"""Most of its riders the picture's edge cuts before they have gone six metres."""


@pytest.mark.parametrize("way", ["corners", "grown", "shrunk"])
@pytest.mark.parametrize("variant", UNLAWFUL, ids=lambda variant: variant.name)
def test_a_redrawn_scene_is_another_scene_of_the_same_zones(variant: Variant, way: str) -> None:
    drawn, other = load_scene(variant.scene).scene, redrawn(variant, WAYS[way])
    assert [zone.id for zone in other.zones] == [zone.id for zone in drawn.zones]
    assert all(a.polygon != b.polygon for a, b in zip(other.zones, drawn.zones, strict=True))


def test_gates_are_drawn_from_their_other_end() -> None:
    (drawn, *_), (other, *_) = load_scene(TURNS.scene).scene.turns, redrawn(TURNS, WAYS["gates"]).turns
    assert (other.enter, other.leave) == (drawn.enter[::-1], drawn.leave[::-1])


needs_footage = pytest.mark.skipif(not FOOTAGE.is_dir(), reason=f"the real footage is absent ({FOOTAGE.name})")


@pytest.mark.footage
@needs_footage
@pytest.mark.parametrize(("variant", "way"), [(UNLAWFUL[0], "corners"), (TURNS, "gates")], ids=["corners", "gates"])
def test_in_which_order_corners_are_drawn_changes_no_event(variant: Variant, way: str) -> None:
    assert events_of(variant, scene=redrawn(variant, WAYS[way])) == events_of(variant)


@pytest.mark.footage
@needs_footage
def test_a_ground_loses_hardly_anybody_and_adds_at_most_one() -> None:
    drawn, grounded = told(EDGED, DEFAULT), told(EDGED, DEFAULT, scene=grounded_scene(EDGED, "ground"))
    assert len(grounded.right) >= len(drawn.right) - 1
    assert len(grounded.false) <= len(drawn.false) + 1


@pytest.mark.footage
@needs_footage
def test_a_ground_accuses_nobody_in_a_lawful_street() -> None:
    assert events_of(LAWFUL[1], scene=grounded_scene(LAWFUL[1], "ground-tele")) == []


def grounded_scene(variant: Variant, way: str) -> Scene:
    scene = redrawn(variant, WAYS[way])
    assert scene.fitted_ground is not None
    return scene

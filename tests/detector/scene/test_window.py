"""Which part of the picture is looked at: all that was drawn, with room, of the picture's own shape, or the whole."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from detector.scene import Scene, window_of
from detector.scene.window import ABOVE, ASIDE, BELOW, COMPANY, LEAST_ZOOM, MOST_ZOOM
from detector.types import Window
from tests.builders import scene_of

SIZE_WH = (1920, 1080)
PLACES = st.tuples(st.integers(0, 1919), st.integers(0, 1079), st.integers(20, 900), st.integers(20, 700))


def zone(left: int, top: int, right: int, bottom: int, kind: str = "no_entry", name: str = "z") -> str:
    return f"{{id: {name}, kind: {kind}, polygon: [[{left}, {top}], [{right}, {top}], [{right}, {bottom}]]}}"


def scene(*items: str, extra: str = "") -> Scene:
    return scene_of(*items, size=SIZE_WH, extra=extra)


@given(st.lists(PLACES, min_size=1, max_size=3), st.floats(1.0, 6.0))
def test_the_window_holds_what_was_drawn_and_its_room_and_lies_in_the_picture(
    places: list[tuple[int, int, int, int]], finest: float
) -> None:
    boxes = [(x, y, min(x + w, 1920), min(y + h, 1080)) for x, y, w, h in places]
    assume(all(right - left > 2 and bottom - top > 2 for left, top, right, bottom in boxes))
    window = window_of(scene(*(zone(*box, name=f"z{n}") for n, box in enumerate(boxes))), finest=finest)
    assume(window is not None)
    assert window is not None
    assert 0 <= window.left < window.right <= 1920
    assert 0 <= window.top < window.bottom <= 1080
    assert not any(side % 2 for side in window)
    for left, top, right, bottom in boxes:
        # Pairs of pixels: the window is up to three px off what was asked for.
        assert window.left <= max(left - ASIDE * 1920, 0) + 3
        assert window.top <= max(top - ABOVE * 1080, 0) + 3
        assert window.right >= min(right + ASIDE * 1920, 1920) - 4
        assert window.bottom >= min(bottom + BELOW * 1080, 1080) - 4
    width, height = window.size_wh
    assert abs(width / height - 16 / 9) < 0.02
    assert LEAST_ZOOM - 0.01 <= 1920 / width <= min(finest, MOST_ZOOM) + 0.02


def test_a_far_corner_is_seen_larger() -> None:
    assert window_of(scene(zone(900, 100, 1000, 200)), finest=3.0) == Window(612, 0, 1288, 380)


def test_it_is_seen_no_larger_than_the_footage_shows_it() -> None:
    window = window_of(scene(zone(900, 100, 1000, 200)), finest=1.5)
    assert window is not None
    assert window.size_wh == (1280, 720)


@pytest.mark.parametrize("finest", [0.5, 1.0, 1.19])
def test_where_nothing_more_would_show_the_whole_is_looked_at(finest: float) -> None:
    assert window_of(scene(zone(900, 100, 1000, 200)), finest=finest) is None


@pytest.mark.parametrize(
    "items",
    [
        pytest.param((zone(0, 0, 90, 90, "ignore"),), id="nothing watched"),
        pytest.param((zone(900, 100, 1000, 200), zone(0, 0, 90, 90, "sidewalk", "p")), id="a pavement"),
        pytest.param((zone(300, 100, 1700, 200),), id="wide"),
        pytest.param((zone(900, 200, 1000, 1000),), id="high"),
    ],
)
def test_the_whole_is_looked_at(items: tuple[str, ...]) -> None:
    assert window_of(scene(*items), finest=3.0) is None


def test_gates_of_a_turn_count() -> None:
    turn = "turns: [{id: t, kind: no_u_turn, enter: [[900, 500], [950, 500]], leave: [[1000, 500], [1050, 500]]}]\n"
    window = window_of(scene(extra=turn), finest=3.0)
    assert window is not None
    assert all(window.holds(x, 500) for x in (900, 1050))


def test_the_neighbours_of_who_stands_are_looked_at_too() -> None:
    window = window_of(scene(zone(900, 500, 1000, 560, "no_stopping")), finest=3.0)
    assert window is not None
    assert window.left <= 900 - COMPANY * 1920 + 3
    assert window.right >= 1000 + COMPANY * 1920 - 4
    assert window.bottom >= 560 + COMPANY * 1080 - 4

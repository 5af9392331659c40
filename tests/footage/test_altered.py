"""Other footage of the same street: what is drawn goes with its picture, and verdicts stay with the street."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.scene import Scene
from detector.scene.zone import TurnKind
from tests.footage.altered import (
    AS_IT_IS,
    at_rate,
    counted,
    enlarged,
    framed,
    in_place,
    jittered,
    judged,
    mirrored,
    scaled,
)
from tests.footage.judge import FOOTAGE

PLACES = {
    "in place": in_place,
    "mirrored": mirrored,
    "half": scaled(0.5, 0.5),
    "squeezed": scaled(0.75, 1.0),
    "framed": framed(0.2, 0.1),
    "enlarged": enlarged,
}
SCENE = {
    "version": 1,
    "camera": {"id": "C"},
    "size": [640, 480],
    "zones": [
        {
            "id": "lane",
            "kind": "one_way",
            "polygon": [[200, 150], [420, 150], [460, 330], [180, 330]],
            "direction": [[300, 300], [330, 180]],
            "one_way_street": True,
        }
    ],
    "turns": [
        {"id": "left", "kind": "no_left_turn", "enter": [[250, 300], [420, 300]], "leave": [[210, 170], [210, 290]]}
    ],
}
places = st.sampled_from(sorted(PLACES))


@given(name=places, x=st.integers(200, 440), y=st.integers(150, 330))
def test_a_spot_of_the_picture_goes_where_its_point_goes(name, x, y):
    place = PLACES[name]((640, 480), (320.0, 240.0))
    image = np.zeros((480, 640, 3), np.uint8)
    image[y - 3 : y + 3, x - 3 : x + 3] = 255
    new = place.picture(image)
    assert (new.shape[1], new.shape[0]) == place.new_wh
    rows, columns = np.nonzero(new[..., 0] > 127)
    assert (columns.mean() + 0.5, rows.mean() + 0.5) == pytest.approx(place.point((x, y)), abs=1.0)


@given(name=places)
def test_a_scene_goes_with_its_picture(name):
    place = PLACES[name]((640, 480), (320.0, 240.0))
    new, old = Scene.model_validate(place.scene(SCENE)), Scene.model_validate(SCENE)
    assert new.size == place.new_wh
    for corner, before in zip(new.turns[0].enter, old.turns[0].enter, strict=True):
        assert corner == pytest.approx(place.point(before), abs=0.01)
    (x, y), (to_x, to_y) = new.zones[0].direction
    (old_x, old_y), (old_to_x, old_to_y) = (place.point(end) for end in old.zones[0].direction)
    assert (to_x - x) * (old_to_y - old_y) == pytest.approx((to_y - y) * (old_to_x - old_x), rel=0.02)
    assert new.turns[0].kind is (TurnKind.NO_RIGHT_TURN if name == "mirrored" else TurnKind.NO_LEFT_TURN)


def test_what_an_enlarged_picture_cuts_is_optional_and_what_it_loses_is_not_drawn():
    place = enlarged((640, 480), (320.0, 240.0))
    corner = {**SCENE["zones"][0], "id": "corner", "polygon": [[0, 0], [80, 0], [80, 60], [0, 60]]}
    new = place.scene({**SCENE, "zones": [*SCENE["zones"], corner]})
    assert [zone["id"] for zone in new["zones"]] == ["lane"]
    assert place.truth({"xyxy": [20, 200, 90, 300], "optional": False})["optional"]
    whole = place.truth({"xyxy": [300, 200, 340, 260], "optional": False})
    assert not whole["optional"]
    assert whole["xyxy"] == pytest.approx([294, 188, 346, 266], abs=0.1)


@given(rate_hz=st.sampled_from([12.0, 14.985, 15.0, 30.0]), taken_hz=st.sampled_from([20.0, 25.0, 30.0]))
def test_another_rate_shows_the_latest_picture_there_is(rate_hz, taken_hz):
    times_s = [i / taken_hz for i in range(60)]
    shown = at_rate(rate_hz)(times_s)
    assert np.diff([t_s for _, t_s in shown]) == pytest.approx(1 / rate_hz)
    assert all(0 <= t_s - times_s[number] + 1e-6 < 1 / taken_hz + 1e-5 for number, t_s in shown)


def test_jittered_times_rise_and_stay_near():
    times_s = [i / 25 for i in range(250)]
    shown = jittered(times_s)
    assert all(a[1] < b[1] and a[0] < b[0] for a, b in pairwise(shown))
    assert all(abs(t_s - times_s[number]) <= 1 / 75 + 1e-6 for number, t_s in shown)
    assert 200 < len(shown) < 250


@pytest.mark.footage
@pytest.mark.skipif(not FOOTAGE.is_dir(), reason=f"the real footage is absent ({FOOTAGE.name} beside the checkout)")
@pytest.mark.parametrize("name", ["mirrored", "late", "bars", "14.985fps"])
def test_an_altered_street_is_judged_like_itself(name):
    own, other = counts(AS_IT_IS), counts(name)
    assert other[0] >= own[0] - 1, (own, other)
    assert other[1] <= own[1] + 1, (own, other)


@cache
def counts(name):
    """Right, false and missed of one altered clip."""
    return sum(counted(found) for _, found in judged(name, "haiphong_junction", None))

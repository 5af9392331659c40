"""A lone motorbike after a long quiet is seen as soon as with every frame decoded, wherever in a group it comes."""

import pytest

from detector.gate import MotionGate
from pipelines.live.dozing import Doze
from pipelines.live.gating import LiveGate
from pipelines.live.slots import Slots
from pipelines.live.tempo import Tempo
from tests.pipelines.live.crossings import CROSSES_S, Seen, street, watch

CROSSINGS = 17
LATE_S = 0.4
"""Two looks."""


@pytest.fixture(scope="module")
def crossed(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[float], Seen, Seen]:
    video = tmp_path_factory.mktemp("crossed") / "a.mp4"
    began_s = street(video, (256, 144), crossings=CROSSINGS)
    return began_s, watch(video, dozes=False), watch(video, dozes=True)


def test_every_crossing_is_seen_in_time(crossed: tuple[list[float], Seen, Seen]) -> None:
    began_s, whole, dozing = crossed
    for at_s in began_s:
        first_s, seen_s = (
            next(t_s for t_s in seen.stirred_s if at_s - 0.1 <= t_s <= at_s + CROSSES_S) for seen in (whole, dozing)
        )
        assert seen_s - first_s <= LATE_S, f"crossing at {at_s:.1f} s"
    assert len(dozing.stirred_s) >= 0.98 * len(whole.stirred_s)


def test_the_quiet_is_not_decoded(crossed: tuple[list[float], Seen, Seen]) -> None:
    _, whole, dozing = crossed
    assert whole.left == 0
    assert dozing.left >= 60
    assert dozing.decoded <= whole.decoded - 4 * dozing.left


def test_frames_before_a_change_are_looked_at_after_all() -> None:
    slots = Slots(5.0, Tempo())
    assert slots.looks(0.0)
    for t_s in (0.2, 0.4, 0.6):
        slots.leave(t_s)
        assert not slots.opens(t_s)
    assert slots.recall(0.4) == 1
    assert [slots.looks(t_s) for t_s in (0.2, 0.4, 0.6, 0.6, 0.8)] == [False, True, True, False, True]


def test_nothing_is_left_where_keyframes_are_rare_or_nothing_judges() -> None:
    doze = Doze(LiveGate(None))
    for number in range(200):
        keyframe = number % 50 == 0
        doze.hear(number / 5, 100, keyframe=keyframe, fresh=True)
        assert not doze.leaves(number / 5, keyframe=keyframe)
    gate = LiveGate(MotionGate(size_wh=(64, 36), still_s=2.0))
    assert not gate.rests(1.0, float("-inf")), "nothing was looked at yet"

"""Sizes are believed where every beginning stood out, and only there."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.gate.sizes import DEFAULT_SETTINGS, SizeGate

STEP_S, KEYFRAME_S, ROUND_S, MOVES_S = 0.2, 2.0, 20.0, 6.0
Level = Callable[[float, bool], float]
"""Bytes of a packet at a time, and whether something moves then."""


def noisy(seed: int, *, still: float = 500.0, moving: float = 2000.0, grain: float = 30.0) -> Level:
    """An encoder that spends most behind a keyframe."""
    random = np.random.default_rng(seed)

    def level(t_s: float, moves: bool) -> float:
        return (moving if moves else still) + 400.0 * (t_s % KEYFRAME_S < 0.5) + float(random.uniform(0, grain))

    return level


def lived(gate: SizeGate, level: Level, until_s: float, *, since_s: float = 0.0, late_s: float = 0.0) -> list[float]:
    """Times at which a due picture could be left undecoded; the gate sees all that is not, `late_s` before sizes do."""
    left, stirred_s = [], -10.0
    for number in range(round(since_s / STEP_S), round(until_s / STEP_S)):
        t_s = number * STEP_S
        into_s = t_s % ROUND_S
        moves = into_s >= ROUND_S - MOVES_S
        if into_s % KEYFRAME_S < STEP_S / 2:
            gate.hear(t_s, 20_000, keyframe=True)
        for _ in range(5):
            gate.hear(t_s, round(level(t_s, moves and into_s >= ROUND_S - MOVES_S + late_s)), keyframe=False)
        changed, believed, rested = gate.changed(t_s), gate.believed(t_s), t_s - stirred_s > 3.0
        keyframe = t_s % KEYFRAME_S < STEP_S / 2
        if believed and rested and not changed and not keyframe:
            left.append(t_s)
            continue
        stirred_s = t_s if moves else stirred_s
        gate.judged(t_s, stirred=moves, rested=rested)
    return left


def moves_at(t_s: float) -> bool:
    return t_s % ROUND_S >= ROUND_S - MOVES_S - 1e-6


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(1.0, 200.0))
def test_what_stands_out_is_believed_and_nothing_that_moves_is_left(seed: int, grain: float) -> None:
    left = lived(SizeGate(seed=seed), noisy(seed, grain=grain), 400.0)
    assert len(left) > 100
    assert left[0] > DEFAULT_SETTINGS.begun_least * ROUND_S, "only after so many beginnings"
    assert not [t_s for t_s in left if moves_at(t_s)]


@pytest.mark.parametrize(
    ("label", "level", "late_s"),
    [
        ("constant bit rate", noisy(1, moving=500.0), 0.0),
        ("hardly more than the noise", noisy(2, moving=560.0, grain=60.0), 0.0),
        ("long after the picture", noisy(3), 1.2),
        ("a silent encoder", lambda _t_s, _moves: 0.0, 0.0),
    ],
)
def test_sizes_that_tell_nothing_or_too_late_are_never_believed(label: str, level: Level, late_s: float) -> None:
    assert not lived(SizeGate(), level, 400.0, late_s=late_s), label


def test_one_lie_takes_the_belief_away_for_long() -> None:
    gate, honest, silent = SizeGate(), noisy(4), noisy(5, moving=500.0)
    assert lived(gate, honest, 240.0)
    lied = lived(gate, silent, 260.0, since_s=240.0)
    assert all(t_s < 254.0 + KEYFRAME_S for t_s in lied), "at the next keyframe the gate sees what sizes did not show"
    assert not lived(gate, honest, 260.0 + DEFAULT_SETTINGS.doubt_s, since_s=260.0)
    assert lived(gate, honest, 1200.0, since_s=260.0 + DEFAULT_SETTINGS.doubt_s)


def test_noise_that_grows_with_the_night_is_learned_anew() -> None:
    gate = SizeGate()
    assert lived(gate, noisy(6), 240.0)
    left = lived(gate, noisy(7, still=1900.0), 600.0, since_s=240.0)
    assert not [t_s for t_s in left if t_s > 400.0], "what moves no longer stands out"


def test_a_street_without_beginnings_is_not_believed_for_ever() -> None:
    gate = SizeGate()
    lived(gate, noisy(8), 240.0)
    at_s = 240.0 + DEFAULT_SETTINGS.begun_s
    for _ in range(20):
        gate.hear(at_s, 1, keyframe=True)
        assert not gate.believed(at_s)


def test_a_belief_is_judged_by_the_quiet_as_it_is_now() -> None:
    """Beginnings that stood out from a clear day's quiet say nothing in a night's grain just as high."""
    gate = SizeGate()
    assert lived(gate, noisy(9), 240.0)
    lived(gate, noisy(10, still=1900.0, moving=1900.0), 254.0, since_s=240.0)
    still, at_s = noisy(11, still=1900.0), 254.0
    for number in range(1500):
        t_s = at_s + number * STEP_S
        if number % 10 == 0:
            gate.hear(t_s, 20_000, keyframe=True)
        gate.hear(t_s, round(still(t_s, False)), keyframe=False)
        gate.changed(t_s)
        gate.judged(t_s, stirred=False, rested=True)
    assert not gate._stands_out(t_s)


def test_far_less_than_the_quiet_is_a_change_too() -> None:
    gate = SizeGate()
    lived(gate, noisy(12), 60.0)
    for size, changed in ((900, False), (100, True)):
        gate.hear(60.0, 20_000, keyframe=True)
        gate.hear(60.0, size, keyframe=False)
        assert gate.changed(60.0) is changed, size


@pytest.mark.parametrize(("before_too", "known"), [(True, 1), (False, 0)])
def test_a_beginning_proves_sizes_only_where_the_picture_before_was_seen(before_too: bool, known: int) -> None:
    gate, level = SizeGate(), noisy(13)
    begins_s = 3 * ROUND_S - MOVES_S
    lived(gate, level, begins_s)
    before = len(gate._begun)
    for number in range(6):
        t_s = begins_s + number * STEP_S
        moves = number > 0
        if number == 0:
            gate.hear(t_s, 20_000, keyframe=True)
        gate.hear(t_s, round(level(t_s, moves)), keyframe=False)
        gate.changed(t_s)
        if number or before_too:
            gate.judged(t_s, stirred=moves, rested=number < 2)
    assert len(gate._begun) - before == known


def test_what_was_known_before_a_pause_is_known_behind_it() -> None:
    """Another rate of looks meanwhile: nothing is learned anew, and what moved in the pause proves nothing."""
    gate, level = SizeGate(), noisy(14)
    assert lived(gate, level, 240.0)
    begun = len(gate._begun)
    gate.hear(240.0, 20_000, keyframe=True)
    gate.hear(240.0, 5000, keyframe=False)
    gate.changed(240.0)
    gate.pause()
    assert gate.changed(400.0) and not gate.believed(400.0), "nothing before the next keyframe"
    left = lived(gate, level, 420.0, since_s=400.0)
    assert left and left[0] < 410.0
    assert not [t_s for t_s in left if moves_at(t_s)]
    assert len(gate._begun) <= begun + 1

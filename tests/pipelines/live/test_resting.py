"""A reader sleeps until just before the next packet that may be due, never past it."""

import math

import pytest

from pipelines.live.resting import AFTER_S, EARLY_S, LONGEST_S, UNHURRIED_S, rest_s


@pytest.mark.parametrize(
    ("label", "t_s", "rate_hz", "now_s", "base_lag_s", "rested_s"),
    [
        ("the first of a slot was read at once", 10.0, 5.0, 10.1, 0.1, 0.2 - EARLY_S),
        ("the last of a slot: the next is near", 10.16, 5.0, 10.26, 0.1, 0.03),
        ("it is not worth it", 10.16, 5.0, 10.275, 0.1, 0.0),
        ("the stream is late", 10.0, 5.0, 10.9, 0.1, 0.0),
        ("a quicker rate", 10.0, 10.0, 10.1, 0.1, 0.1 - EARLY_S),
        ("a slower rate: sockets hold so much", 10.0, 1.0, 10.1, 0.1, LONGEST_S - EARLY_S),
        ("a file that is far ahead", 20.0, 5.0, 10.0, 0.0, LONGEST_S),
    ],
)
def test_rest(label: str, t_s: float, rate_hz: float, now_s: float, base_lag_s: float, rested_s: float) -> None:
    assert rest_s(t_s, rate_hz, now_s, base_lag_s) == pytest.approx(rested_s, abs=1e-3), label


def test_what_need_not_be_timed_is_awaited_once() -> None:
    assert rest_s(10.04, 5.0, 10.14, 0.1, punctual=False) == pytest.approx(0.16 + AFTER_S, abs=1e-3)
    assert rest_s(10.16, 5.0, 10.3 + AFTER_S, 0.1, punctual=False) == 0.0, "it has come"


@pytest.mark.parametrize(
    ("label", "t_s", "next_s", "rested_s"),
    [
        ("a packet asked for soon is awaited in time", 10.0, 10.24, 0.24 - EARLY_S),
        ("one far away is not slept through to, for sockets hold so much", 10.0, 11.5, UNHURRIED_S),
        ("none is ever asked for", 10.0, math.inf, UNHURRIED_S),
        ("the same moment behind one that came later", 10.16, math.inf, 0.24 + AFTER_S),
        ("it is here", 10.0, 10.01, 0.0),
    ],
)
def test_where_it_is_known_what_is_asked_for_others_wait_together(
    label: str, t_s: float, next_s: float, rested_s: float
) -> None:
    assert rest_s(t_s, 5.0, t_s + 0.1, 0.1, next_s=next_s) == pytest.approx(rested_s, abs=1e-3), label


def test_packets_read_together_are_slept_for_once() -> None:
    woke_s = 10.4 + 0.1 + AFTER_S
    behind = [rest_s(10.04 + 0.04 * number, 5.0, woke_s, 0.1, next_s=math.inf) for number in range(10)]
    assert behind[:9] == [0.0] * 9 and behind[9] == pytest.approx(UNHURRIED_S, abs=1e-3)

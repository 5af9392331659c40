"""The frames that are analysed do not depend on where reading starts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sampling import SlotSampler

TIMES = st.lists(st.integers(0, 200_000), min_size=1, max_size=80, unique=True).map(sorted)


def picked(times_s: list[float], rate_hz: float, *, last_s: float | None = None) -> list[float]:
    sampler = SlotSampler(rate_hz, last_s=last_s)
    return [t_s for t_s in times_s if sampler.wants(t_s)]


@given(TIMES, st.sampled_from([0.2, 1.0, 3.0, 5.0, 10.0, 29.97]), st.data())
def test_a_run_resumed_behind_any_analysed_frame_picks_the_same_frames(
    ticks: list[int], rate_hz: float, data: st.DataObject
) -> None:
    times_s = [tick / 1000 for tick in ticks]
    whole = picked(times_s, rate_hz)
    number = data.draw(st.integers(0, len(whole) - 1))
    behind = [t_s for t_s in times_s if t_s > whole[number]]
    assert picked(behind, rate_hz, last_s=whole[number]) == whole[number + 1 :]


@given(TIMES, st.sampled_from([0.2, 1.0, 5.0, 29.97]))
def test_every_slot_with_a_frame_gives_its_first(ticks: list[int], rate_hz: float) -> None:
    times_s = [tick / 1000 for tick in ticks]
    whole = picked(times_s, rate_hz)
    assert whole[0] == times_s[0]
    slots = [int((t_s + 1e-6) * rate_hz) for t_s in times_s]
    assert whole == [t_s for i, t_s in enumerate(times_s) if slots[i] not in slots[:i]]


CASES = {
    "25 frames a second at 5": ([i / 25 for i in range(50)], 5.0, [i / 5 for i in range(10)]),
    "slower than asked: all": ([0.0, 1.0, 2.0, 3.0], 5.0, [0.0, 1.0, 2.0, 3.0]),
    "29.97 at 5": ([i * 1001 / 30000 for i in range(61)], 5.0, None),
    "after a gap": ([0.0, 0.04, 10.0, 10.04, 10.2], 5.0, [0.0, 10.0, 10.2]),
}


@pytest.mark.parametrize("label", CASES)
def test_rates(label: str) -> None:
    times_s, rate_hz, expected = CASES[label]
    got = picked(times_s, rate_hz)
    if expected is not None:
        assert got == expected
    assert len(got) <= int(times_s[-1] * rate_hz + 1e-6) + 1

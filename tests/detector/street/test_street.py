"""A street full of lawful users, badly seen: nobody is accused; one who breaks a rule among them is, once."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detector.types import ViolationKind
from tests.detector.street.acts import ACTS, act
from tests.detector.street.camera import Failings
from tests.detector.street.stress import belongs, finals, told
from tests.detector.street.traffic import lawful, times

FAILINGS = st.builds(
    Failings,
    fps=st.sampled_from([1.0, 2.0, 5.0, 10.0]),
    time_jitter_s=st.floats(0, 0.03),
    jitter_sizes=st.floats(0.01, 0.06),
    missed=st.floats(0, 0.15),
    bursts_hz=st.floats(0, 0.2),
    flipped=st.floats(0, 0.12),
    melted=st.floats(0, 0.5),
    false_boxes=st.floats(0, 0.6),
    sway_px=st.floats(0, 5),
)


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(100, 10_000), failings=FAILINGS, metres=st.booleans(), busy=st.floats(0.3, 1.2))
def test_nobody_lawful_is_accused_however_badly_the_street_is_seen(seed, failings, metres, busy):
    assert told(finals(lawful(seed, 30.0, busy=busy), failings, seed, metres=metres)) == ""


@pytest.mark.parametrize("kind", ACTS, ids=[kind.value for kind in ACTS])
def test_one_offender_among_lawful_users_is_told_once(kind: ViolationKind):
    offender = act(kind, times(60.0), 5)
    events = finals([*lawful(5, 60.0, busy=0.6), offender], Failings(bursts_hz=0.0, melted=0.1), 5)
    assert [event.finding.kind for event in events] == [kind], told(events)
    assert belongs(events[0], offender)

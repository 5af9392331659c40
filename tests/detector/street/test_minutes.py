"""Five minutes at a kerb, trucks stopping before it, looks missed and becoming rare: one act, dated right."""

import pytest

from detector.types import ObjectClass, ViolationKind
from tests.detector.street.minutes import SINCE_S, finals
from tests.detector.street.stress import belongs, told


@pytest.mark.parametrize(("kind", "seed"), [(ObjectClass.CAR, 0), (ObjectClass.MOTORCYCLE, 1)])
def test_minutes_at_a_kerb_are_one_act_from_its_start_to_its_end(kind: ObjectClass, seed: int):
    offender, until_s, events = finals(kind, 5.0, seed)
    assert [event.finding.kind for event in events] == [ViolationKind.ILLEGAL_PARKING], told(events)
    assert belongs(events[0], offender)
    assert events[0].finding.t_start_s == pytest.approx(SINCE_S, abs=2.0)
    assert events[0].finding.t_end_s == pytest.approx(until_s, abs=2.5)

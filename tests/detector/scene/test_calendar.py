"""When a zone binds."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from detector.scene import CalendarEntry, InForce
from detector.scene.calendar import in_force, is_holiday

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = CalendarEntry.model_validate({"days": ["mon", "tue", "wed", "thu", "fri"], "from": "06:00", "to": "22:00"})
NIGHT = CalendarEntry.model_validate({"days": ["sat"], "from": "22:00", "to": "05:00"})


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=HANOI).astimezone(UTC)


MOMENTS = [
    ("first minute", DAY, "2026-11-23T06:00:00", True),
    ("a second before", DAY, "2026-11-23T05:59:59", False),
    ("last second", DAY, "2026-11-23T21:59:59", True),
    ("the end is open", DAY, "2026-11-23T22:00:00", False),
    ("another weekday", DAY, "2026-11-22T12:00:00", False),
    ("night begins", NIGHT, "2026-11-21T22:00:00", True),
    ("night belongs to the day it starts on", NIGHT, "2026-11-22T04:59:59", True),
    ("and not to the morning before", NIGHT, "2026-11-21T04:00:00", False),
]


@pytest.mark.parametrize(("entry", "moment", "binds"), [row[1:] for row in MOMENTS], ids=[row[0] for row in MOMENTS])
def test_an_entry_binds_in_local_wall_time(entry, moment, binds):
    assert in_force((entry,), local(moment), HANOI) is (InForce.YES if binds else InForce.NO)


def test_without_a_calendar_a_zone_always_binds_and_without_a_time_nobody_knows():
    assert in_force(None, None, HANOI) is InForce.YES
    assert in_force((DAY,), None, HANOI) is InForce.UNKNOWN


HOLIDAYS = [("included", True, True), ("excluded", False, True), ("only", True, False)]


@pytest.mark.parametrize(("mode", "national_day", "monday"), HOLIDAYS)
def test_public_holidays(mode, national_day, monday):
    entry = CalendarEntry.model_validate({"holidays": mode})
    days = local("2026-09-02T12:00:00"), local("2026-11-23T12:00:00")
    assert [in_force((entry,), day, HANOI) is InForce.YES for day in days] == [national_day, monday]


def test_lunar_feasts_are_holidays():
    assert is_holiday(date(2026, 2, 17)), "the first day of the year of the horse"
    assert not is_holiday(date(2026, 3, 17))


def test_an_entry_may_be_valid_for_a_time_only():
    entry = CalendarEntry.model_validate({"valid_from": "2026-11-01", "valid_to": "2026-11-30"})
    answers = [in_force((entry,), local(f"2026-{month}-15T12:00:00"), HANOI) for month in (10, 11, 12)]
    assert answers == [InForce.NO, InForce.YES, InForce.NO]


def test_an_unquoted_time_that_yaml_reads_as_a_number_is_understood():
    assert CalendarEntry.model_validate({"from": 360, "to": 1320}) == CalendarEntry.model_validate(
        {"from": "06:00", "to": "22:00"}
    )

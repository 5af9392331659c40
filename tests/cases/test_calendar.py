"""Days as the law counts them: Tết, Giỗ Tổ, swapped days, months of unequal length, the end of the day in Hanoi."""

from datetime import UTC, date, datetime

import pytest

from cases.calendar import HANOI, WorkCalendar
from cases.lifecycle import Count

CALENDAR = WorkCalendar()


@pytest.mark.parametrize(
    ("label", "day", "worked"),
    [
        ("a Friday", date(2026, 11, 20), True),
        ("a Saturday", date(2026, 11, 21), False),
        ("first day of Tết 2026", date(2026, 2, 17), False),
        ("first day of Tết 2025", date(2025, 1, 29), False),
        ("Hung Kings by the lunar calendar 2025", date(2025, 4, 7), False),
        ("Monday for Hung Kings on a Sunday 2026", date(2026, 4, 27), False),
        ("Reunification Day", date(2026, 4, 30), False),
        ("day off swapped with a Saturday", date(2026, 8, 31), False),
        ("that Saturday is worked", date(2026, 8, 22), True),
    ],
)
def test_worked_days(label: str, day: date, worked: bool) -> None:
    assert CALENDAR.is_worked(day) is worked


def test_decisions_of_the_year_are_added() -> None:
    calendar = WorkCalendar(days_off=[date(2026, 11, 20)], days_worked=[date(2026, 11, 21)])
    assert not calendar.is_worked(date(2026, 11, 20))
    assert calendar.is_worked(date(2026, 11, 21))
    assert CALENDAR.holiday(date(2026, 9, 2))
    assert CALENDAR.holiday(date(2026, 11, 20)) is None


@pytest.mark.parametrize(
    ("label", "start", "length", "count", "last_day"),
    [
        ("three working days over a week-end", datetime(2026, 11, 19, 9), 3, Count.WORKING_DAYS, date(2026, 11, 25)),
        ("three working days over Tết", datetime(2026, 2, 13, 9), 3, Count.WORKING_DAYS, date(2026, 2, 25)),
        ("ten days", datetime(2026, 11, 20, 23, 59), 10, Count.DAYS, date(2026, 11, 30)),
        ("a month from the 31st", datetime(2026, 1, 31, 9), 1, Count.MONTHS, date(2026, 2, 28)),
        ("a year from 29 February", datetime(2028, 2, 29, 9), 1, Count.YEARS, date(2029, 2, 28)),
        ("a year", datetime(2026, 11, 20, 0, 30), 1, Count.YEARS, date(2027, 11, 20)),
    ],
)
def test_limits_end_with_their_last_day_in_hanoi(
    label: str, start: datetime, length: int, count: Count, last_day: date
) -> None:
    end = CALENDAR.end_of(start.replace(tzinfo=HANOI).astimezone(UTC), length=length, count=count)
    assert end.tzinfo is UTC
    ends = end.astimezone(HANOI)
    assert (ends.hour, ends.minute) == (0, 0)
    assert (ends.date() - last_day).days == 1

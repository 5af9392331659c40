"""Days as the law counts them: calendar days, months, and working days with Vietnam's holidays.

Lunar holidays, substituted days off and the Saturdays worked for them come from the `holidays` library, whose tables
follow the government's yearly decisions; a day decided later is added in the settings. All counting is by Hanoi's
calendar, and a limit ends when its last day ends.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from dateutil.relativedelta import relativedelta

from cases.lifecycle import Count

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


@cache
def _vietnam() -> holidays.HolidayBase:
    return holidays.country_holidays("VN")


class WorkCalendar:
    """Which days are worked; `days_off` and `days_worked` add what the library does not know yet."""

    def __init__(self, *, days_off: Iterable[date] = (), days_worked: Iterable[date] = ()) -> None:
        self._off, self._worked = frozenset(days_off), frozenset(days_worked)

    def is_worked(self, day: date) -> bool:
        """Whether offices work that day."""
        if day in self._worked:
            return True
        return day not in self._off and bool(_vietnam().is_working_day(day))

    def holiday(self, day: date) -> str | None:
        """The name of a holiday, None on other days."""
        return str(_vietnam()[day]) if day in _vietnam() else None

    def end_of(self, start: datetime, *, length: int, count: Count) -> datetime:
        """When a limit begun at `start` ends: with its last day in Hanoi, in UTC; the first day is not counted."""
        day = start.astimezone(HANOI).date()
        if count is Count.WORKING_DAYS:
            return _end(self._add_worked(day, length))
        steps = {Count.DAYS: "days", Count.MONTHS: "months", Count.YEARS: "years"}
        return _end(day + relativedelta(**{steps[count]: length}))

    def _add_worked(self, day: date, length: int) -> date:
        while length > 0:
            day += timedelta(days=1)
            length -= self.is_worked(day)
        return day


def _end(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), HANOI).astimezone(UTC)

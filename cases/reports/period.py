"""Periods of a report: any days, the same days last year, and the days just before; and when reports are due.

City plans ask for both comparisons. The due days are those of the plans: units and wards report to the city police
before 10 November, the city police to the city before 30 November. Which months a yearly report covers is not written
in them; from 1 November to 31 October is this product's proposal.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from cases.faults import BadQueryError

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
LONGEST_DAYS = 3660
Side = Literal["now", "last_year", "before"]
SIDES: tuple[Side, ...] = ("now", "last_year", "before")


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days in Hanoi, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def from_at(self) -> datetime:
        """Its beginning, UTC."""
        return datetime.combine(self.first, time.min, HANOI).astimezone(UTC)

    @property
    def to_at(self) -> datetime:
        """The moment after its end, UTC."""
        return datetime.combine(self.last + timedelta(days=1), time.min, HANOI).astimezone(UTC)

    def beside(self) -> dict[Side, "Period"]:
        """The period itself, the same days last year, and as many days just before it."""
        before = Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))
        return {"now": self, "last_year": Period(_year_ago(self.first), _year_ago(self.last)), "before": before}


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One report that is due."""

    code: str
    vi: str
    en: str
    on: date
    days_left: int
    proposed: Period


_DUTIES = (
    ("wards", "Đơn vị, công an xã phường báo cáo Công an Thành phố", "Units and wards to the city police", 10),
    ("city", "Công an Thành phố báo cáo UBND Thành phố, Bộ Công an", "City police to the city and the ministry", 30),
)


def period_of(first: date, last: date) -> Period:
    """A period of a report.

    Raises:
        BadQueryError: it ends before it begins, or is longer than ten years.
    """
    if last < first or first.year < 2000 or last.year > 2200:
        raise BadQueryError(
            f"period {first} to {last}: expected a first day and a last day not before it, from 2000 on",
            why="period",
            typed=f"{first} – {last}",
        )
    if (last - first).days >= LONGEST_DAYS:
        raise BadQueryError(
            f"period {first} to {last}: at most ten years", why="period_long", typed=f"{first} – {last}"
        )
    return Period(first, last)


def due_reports(today: date) -> list[Due]:
    """The next time each yearly report is due."""
    found = []
    for code, vi, en, day in _DUTIES:
        on = date(today.year, 11, day)
        if on < today:
            on = date(today.year + 1, 11, day)
        proposed = Period(date(on.year - 1, 11, 1), date(on.year, 10, 31))
        found.append(Due(code=code, vi=vi, en=en, on=on, days_left=(on - today).days, proposed=proposed))
    return found


def _year_ago(day: date) -> date:
    """The same day last year; 28 February for 29 February."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)

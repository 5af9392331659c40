"""When a zone binds: weekdays, hours, Vietnamese public holidays, dated validity.

An entry says when it is in force; a zone without entries is always in force. Local wall time of the camera
decides. Hours that run past midnight (`from: "22:00", to: "05:00"`) belong to the day they start on.
"""

from datetime import date, datetime, timedelta
from enum import Enum
from functools import lru_cache
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import holidays
from pydantic import BeforeValidator, Field, model_validator

from detector.scene.fault import fault
from detector.scene.model import SceneModel

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class InForce(Enum):
    """Whether a zone binds at a moment."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    """Nothing puts the source on the calendar and the zone has one: treated as in force, and the case says so."""


def _minutes(value: Any) -> Any:
    """`HH:MM` to minutes since midnight; YAML 1.1 reads an unquoted 06:00 as the number 360."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        hours, _, minutes = value.partition(":")
        if hours.isdigit() and minutes.isdigit() and len(minutes) == 2 and int(minutes) < 60:
            return int(hours) * 60 + int(minutes)
    raise fault(
        "time_of_day", f'expected a time "HH:MM" between "00:00" and "24:00", got {value!r}', value=str(value)[:20]
    )


Minutes = Annotated[int, BeforeValidator(_minutes), Field(ge=0, le=24 * 60)]


class CalendarEntry(SceneModel):
    """One stretch of the week in which the zone binds."""

    days: tuple[Day, ...] = Field(DAYS, min_length=1)
    from_min: Minutes = Field(0, alias="from")
    to_min: Minutes = Field(24 * 60, alias="to")
    holidays: Literal["included", "excluded", "only"] = "included"
    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> "CalendarEntry":
        if self.from_min == self.to_min:
            raise fault(
                "never_in_force",
                '"from" equals "to", so the entry is never in force; write "00:00" to "24:00" for a whole day',
            )
        if self.valid_from and self.valid_to and self.valid_from > self.valid_to:
            told = f"valid_from {self.valid_from} is after valid_to {self.valid_to}"
            raise fault("days_reversed", told, first=self.valid_from, last=self.valid_to)
        return self

    def covers(self, local: datetime) -> bool:
        """Whether the entry is in force at a local wall time."""
        minute = local.hour * 60 + local.minute + local.second / 60
        if self.from_min < self.to_min:
            return self.from_min <= minute < self.to_min and self._on(local.date())
        if minute >= self.from_min:
            return self._on(local.date())
        return minute < self.to_min and self._on(local.date() - timedelta(days=1))

    def _on(self, day: date) -> bool:
        if (self.valid_from and day < self.valid_from) or (self.valid_to and day > self.valid_to):
            return False
        if DAYS[day.weekday()] not in self.days:
            return False
        return self.holidays == "included" or is_holiday(day) == (self.holidays == "only")


Calendar = Annotated[tuple[CalendarEntry, ...], Field(min_length=1)]


def in_force(calendar: tuple[CalendarEntry, ...] | None, at: datetime | None, zone: ZoneInfo) -> InForce:
    """Whether a calendar binds at a UTC moment; None calendar = always, None moment = unknown."""
    if calendar is None:
        return InForce.YES
    if at is None:
        return InForce.UNKNOWN
    local = at.astimezone(zone)
    return InForce.YES if any(entry.covers(local) for entry in calendar) else InForce.NO


def is_holiday(day: date) -> bool:
    """Whether a day is a public holiday of Viet Nam (library `holidays`, lunar feasts included)."""
    return day in _holidays_of(day.year)


@lru_cache(maxsize=8)
def _holidays_of(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("VN", years=year))

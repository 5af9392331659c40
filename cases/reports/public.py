"""What the public may see: counts only, of whole months that are over, with small counts withheld.

A count from 1 to 4 could point at a person, so it is withheld; where only one value of a dimension is withheld, the
next smallest is too, or the total would give it away. No plates, no cameras, no places finer than a ward; months as
a whole, so that shifting a period by a day tells nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session, sessionmaker

from cases.faults import BadQueryError
from cases.reports.figures import Triple, count
from cases.reports.period import Period

LEAST = 5
MOST_MONTHS = 24
SHOWN = ("ward", "kind", "outcome")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicFigures:
    """Counts by dimension and value; None where a count is withheld. `total` is None where it is small itself."""

    period: Period
    total: int | None
    by: dict[str, dict[str, int | None]]


def public_period(first_month: date, last_month: date, *, today: date) -> Period:
    """Whole months that are over.

    Raises:
        BadQueryError: a month is not over, the order is wrong, or there are too many.
    """
    first, following = first_month.replace(day=1), _next_month(last_month)
    months = (following.year - first.year) * 12 + following.month - first.month
    if not 1 <= months <= MOST_MONTHS or following > today.replace(day=1) or first.year < 2000:
        raise BadQueryError(
            f"months {first:%Y-%m} to {last_month:%Y-%m}: expected 1 to {MOST_MONTHS} whole months, the last one over",
            why="months",
            typed=f"{first:%m/%Y} – {last_month:%m/%Y}",
            allowed=[MOST_MONTHS],
        )
    return Period(first, following - timedelta(days=1))


def public_figures(sessions: sessionmaker[Session], period: Period) -> PublicFigures:
    """The aggregates of a period; the period comes from `public_period`."""
    found = count(sessions, period=period)
    total = found.total["now"]
    return PublicFigures(
        period=period,
        total=total if total == 0 or total >= LEAST else None,
        by={name: withheld(found.by[name]) for name in SHOWN},
    )


def withheld(counts: Mapping[str, Triple]) -> dict[str, int | None]:
    """Counts of this period, small ones withheld so that they cannot be told from the others and the total."""
    now = {value: triple["now"] for value, triple in counts.items() if triple["now"] > 0}
    hidden = {value for value, number in now.items() if number < LEAST}
    if len(hidden) == 1:
        rest = sorted((number, value) for value, number in now.items() if value not in hidden)
        hidden |= {rest[0][1]} if rest else set()
    return {value: None if value in hidden else number for value, number in sorted(now.items())}


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)

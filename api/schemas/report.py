"""Reports, campaigns and what the public may see."""

from datetime import date, datetime
from typing import Literal, Self

from pydantic import ConfigDict, Field

from api.schemas.base import In, Out
from cases.records import Campaign
from cases.reports.figures import Figures, Triple, change_percent
from cases.reports.period import Due, Period
from cases.reports.public import PublicFigures


class ReportQuery(In):
    """Which days, both included; or the days of a saved campaign."""

    first: date | None = None
    last: date | None = None
    campaign: str | None = Field(None, max_length=100)


class ReportFileQuery(ReportQuery):
    """The same, and in which form."""

    form: Literal["csv", "xlsx", "pdf"] = "xlsx"


class PeriodOut(Out):
    """Whole days in Hanoi, both included."""

    first: date
    last: date

    @classmethod
    def of(cls, period: Period) -> Self:
        """From a period."""
        return cls(first=period.first, last=period.last)


class CountOut(Out):
    """One count beside two others; changes in percent, null where there was nothing to compare with."""

    value: str
    now: int
    last_year: int
    before: int
    change_last_year: float | None
    change_before: float | None

    @classmethod
    def of(cls, value: str, counts: Triple) -> Self:
        """From counts."""
        now, year, before = counts["now"], counts["last_year"], counts["before"]
        return cls(
            value=value,
            now=now,
            last_year=year,
            before=before,
            change_last_year=change_percent(now, year),
            change_before=change_percent(now, before),
        )


class RepeatOut(Out):
    """A plate with several notices in the period."""

    plate: str = Field(description="letters and digits only")
    plate_shown: str = Field(description="as papers print it")
    cases: int


class ReportOut(Out):
    """A report: the period beside the same days last year and the days just before."""

    now: PeriodOut
    last_year: PeriodOut
    before: PeriodOut
    total: CountOut
    by: dict[str, list[CountOut]] = Field(description="kind, outcome, ward, street, camera; most first")
    reports: CountOut
    reports_handled: CountOut
    repeats: list[RepeatOut] = Field(description="plates with at least two notices; for commanders and auditors only")

    @classmethod
    def of(cls, found: Figures, *, with_plates: bool) -> Self:
        """From figures."""
        by = {
            name: [CountOut.of(value, counts) for value, counts in sorted(values.items(), key=_most_first)]
            for name, values in found.by.items()
        }
        return cls(
            **{side: PeriodOut.of(period) for side, period in found.periods.items()},
            total=CountOut.of("total", found.total),
            by=by,
            reports=CountOut.of("received", found.reports),
            reports_handled=CountOut.of("handled", found.reports_handled),
            repeats=[RepeatOut(plate=r.plate, plate_shown=r.plate_shown, cases=r.cases) for r in found.repeats]
            if with_plates
            else [],
        )


class DueReportOut(Out):
    """The next time a yearly report is due; the proposed period is this product's, not the plan's."""

    code: str
    vi: str
    en: str
    on: date
    days_left: int
    proposed: PeriodOut

    @classmethod
    def of(cls, due: Due) -> Self:
        """From a due date."""
        return cls(
            code=due.code, vi=due.vi, en=due.en, on=due.on, days_left=due.days_left, proposed=PeriodOut.of(due.proposed)
        )


class CampaignIn(In):
    """A campaign's name and days, both included."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Cao điểm Tết", "first": "2027-01-15", "last": "2027-02-20"}]}
    )

    name: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f/]*[^\x00-\x1f\x7f/.][^\x00-\x1f\x7f/]*$")
    first: date
    last: date


class CampaignOut(Out):
    """A saved campaign."""

    name: str
    first: date
    last: date
    created_by: str
    created_at: datetime

    @classmethod
    def of(cls, row: Campaign) -> Self:
        """From a record."""
        return cls(
            name=row.name, first=row.first_day, last=row.last_day, created_by=row.created_by, created_at=row.created_at
        )


class PublicOut(Out):
    """Counts the public may see; null where a count is withheld because it is small."""

    first: date
    last: date
    least_shown: int
    total: int | None
    by: dict[str, dict[str, int | None]]

    @classmethod
    def of(cls, found: PublicFigures, *, least: int) -> Self:
        """From figures."""
        return cls(first=found.period.first, last=found.period.last, least_shown=least, total=found.total, by=found.by)


def _most_first(item: tuple[str, Triple]) -> tuple[int, str]:
    return -item[1]["now"], item[0]

"""Rows of the law table and the table a new installation starts with (`offences.toml`).

Amounts are whole đồng. A row holds from its first day to its last, both included; an act is judged by the rows
in force on the day it happened. Certainty: F instrument, F2 secondary document, R recalled, U uncertain, I reading.
"""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from detector.scene.fault import FaultsError, fault, faults
from detector.types import ConfigError, ViolationKind

SEED = Path(__file__).with_name("offences.toml")
Certainty = Literal["F", "F2", "R", "U", "I"]
Unit = Literal["commune", "commune_committee", "city"]
Amount = Annotated[int, Field(ge=0, le=2_000_000_000)]
Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{1,63}$")]


class Row(BaseModel):
    """What all rows share."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Text(Row):
    """Wording in Vietnamese and English."""

    vi: str = Field(min_length=1, max_length=1000)
    en: str = Field(min_length=1, max_length=1000)


class Remedy(Text):
    """A remedial measure."""

    certainty: Certainty


class Offence(Row):
    """One act of one decree, for the vehicles it binds, as long as it was worded so.

    Attributes:
        kinds: the detections it may answer to.
        vehicles: whom it binds; empty means whoever, with or without a vehicle.
        when: facts of the scene it asks for, each with the values that fit.
        default: proposed by itself; the others are offered to the officer only.
        points: taken from the licence once the decision is in force.
    """

    id: Code
    article: int = Field(ge=1, le=999)
    clause: int = Field(ge=1, le=99)
    point: str = Field("", max_length=2)
    decree: str = Field(min_length=1, max_length=200)
    kinds: tuple[ViolationKind, ...] = Field(min_length=1)
    vehicles: tuple[str, ...] = ()
    when: dict[str, tuple[bool | str, ...]] = {}
    default: bool = True
    act: Text
    person_vnd: tuple[Amount, Amount]
    organisation_vnd: tuple[Amount, Amount] | None = None
    individuals_only: bool = False
    points: int = Field(0, ge=0, le=12)
    remedies: tuple[Code, ...] = ()
    time_bar_years: int = Field(1, ge=1, le=5)
    from_: date = Field(alias="from")
    to: date | None = None
    certainty: Certainty
    note: str = Field("", max_length=1000)

    @property
    def number(self) -> str:
        """Article, clause and point as lists of powers write them, e.g. `6.9.d`."""
        return ".".join(str(part) for part in (self.article, self.clause, self.point) if part)

    @property
    def provision(self) -> str:
        """As a document cites it."""
        point = f"điểm {self.point} " if self.point else ""
        return f"{point}khoản {self.clause} Điều {self.article} Nghị định {self.decree}"

    def in_force(self, on: date) -> bool:
        """Whether it judges acts of that day."""
        return self.from_ <= on and (self.to is None or on <= self.to)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for name, bounds in (("person_vnd", self.person_vnd), ("organisation_vnd", self.organisation_vnd)):
            if bounds is not None and bounds[0] > bounds[1]:
                told = f"{name} {list(bounds)}: the lower end comes first"
                raise fault("range_reversed", told, place=name, low=bounds[0], high=bounds[1])
        if self.to is not None and self.to < self.from_:
            told = f"to {self.to}: lies before from {self.from_}"
            raise fault("days_reversed", told, place="to", first=self.from_, last=self.to)
        return self


class Title(Row):
    """An office that signs: up to which amount, and which provisions if not all."""

    code: Code
    vi: str
    en: str
    unit: Unit
    limit_vnd: Amount
    clauses: tuple[str, ...] | None = None
    certainty: Certainty
    note: str = ""

    def may_sign(self, offence: Offence, *, organisation: bool) -> bool:
        """By the upper end of the range, as powers are counted; twice the limit for organisations."""
        top = offence.person_vnd[1]
        if organisation and offence.organisation_vnd:
            top = (offence.organisation_vnd[1] + 1) // 2
        wider = (offence.number, f"{offence.article}.{offence.clause}")
        listed = self.clauses is None or not set(wider).isdisjoint(self.clauses)
        return listed and top <= self.limit_vnd


class OrganisationRule(Row):
    """How many times an individual's range where an offence has none for organisations."""

    factor: int = Field(ge=1, le=10)
    certainty: Certainty


class LawTable(Row):
    """All rows, lowest signing power first."""

    version: str
    organisation: OrganisationRule
    remedies: dict[Code, Remedy]
    title: tuple[Title, ...]
    offence: tuple[Offence, ...]

    def find(self, offence_id: str) -> Offence | None:
        """The row of an id."""
        return next((row for row in self.offence if row.id == offence_id), None)

    def title_of(self, code: str | None) -> Title | None:
        """The office of a code."""
        return next((title for title in self.title if title.code == code), None)

    def range_vnd(self, offence: Offence, *, organisation: bool) -> tuple[int, int] | None:
        """Lower and upper end; None when the offence binds individuals only."""
        if not organisation:
            return offence.person_vnd
        if offence.individuals_only:
            return None
        factor = self.organisation.factor
        return offence.organisation_vnd or (offence.person_vnd[0] * factor, offence.person_vnd[1] * factor)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        ids = [row.id for row in self.offence]
        twice = {name for name in ids if ids.count(name) > 1}
        unknown = {name for row in self.offence for name in row.remedies} - set(self.remedies)
        if twice or unknown:
            told = f"ids given twice: {sorted(twice)}; remedies without words: {sorted(unknown)}"
            raise fault("law_table_ids", told, twice=sorted(twice), unknown=sorted(unknown))
        return self


def read_table(path: Path) -> LawTable:
    """A table from a TOML file.

    Raises:
        ConfigError: not readable, or a row is wrong; names the file, field and value.
    """
    try:
        return LawTable.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: not readable as TOML: {error}") from error
    except ValidationError as error:
        raise FaultsError(faults(error.errors(include_url=False), file=str(path))) from error


@cache
def seed_table() -> LawTable:
    """The table a new installation starts with."""
    return read_table(SEED)

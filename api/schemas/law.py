"""The law table: offences, offices that sign, changes, and the stamp a case carries."""

from datetime import date, datetime
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field

from api.catalogue import WordOut
from api.schemas.base import In, Out
from cases.canonical import sha256_of
from cases.law import LawTable, Offence, signers_of
from cases.law.consequences import Consequences, WarningCode
from cases.records import LawChange
from detector.types import ViolationKind

OFFENCE_EXAMPLE: dict[str, Any] = {
    "id": "nd168-6-9-d",
    "article": 6,
    "clause": 9,
    "point": "d",
    "decree": "168/2024/NĐ-CP",
    "kinds": ["wrong_way"],
    "vehicles": ["car", "bus", "truck"],
    "when": {"one_way_street": [True]},
    "default": True,
    "act": {"vi": "Đi ngược chiều của đường một chiều", "en": "Against a one-way street"},
    "person_vnd": [18_000_000, 20_000_000],
    "points": 4,
    "remedies": [],
    "from": "2025-01-01",
    "certainty": "F",
}
STAMP_EXAMPLE: dict[str, Any] = {
    "id": "nd168-7-7-a-wrong-way",
    "number": "7.7.a",
    "provision": "điểm a khoản 7 Điều 7 Nghị định 168/2024/NĐ-CP",
    "act": {"vi": "Đi ngược chiều của đường một chiều", "en": "Against a one-way street"},
    "decree": "168/2024/NĐ-CP",
    "subject": "person",
    "range_vnd": [4_000_000, 6_000_000],
    "amount_vnd": 5_000_000,
    "points": 2,
    "remedies": [],
    "signers": ["soldier", "station_chief", "commune_chair", "division_head", "city_director"],
    "time_bar_years": 1,
    "from": "2025-01-01",
    "to": None,
    "certainty": "F",
    "by_facts": True,
    "table_version": "2026-11-22",
}
Mark = Literal["F", "F2", "R", "U", "I"]
_BROUGHT = ("organisation_vnd", "organisation_before_vnd", "organisation_own", "warnings")


class StampOut(Out):
    """The law applied to a case, as it stood when it was applied; `by_facts`: the scene chose the clause."""

    model_config = ConfigDict(populate_by_name=True, json_schema_extra={"examples": [STAMP_EXAMPLE]})

    id: str
    number: str
    provision: str
    act: WordOut
    decree: str
    subject: Literal["person", "organisation"]
    range_vnd: tuple[int, int]
    amount_vnd: int
    points: int
    remedies: list[dict[str, str]]
    signers: list[str]
    time_bar_years: int
    from_: date = Field(alias="from")
    to: date | None
    certainty: Mark
    by_facts: bool
    table_version: str


class OffenceOut(Out):
    """One row of the law table; ranges in đồng, `organisation_vnd` null where it binds individuals only."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    number: str
    provision: str
    article: int
    clause: int
    point: str
    decree: str
    kinds: list[ViolationKind]
    vehicles: list[str]
    when: dict[str, list[bool | str]]
    default: bool
    act: WordOut
    person_vnd: tuple[int, int]
    organisation_vnd: tuple[int, int] | None
    organisation_certainty: Mark
    organisation_own: bool = Field(description="the row states the range for organisations; else it is worked out")
    individuals_only: bool
    points: int
    remedies: list[str]
    signers: list[str]
    time_bar_years: int
    from_: date = Field(alias="from")
    to: date | None
    certainty: Mark
    note: str

    @classmethod
    def of(cls, table: LawTable, row: Offence) -> Self:
        """From a row."""
        own = row.organisation_vnd is not None or row.individuals_only
        return cls.model_validate(
            {
                **row.model_dump(by_alias=True),
                "number": row.number,
                "provision": row.provision,
                "organisation_vnd": table.range_vnd(row, organisation=True),
                "organisation_own": row.organisation_vnd is not None,
                "organisation_certainty": row.certainty if own else table.organisation.certainty,
                "signers": [title.code for title in signers_of(table, row)],
            }
        )


class TitleOut(WordOut):
    """An office that signs: its limit for individuals, the provisions it may sign (null: all)."""

    code: str
    unit: str
    limit_vnd: int
    clauses: list[str] | None
    certainty: Mark


class RemedyOut(WordOut):
    """A remedial measure."""

    certainty: Mark


class LawOut(Out):
    """The law table in force, or on a day."""

    version: str
    offences: list[OffenceOut]
    titles: list[TitleOut]
    remedies: dict[str, RemedyOut]


class ChoicesOut(Out):
    """What an officer may choose for a case: the clause applied now and the others for this act on its day."""

    applied: StampOut | None
    offences: list[OffenceOut]


class ChangeIn(In):
    """A row to add, or to replace by its id; `source` names the instrument it rests on."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"offence": OFFENCE_EXAMPLE, "source": "Nghị định 999/2027/NĐ-CP Điều 3"}]}
    )

    offence: dict[str, Any]
    source: str = Field(min_length=3, max_length=1000)


class ChangeDecisionIn(In):
    """Approve or refuse a change; approving takes another administrator than the one who proposed it.

    `before_sha256`, as read with the change, makes an approval fail with 409 once another row stands in that place.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"approve": True, "note": "Đã đối chiếu bản gốc."}]})

    approve: bool
    note: str = Field("", max_length=1000)
    before_sha256: str | None = Field(None, pattern="^[0-9a-f]{64}$")


class LawWarningOut(Out):
    """What to look at before approving; words: `law_warnings` of the catalogue, filled with the rest."""

    model_config = ConfigDict(from_attributes=True)

    code: WarningCode
    day: date = Field(description="the row's first day; of an unfit row the day it was proposed")
    cases: int = Field(description="decisions that stand; 0 where none are counted")


class ChangeOut(Out):
    """A proposed, approved or refused change."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    offence_id: str
    content: dict[str, Any]
    before: dict[str, Any] | None = Field(description="the row whose place it takes or took; null where the id is new")
    before_sha256: str = Field(description="of `before`, also where that is null")
    source: str
    status: Literal["proposed", "approved", "refused"]
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision_note: str
    organisation_vnd: tuple[int, int] | None = Field(
        description="the range it gives for organisations, stated or worked out; null: individuals only, or unfit"
    )
    organisation_before_vnd: tuple[int, int] | None = Field(description="the same of `before`; null where that is")
    organisation_own: bool = Field(description="the row states that range; else it is worked out")
    warnings: list[LawWarningOut] = Field(description="to be looked at before approving; `unfit` alone once decided")

    @classmethod
    def of(cls, change: LawChange, *, before: dict[str, Any] | None, brings: Consequences) -> Self:
        """From a record, the row it replaces and what it brings."""
        own = {"before", "before_sha256", *_BROUGHT}
        told = {name: getattr(change, name) for name in cls.model_fields if name not in own}
        told |= {name: getattr(brings, name) for name in _BROUGHT}
        return cls.model_validate({**told, "before": before, "before_sha256": sha256_of(before)})

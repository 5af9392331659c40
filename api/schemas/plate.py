"""Plates: what was read, what officers said, and looking for one."""

from datetime import datetime
from typing import Any, Self

from pydantic import ConfigDict, Field

from api.schemas.base import In, Out
from cases.lifecycle import State
from cases.plate_words import Said
from cases.plates import CasePlate, PlateHit
from detector.types import ViolationKind


class PlateWordOut(Out):
    """One officer's word on a plate."""

    model_config = ConfigDict(from_attributes=True)

    seq: int
    said: Said
    text: str
    note: str
    actor: str
    at: datetime


class PlateOut(Out):
    """The plate of a case as it stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "text": "29E112345",
                    "shown": "29-E1 123.45",
                    "established": False,
                    "valid": True,
                    "seq": 0,
                    "read": {"text": "29E112345", "confidence": 0.97, "rows": 2, "colour": "white", "sure": True},
                    "words": [],
                }
            ]
        }
    )

    text: str = Field(description="letters and digits only; empty where it is not established and nothing was read")
    shown: str = Field(description="as people write it, e.g. 30F-256.58")
    established: bool = Field(description="an officer confirmed or corrected it; a machine's reading alone is none")
    valid: bool = Field(description="it fits a form of Vietnamese plates")
    seq: int = Field(description="what a further word has to name, 0 before the first")
    read: dict[str, Any] = Field(description="the machine's reading: text, confidence, rows, colour, candidates, sure")
    words: list[PlateWordOut] = Field(description="what officers said, oldest first")

    @classmethod
    def of(cls, plate: CasePlate) -> Self:
        """From the service's answer."""
        return cls(
            text=plate.text,
            shown=plate.shown,
            established=plate.established,
            valid=plate.valid,
            seq=plate.seq,
            read=plate.read,
            words=[PlateWordOut.model_validate(word) for word in plate.words],
        )


class PlateIn(In):
    """An officer's word; an empty text calls the plate unreadable and needs a note."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "29-E1 123.45", "seq": 0}]})

    text: str = Field(max_length=24)
    seq: int = Field(ge=0, le=2**31 - 1, description="`seq` of the plate that was read")
    accepted_form: str | None = Field(
        None, max_length=24, description="the `form` a refusal (`plate_form`) told, sent back by who means it"
    )
    note: str = Field("", max_length=1000)


class PlateSearchIn(In):
    """A search: the whole plate, and why it is looked for."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "29-E1 123.45", "reason": "Hồ sơ PN-7K3M-Q2XD: kiểm tra tái phạm"}]}
    )

    text: str = Field(max_length=24)
    reason: str = Field(max_length=500, description="at least ten characters; it is kept in the ledger")


class PlateHitOut(Out):
    """A case that bears the plate."""

    case_id: str
    kind: ViolationKind
    state: State
    occurred_at: datetime | None
    camera_name: str
    ward: str
    established: bool = Field(description="False: the machine's reading alone")

    @classmethod
    def of(cls, hit: PlateHit) -> Self:
        """From the service's answer."""
        case = hit.case
        return cls(
            case_id=case.id,
            kind=case.kind,
            state=case.state,
            occurred_at=case.occurred_at,
            camera_name=case.camera_name,
            ward=case.ward,
            established=hit.established,
        )


class PlateHitsOut(Out):
    """What a search found, newest first."""

    found: list[PlateHitOut]

"""What all bodies share: requests refuse unknown fields, answers are immutable."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, field_validator

YEARS = range(1990, 2200)
"""Years that filters may name: at the ends of what a computer can count, a time has no other zone's counterpart."""


def _within_years(value: datetime) -> datetime:
    if value.year not in YEARS:
        raise ValueError(f"expected a year from {YEARS[0]} to {YEARS[-1]}")
    return value


Moment = Annotated[AwareDatetime, AfterValidator(_within_years)]
"""A point in time of a filter, with its zone."""


class In(BaseModel):
    """A request body or query; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_nul(cls, value: object) -> object:
        texts = value if isinstance(value, (list, tuple)) else (value,)
        if any(isinstance(text, str) and "\0" in text for text in texts):
            raise ValueError("holds a NUL character, which no text of ours has")
        return value


class Out(BaseModel):
    """A response."""

    model_config = ConfigDict(frozen=True)


class WordOut(Out):
    """One code in Vietnamese and English."""

    vi: str
    en: str

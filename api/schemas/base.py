"""What all bodies share: requests refuse unknown fields, answers are immutable."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, field_validator

from detector.scene.fault import fault

FIRST_YEAR = 1990
END = datetime(2200, 1, 1, tzinfo=UTC)


def _countable(value: datetime) -> datetime:
    """Later than anything is the end of this calendar: the last day a computer can count has no other zone's name.

    Raises ValueError for a year before anything.
    """
    if value.year < FIRST_YEAR:
        raise fault("year", f"expected a year from {FIRST_YEAR} on", first=FIRST_YEAR)
    return value if value.year < END.year else END


PLAIN = r"^[^\x00-\x1f\x7f]*$"
"""What a name in an address holds: no control characters, of which PostgreSQL keeps some in no text."""
Moment = Annotated[AwareDatetime, AfterValidator(_countable)]
"""A point in time of a filter, with its zone."""


class In(BaseModel):
    """A request body or query; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_nul(cls, value: object) -> object:
        texts = value if isinstance(value, (list, tuple)) else (value,)
        if any(isinstance(text, str) and "\0" in text for text in texts):
            raise fault("odd_characters", "holds a NUL character, which no text of ours has")
        return value


class Out(BaseModel):
    """A response."""

    model_config = ConfigDict(frozen=True)

"""What all bodies share: requests refuse unknown fields, answers are immutable."""

from pydantic import BaseModel, ConfigDict


class In(BaseModel):
    """A request body or query; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Out(BaseModel):
    """A response."""

    model_config = ConfigDict(frozen=True)


class WordOut(Out):
    """One code in Vietnamese and English."""

    vi: str
    en: str

"""What all bodies share: requests refuse unknown fields, answers are immutable."""

from pydantic import BaseModel, ConfigDict, field_validator


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

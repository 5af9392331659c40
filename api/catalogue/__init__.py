"""All words of the console in Vietnamese and English, from the one file `words.toml` beside this."""

import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

Section = dict[str, dict[str, str]]


class WordOut(BaseModel):
    """One code in Vietnamese and English."""

    model_config = ConfigDict(frozen=True)

    vi: str
    en: str


@cache
def catalogue() -> dict[str, Section]:
    """Sections of codes, each with its `vi` and `en` text."""
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))

"""Faults of documents in words, Vietnamese first: field by field, with what was given, what fits, and the cure.

In: `detector.scene.fault.Fault`s of scenes, law rows and requests. Out: the place in the words that the pages use and
what is wrong there, in both languages; for the command line, lines.
"""

import re
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from api.catalogue import WordOut, catalogue
from detector.scene.fault import Fault

LANGUAGES = ("vi", "en")
LINES = {"polygon", "direction", "enter", "leave", "px", "m"}
"""Fields whose items are points."""
WRAPPINGS = {"body", "query", "path", "header", "cookie", "offence", "scene"}
"""What a request puts around the field."""
BRANCHES = {"bool", "str", "int", "float", "[key]", "constrained-str", "constrained-int"}
"""Ways to read one value that pydantic names at the end of a place."""
SECTIONS = {
    "kind": ("zones", "kinds"),
    "kinds": ("kinds",),
    "days": ("days",),
    "source": ("sources",),
    "classes": ("vehicles",),
    "vehicles": ("vehicles",),
    "role": ("roles",),
    "zones": ("zones",),
}
"""Fields whose values are codes of sections of the catalogue."""
KINDS_OF_TYPES = {
    "number": r"(float|decimal|complex)_(type|parsing)|finite_number",
    "whole_number": r"int_(type|parsing|parsing_size|from_float)",
    "yes_no": r"bool_(type|parsing)",
    "text": r"string_(type|unicode|sub_type|not_ascii)|bytes_type",
    "list": r"(list|tuple|set|frozen_set|iterable|iteration)_(type|error)|set_item_not_hashable",
    "mapping": r"(dict|mapping|model|dataclass|arguments)_(type|attributes_type|exact_type)|model_attributes_type",
    "day": r"date_(type|parsing|from_datetime_parsing|from_datetime_inexact)",
    "moment": r"(datetime_(type|parsing|from_date_parsing|object_invalid)|timezone_(naive|aware|offset))",
    "base64": r"base64_decode|bytes_invalid_encoding",
}
"""Words of the catalogue for the types of pydantic's errors that say the same to whoever wrote the document."""
_PART = re.compile(r"\[\d+\]|\[key\]|[^.\[\]]+")
_CHOICE = re.compile(r"'([^']*)'|(?<![\w'])(\d+)")


class FieldFaultOut(BaseModel):
    """What is wrong with one field.

    `place` as `zones[1].polygon`, `where` in words; `message` in English for logs, `told` in words.
    """

    model_config = ConfigDict(frozen=True)

    place: str
    message: str
    where: WordOut
    told: WordOut

    @classmethod
    def of(cls, fault: Fault, section: str) -> Self:
        """`section` of the catalogue names the document's fields."""
        where = WordOut(**{language: place_words(fault, section, language) for language in LANGUAGES})
        told = WordOut(**{language: fault_words(fault, language) for language in LANGUAGES})
        return cls(place=fault.place, message=fault.message, where=where, told=told)


def lines(error: Exception) -> str:
    """An error as the command line tells it: each fault in Vietnamese, then in English with the file's own names."""
    faults = [one for one in getattr(error, "faults", ()) if isinstance(one, Fault)]
    return "\n".join(map(_line, faults)) or str(error)


def place_words(fault: Fault, section: str, language: str) -> str:
    """Where it is, in the words of the page: `Vùng kerb, Vị trí, hình dạng, điểm 3`."""
    parts = [part for part in _PART.findall(fault.place) if part not in BRANCHES]
    while parts and parts[0] in WRAPPINGS and len(parts) > 1:
        parts = parts[1:]
    words = []
    if len(parts) > 1 and parts[0] in ("zones", "turns") and parts[1].startswith("["):
        name = fault.within or _number(parts[1])
        words.append(_say("ui", f"scene_fault_{parts[0][:-1]}", language, id=name))
        parts = parts[2:]
    if parts and parts[0] == "rules":
        return f"{_field(section, 'rules', language)} ({'.'.join(parts[1:])})"
    whole = ".".join(parts)
    if _known(section, whole):
        return ", ".join([*words, _field(section, whole, language)])
    words += [_part(section, parts, number, language) for number in range(len(parts))]
    return ", ".join(words) or _say("fault_fields", f"whole_{section}", language)


def fault_words(fault: Fault, language: str) -> str:
    """What is wrong, what was given, what fits and what to do."""
    values = {name: _value(name, value, fault, language) for name, value in fault.values.items()}
    code = word_of(fault.code)
    if code == "other" and language == "en":
        return fault.message
    text = _say("faults", code, language, **values)
    given = values.get("value", "") if fault.code and "{value}" not in catalogue()["faults"][code][language] else ""
    return f"{text} ({_say('fault_fields', 'given', language, value=given)})" if given else text


def word_of(code: str) -> str:
    """The catalogue's word for a fault's code; `other` where it has none."""
    if code in catalogue()["faults"]:
        return code
    return next((word for word, types in KINDS_OF_TYPES.items() if re.fullmatch(types, code)), "other")


def _line(fault: Fault) -> str:
    english = ": ".join(part for part in (fault.place, fault.message) if part)
    if not fault.code:
        return str(fault)
    told = f"{place_words(fault, 'scene_fields', 'vi')}: {fault_words(fault, 'vi')} / {english}"
    return f"{fault.file}: {told}" if fault.file else told


def _part(section: str, parts: list[str], number: int, language: str) -> str:
    part, above = parts[number], parts[:number]
    if not part.startswith("["):
        return _field(section, part, language)
    if above and above[-1] in LINES:
        return _say("fault_fields", "point", language, n=_number(part))
    if len(above) > 1 and above[-2] in LINES:
        return "xy"[min(int(_number(part)) - 1, 1)]
    if above and above[-1].endswith("_vnd"):
        return _say("ui", "law_least" if part == "[0]" else "law_most", language)
    return _say("fault_fields", "item", language, n=_number(part))


def _number(part: str) -> str:
    return str(int(part.strip("[]")) + 1)


def _known(section: str, name: str) -> bool:
    return name in catalogue().get(section, {}) or name in catalogue()["fault_fields"]


def _field(section: str, name: str, language: str) -> str:
    if not _known(section, name):
        return f"“{name}”"
    return _say(section if name in catalogue().get(section, {}) else "fault_fields", name, language)


def _value(name: str, value: Any, fault: Fault, language: str) -> str:
    if name == "expected":
        found = [text or number for text, number in _CHOICE.findall(str(value))]
        return ", ".join(_choice(one, fault, language) for one in found) or str(value)
    if name == "pattern":
        known = catalogue()["fault_patterns"].get(str(value))
        return known[language] if known else str(value)
    if isinstance(value, list | tuple):
        return ", ".join(_coded(str(one), SECTIONS.get(name, ()), language) for one in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _choice(code: str, fault: Fault, language: str) -> str:
    fields = [part for part in _PART.findall(fault.place) if not part.startswith("[") and part not in BRANCHES]
    return _coded(code, SECTIONS.get(fields[-1] if fields else "", ()), language)


def _coded(code: str, sections: tuple[str, ...], language: str) -> str:
    section = next((one for one in sections if code in catalogue()[one]), None)
    return f"{_say(section, code, language)} ({code})" if section else code


def _say(section: str, code: str, language: str, **values: Any) -> str:
    text = catalogue()[section][code][language]
    return re.sub(r"\{(\w+)\}", lambda found: str(values.get(found[1], "")), text)

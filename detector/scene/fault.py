"""What is wrong with a document that somebody wrote: a place, a code with its values, and an English line for logs.

In: pydantic's errors of a model, whose own validators raise `FaultError`s. Out: `Fault`s. The words for the code stand
in the one catalogue; whoever shows a fault takes them from there.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic_core import ErrorDetails

from detector.types.errors import ConfigError

LONGEST = 60
_NAMED = re.compile(r"^(zones|turns)\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        place: `zones[1].polygon`, empty where it concerns the whole.
        message: in English, for logs.
        code: of the catalogue's section `faults`; empty where only the message tells.
        values: what the words of the code speak of; `value` is what was given, as JSON, cut to `LONGEST`.
        within: id of the zone or turn that the place lies in, empty where there is none.
        file: the document's name, empty where it has none.
    """

    place: str
    message: str
    code: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    within: str = ""
    file: str = ""

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.place, self.message) if part)


class FaultError(ValueError):
    """What a validator of a model raises: faults with places relative to the model's own."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = faults


class FaultsError(ConfigError):
    """A document is wrong; its text has one line per fault."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)

    def __reduce__(self) -> tuple[type["FaultsError"], tuple[tuple[Fault, ...]]]:
        return type(self), (self.faults,)


def fault(code: str, message: str, *, place: str = "", **values: Any) -> FaultError:
    """One fault, to be raised by a validator."""
    return FaultError(Fault(place, message, code, values))


def faults_of(error: Exception) -> tuple[Fault, ...]:
    """The faults an error tells of, as one without a code where it tells none."""
    found = getattr(error, "faults", ())
    return tuple(found) or (Fault("", str(error)),)


def faults(errors: Iterable[ErrorDetails], *, raw: object = None, file: str = "") -> list[Fault]:
    """Every fault of pydantic's `errors()`; `raw` is the document, which names its zones and turns."""
    found = [one for error in errors for one in _read(error)]
    return [replace(one, within=_within(one.place, raw), file=file) for one in found]


def _read(error: ErrorDetails) -> Iterable[Fault]:
    place, kind = _place(error["loc"]), error["type"]
    values = dict(error.get("ctx", {}))
    own = values.pop("error", None)
    if isinstance(own, FaultError):
        return [replace(one, place=_joined(place, one.place)) for one in own.faults]
    if kind == "extra_forbidden":
        return [Fault(place, "unknown key; remove it or correct its spelling", kind)]
    if kind == "missing":
        return [Fault(place, "missing; this key is required", kind)]
    message = error["msg"].removeprefix("Value error, ")
    if not kind.startswith("value_error"):
        message = f"{message} (got {error['input']!r:.80})"
    return [Fault(place, message, kind, values | {"value": _shown(error["input"])})]


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str, skipkeys=True)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _place(location: Sequence[int | str]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _joined(place: str, below: str) -> str:
    return f"{place}.{below}" if place and below and not below.startswith("[") else place + below


def _within(place: str, raw: object) -> str:
    found = _NAMED.match(place)
    things = raw.get(found[1]) if found and isinstance(raw, Mapping) else None
    if found is None or not isinstance(things, Sequence) or not int(found[2]) < len(things):
        return ""
    thing = things[int(found[2])]
    name = thing.get("id") if isinstance(thing, Mapping) else None
    return name if isinstance(name, str) else ""

"""How well events agree with the truth: the contract's matching, one to one, per video and kind.

Events and truths come as JSON lines; `score_events` gives plain numbers, ready for JSON. Precision, recall and F1
are null where nothing was there to be divided: no event gives no precision, no truth that counts no recall.
"""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from detector.types import ConfigError, ViolationKind

REACH_S = 1.0
LEAST_IOU = 0.3
LEAST_IOU_GOODS = 0.15
LEAST_COVER_GOODS = 0.8

Box = tuple[float, float, float, float]
Row = tuple[float, float, float, float, float]
Number = float | int | None

T = TypeVar("T", bound="Interval")


class Interval(BaseModel):
    """What events and truths share; further keys of a line are allowed and ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    video: str
    kind: ViolationKind
    start_s: float
    end_s: float

    @model_validator(mode="after")
    def _ordered(self) -> "Interval":
        if self.end_s < self.start_s:
            raise ValueError(f"end_s {self.end_s} lies before start_s {self.start_s}")
        return self


class ScoredEvent(Interval):
    """The part of an event that is scored."""

    vehicle: str | None = None
    path: Annotated[tuple[Row, ...], Field(min_length=1)]


class Truth(Interval):
    """One thing that really happened; an `optional` one may be found or not."""

    t_s: float
    xyxy: Box
    optional: bool = False


class Match(NamedTuple):
    """One event and the truth it was given, by index, with the overlap that decided."""

    event: int
    truth: int
    overlap: float


def load_events(path: Path) -> list[ScoredEvent]:
    """The events of a JSON-lines file.

    Raises:
        ConfigError: the file cannot be read, or a line is no event; names file, line and field.
    """
    return [_parsed(ScoredEvent, text, place) for place, text in _lines(path)]


def load_truths(path: Path) -> list[Truth]:
    """The truths of a JSON-lines file.

    Raises:
        ConfigError: the file cannot be read, or a line is no truth; names file, line and field.
    """
    return [_parsed(Truth, text, place) for place, text in _lines(path)]


def score_events(events: Sequence[ScoredEvent], truths: Sequence[Truth]) -> dict[str, object]:
    """Counts and rates: {"overall": {...}, "kinds": {kind: {...}}}, kinds in which anything happened, by name."""
    matches = match_events(events, truths)
    kinds = sorted({item.kind for item in (*events, *truths)})
    return {
        "overall": _figures(events, truths, matches, kinds),
        "kinds": {kind.value: _figures(events, truths, matches, [kind]) for kind in kinds},
    }


def match_events(events: Sequence[ScoredEvent], truths: Sequence[Truth]) -> list[Match]:
    """One-to-one matches, most overlap first; ties go to the truth that counts, then to the earlier lines."""
    pairs = [
        Match(i, k, found)
        for i, event in enumerate(events)
        for k, truth in enumerate(truths)
        if (found := overlap(event, truth)) is not None
    ]
    pairs.sort(key=lambda pair: (-pair.overlap, truths[pair.truth].optional, pair.truth, pair.event))
    used_events: set[int] = set()
    used_truths: set[int] = set()
    matches = []
    for pair in pairs:
        if pair.event not in used_events and pair.truth not in used_truths:
            used_events.add(pair.event)
            used_truths.add(pair.truth)
            matches.append(pair)
    return matches


def overlap(event: ScoredEvent, truth: Truth) -> float | None:
    """IoU of the event's path row nearest to `t_s` with the truth's box; None where the contract allows no match.

    Goods held by (or holding) the truth's box at 80 % match whatever their IoU.
    """
    if event.video != truth.video or event.kind is not truth.kind:
        return None
    if event.end_s < truth.start_s or event.start_s > truth.end_s:
        return None
    row = min(event.path, key=lambda row: abs(row[0] - truth.t_s))
    if abs(row[0] - truth.t_s) > REACH_S + 1e-9:
        return None
    shared = _shared_area(row[1:], truth.xyxy)
    areas = _area(row[1:]), _area(truth.xyxy)
    found = shared / max(sum(areas) - shared, 1e-9)
    if event.kind is not ViolationKind.SIDEWALK_ENCROACHMENT or event.vehicle is not None:
        return found if found >= LEAST_IOU else None
    holds = shared >= LEAST_COVER_GOODS * max(min(areas), 1e-9)
    return found if found >= LEAST_IOU_GOODS or holds else None


def _figures(
    events: Sequence[ScoredEvent], truths: Sequence[Truth], matches: Iterable[Match], kinds: Sequence[ViolationKind]
) -> dict[str, Number]:
    mine = [match for match in matches if truths[match.truth].kind in kinds]
    hits = [match for match in mine if not truths[match.truth].optional]
    tp = len(hits)
    fp = sum(event.kind in kinds for event in events) - len(mine)
    fn = sum(truth.kind in kinds and not truth.optional for truth in truths) - tp
    misses_s = [events[match.event].start_s - truths[match.truth].start_s for match in hits]
    return {
        "tp": tp,
        "fp": fp,
        "fn": fn,
        "precision": _ratio(tp, tp + fp),
        "recall": _ratio(tp, tp + fn),
        "f1": _ratio(2 * tp, 2 * tp + fp + fn),
        "start_rmse_s": _rounded(math.sqrt(sum(miss**2 for miss in misses_s) / tp)) if tp else None,
    }


def _ratio(part: int, whole: int) -> float | None:
    return _rounded(part / whole) if whole else None


def _rounded(value: float) -> float:
    return round(value, 4)


def _area(box: Box) -> float:
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


def _shared_area(a: Box, b: Box) -> float:
    return max(min(a[2], b[2]) - max(a[0], b[0]), 0.0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0.0)


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ConfigError(f"{path}: cannot be read ({reason}); expected a file of JSON lines") from error
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield f"{path}: line {number}", line


def _parsed(kind: type[T], text: str, place: str) -> T:
    try:
        return kind.model_validate(json.loads(text))
    except json.JSONDecodeError as error:
        raise ConfigError(f"{place}: not JSON ({error.msg} at column {error.colno}); one object a line") from error
    except ValidationError as error:
        raise ConfigError(f"{place}: {_first_fault(error)}") from error


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in fault["loc"])
    message = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "missing":
        return f"{field}: missing; this key is required"
    return f"{field}: {message} (got {fault['input']!r:.80})" if field else message

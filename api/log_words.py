"""The rows of the logs in words: what is kept with an entry, as phrases in both languages, no code left as it is.

In: an entry of the ledger, or a reading of evidence. Out: phrases in order, each name and code by the catalogue or the
life cycle. Ids, file names and what people wrote stay as they are; hashes are shortened, the row keeps them whole.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from api.catalogue import catalogue
from api.problem_words import analysis_words
from cases.calendar import HANOI
from cases.law import seed_table
from cases.lifecycle import REASONS, STATES
from cases.records import Access, EntryKind, LedgerEntry
from cases.wording import ACTION_WORDS

Pair = tuple[str, str]
HASH_SHOWN = 12
UNTOLD = frozenset({"row_sha256"})
"""Of every sealed row, and of no use to the eye."""
HASHES = frozenset(
    {
        "commitment",
        "manifest_sha256",
        "case_sha256",
        "mark",
        "asked",
        "token_sha256",
        "scene_hash",
        "sha256",
        "old",
        "new",
    }
)
SECTIONS = {"role": "roles", "channel": "channels", "purpose": "log_purposes", "verdict": "log_verdicts",
            "said": "log_said", "what": "log_whats"}  # fmt: skip
"""Names whose values are codes of a section of the catalogue."""
SECOND_LOOK = "second look: "


def phrases(entry: LedgerEntry) -> list[Pair]:
    """What is kept with an entry of the ledger, in Vietnamese and English."""
    said = ((name, value) for name, value in entry.details.items() if name not in UNTOLD)
    shown = ((name, value) for name, value in said if (name, value) != ("note", ""))
    return [_phrase(entry.kind, name, value) for name, value in shown]


def done(entry: LedgerEntry) -> str:
    """Which of the catalogue's `entries` it is: a citizen's report opened by an officer is no look-up of an owner's."""
    opened = entry.kind is EntryKind.LOOKUP and "report" in entry.details
    return "report_opened" if opened else entry.kind.value


def reading(access: Access) -> list[Pair]:
    """Which file was read, where it is one, and which part of it."""
    told = [] if access.item in catalogue()["views"] else [_item(access.item)]
    return [*told, *(_labelled(name, _same(value)) for name, value in access.details.items())]


def _phrase(kind: EntryKind, name: str, value: Any) -> Pair:
    if name == "did":
        return _did(str(value))
    if name == "reason":
        return _labelled(name, _reason(kind, str(value)))
    told = TOLD.get(name)
    if told is not None:
        return _labelled(name, told(value))
    if name in SECTIONS:
        return _labelled(name, _word(SECTIONS[name], str(value)))
    return _labelled(name, _plain(value))


def _did(code: str) -> Pair:
    if code.startswith(SECOND_LOOK):
        (vi, en), (vi_act, en_act) = _word("did", "second_look"), _action(code.removeprefix(SECOND_LOOK))
        return f"{vi}: {vi_act}", f"{en}: {en_act}"
    return _word("did", code.replace(" ", "_"))


def _reason(kind: EntryKind, text: str) -> Pair:
    """A code where the review or the closing of a report gives one; else somebody's own words."""
    if kind is EntryKind.REPORT:
        return _word("settled", text)
    found = REASONS.get(text) if kind is EntryKind.REVIEW else None
    return (found.vi, found.en) if found else _same(text)


def _action(code: str) -> Pair:
    words = ACTION_WORDS.get(code)
    return (words.vi, words.en) if words else _same(code)


def _rule(value: Any) -> Pair:
    """`STATE: DAYS days` of a deletion by rule."""
    state, _, days = str(value).partition(": ")
    words = next((words for code, words in STATES.items() if code == state), None)
    number = days.removesuffix(" days")
    return (f"{words.vi}, {number} ngày", f"{words.en}, {number} days") if words else _same(value)


def _title(value: Any) -> Pair:
    title = seed_table().title_of(value)
    return (title.vi, title.en) if title else _same(value or "–")


def _wards(value: Any) -> Pair:
    return _plain(value) if value else _word("log_values", "all_wards")


def _yes(value: Any) -> Pair:
    return _word("ui", "yes" if value else "no")


def _nested(value: Any) -> Pair:
    """Names and values of their own: which rows of which log, the terms of a search."""
    pairs = [_filter(name, one) for name, one in value.items()] if isinstance(value, Mapping) else [_plain(value)]
    return "; ".join(vi for vi, _ in pairs) or "–", "; ".join(en for _, en in pairs) or "–"


def _filter(name: str, value: Any) -> Pair:
    if name == "action":
        done = str(value)
        found = next((_word(section, done) for section in ("entries", "views") if done in catalogue()[section]), None)
        return _labelled(name, found or _action(done))
    return _labelled(name, _moment(value) if name in ("from_at", "to_at") else _plain(value))


def _moment(value: Any) -> Pair:
    """A day, or a moment by Hanoi's clock."""
    text = str(value)
    try:
        if len(text) == len("2026-11-22"):
            return _same(f"{date.fromisoformat(text):%d/%m/%Y}")
        return _same(f"{datetime.fromisoformat(text).astimezone(HANOI):%d/%m/%Y %H:%M}")
    except (ValueError, OverflowError):  # a row somebody altered is shown as it is; the chain says so
        return _same(text)


def _item(item: str) -> Pair:
    """A file of a case: the manifest, a still or clip by its name, its redacted copy, a paper."""
    folder, _, name = item.rpartition("/")
    words = _word("log_items", folder or ("manifest" if name == "manifest.json" else "evidence"))
    stem = catalogue()["stills"].get(name.partition(".")[0])
    vi, en = (f"{stem['vi']} ({name})", f"{stem['en']} ({name})") if stem else (name, name)
    return f"{words[0]}: {vi}", f"{words[1]}: {en}"


def _plain(value: Any) -> Pair:
    if isinstance(value, bool):
        return _yes(value)
    if isinstance(value, list):
        return _same(", ".join(map(str, value)) or "–")
    return _same("–" if value is None else value)


def _hash(value: Any) -> Pair:
    return _same(f"{str(value)[:HASH_SHOWN]}…")


def _same(value: Any) -> Pair:
    return str(value), str(value)


def _labelled(name: str, told: Pair) -> Pair:
    label = _word("details", name)
    return f"{label[0]}: {told[0]}", f"{label[1]}: {told[1]}"


def _word(section: str, code: str) -> Pair:
    words = catalogue()[section].get(code)
    return (words["vi"], words["en"]) if words else _same(code)


def _problem(value: Any) -> Pair:
    told = analysis_words(str(value))
    return (told.vi, told.en) if told else _same(value)


TOLD: dict[str, Callable[[Any], Pair]] = {
    **dict.fromkeys(HASHES, _hash),
    **dict.fromkeys(("first", "last", "expires_at"), _moment),
    **dict.fromkeys(("covers", "filters"), _nested),
    "by": lambda value: _action(str(value)),
    "problem": _problem,
    "rule": _rule,
    "title": _title,
    "wards": _wards,
}
"""How the values of a name are told that is neither a code of one section nor told as it is."""

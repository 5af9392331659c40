"""The officers' word on a plate and the logged search, on SQLite and PostgreSQL."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from cases import service
from cases.chain import chain_faults
from cases.database import Database, read_transaction, write_transaction
from cases.evidence import FolderStore
from cases.faults import BadQueryError, BadReasonError, HeldError, NotFoundError, NotPermittedError, StaleError
from cases.plate_marks import PlateMarks, open_marks
from cases.plate_words import Said, forget_words, word_faults
from cases.plates import CasePlate, find_plate, plate_of, say_plate, searches_for
from cases.records import EntryKind, LedgerEntry, PlateText
from detector.types import CaseError, ConfigError
from tests.cases.builders import ADMIN, AUDITOR, CHIEF, ELSEWHERE, LAN, MINH, NOON, finding_of, opened

READ = {
    "plate_text": "29E112345",
    "plate_shown": "29-E1 123.45",
    "plate_confidence": 0.91,
    "plate_rows": 2,
    "plate_sure": True,
    "plate_candidates": "29E112345 0.910; 29F112345 0.050",
}
WHY = "Hồ sơ liên quan: kiểm tra tái phạm"
MARKS = PlateMarks(bytes(range(32)))


def case_with(database: Database, store: FolderStore, number: int = 0, **plate: Any) -> str:
    return opened(database, store, number, facts={**finding_of().facts, **(plate or READ)}).case_id


def say(database: Database, case_id: str, text: str, seq: int = 0, **how: Any) -> CasePlate:
    how = {"actor": LAN, "now": NOON} | how
    return say_plate(database.sessions, case_id=case_id, text=text, expected_seq=seq, **how)


def test_what_was_read_stands_until_somebody_says_so(database: Database, store: FolderStore) -> None:
    plate = plate_of(database.sessions, case_id=case_with(database, store), actor=LAN)
    assert (plate.text, plate.shown, plate.established, plate.valid) == ("29E112345", "29-E1 123.45", False, True)
    assert (plate.read["confidence"], plate.read["rows"], plate.seq, plate.words) == (0.91, 2, 0, ())


def test_a_case_without_a_plate_takes_one_from_an_officer(database: Database, store: FolderStore) -> None:
    case_id = case_with(database, store, 0, plate_looks=6, plate_votes=0)
    assert plate_of(database.sessions, case_id=case_id, actor=LAN).text == ""
    plate = say(database, case_id, "29e1-123.45")
    assert (plate.text, plate.established, plate.words[0].said) == ("29E112345", True, Said.CORRECTED)


def test_every_word_stays_and_the_last_one_counts(database: Database, store: FolderStore) -> None:
    case_id = case_with(database, store)
    first = say(database, case_id, "29-E1 123.45")
    second = say(database, case_id, "29-F1 123.45", first.seq, actor=MINH)
    third = say(database, case_id, "", second.seq, note="bùn che hai số cuối", actor=CHIEF)
    assert [word.said for word in third.words] == [Said.CONFIRMED, Said.CORRECTED, Said.UNREADABLE]
    assert (second.text, second.shown) == ("29F112345", "29-F1 123.45")
    assert (third.text, third.established, third.read["text"]) == ("", False, "29E112345")
    with read_transaction(database.sessions) as session:
        assert chain_faults(session, LedgerEntry) == []


SLIPS = {
    "unreadable without a word why": ("", "", "unreadable plate"),
    "half a plate": ("29E12", "", "fits no form"),
    "a code not in use": ("10A12345", " ", "fits no form"),
    "too short for any paper": ("29A1", "chỉ thấy bốn ký tự", "5 letters and digits or more"),
    "too long": ("29E1123456789", "kéo dài", "at most 12"),
}


def test_slips_of_the_keyboard_are_refused(database: Database, store: FolderStore) -> None:
    case_id = case_with(database, store)
    for text, note, match in SLIPS.values():
        with pytest.raises(BadReasonError, match=match):
            say(database, case_id, text, note=note)
    assert plate_of(database.sessions, case_id=case_id, actor=LAN).words == ()


def test_a_plate_outside_the_grammar_needs_a_note_and_is_kept(database: Database, store: FolderStore) -> None:
    plate = say(database, case_with(database, store), "60-FP 1469", note="xe 50 phân khối, biển cũ")
    assert (plate.text, plate.valid, plate.established) == ("60FP1469", False, True)


def test_the_second_of_two_officers_reads_again_first(database: Database, store: FolderStore) -> None:
    case_id = case_with(database, store)
    say(database, case_id, "29-F1 123.45")
    with pytest.raises(StaleError, match="read it again"):
        say(database, case_id, "29-E1 123.45", actor=MINH)


def test_who_may_not(database: Database, store: FolderStore) -> None:
    case_id = case_with(database, store)
    service.claim(database.sessions, case_id=case_id, actor=MINH, now=NOON, lease_s=900)
    with pytest.raises(HeldError):
        say(database, case_id, "29E112345", now=NOON + timedelta(seconds=5))
    for actor in (AUDITOR, ADMIN):
        with pytest.raises(NotPermittedError):
            say(database, case_id, "29E112345", actor=actor)
        with pytest.raises(NotPermittedError):
            find_plate(database.sessions, MARKS, actor=actor, text="29E112345", reason=WHY, now=NOON)
    with pytest.raises(NotFoundError):
        say(database, case_id, "29E112345", actor=ELSEWHERE)


def test_a_search_finds_by_the_last_word_and_is_logged(database: Database, store: FolderStore) -> None:
    read, corrected, away = (case_with(database, store, number) for number in range(3))
    other = case_with(database, store, 3, plate_text="51F12345")
    say(database, corrected, "29-E1 123.45")
    say(database, away, "30-K1 2345")
    said = say(database, other, "29-E1 123.45")
    found = find_plate(database.sessions, MARKS, actor=LAN, text="29-E1 123.45", reason=WHY, now=NOON)
    assert {hit.case.id: hit.established for hit in found} == {read: False, corrected: True, other: True}
    with read_transaction(database.sessions) as session:
        (entry,) = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == EntryKind.PLATE_SEARCH))
        assert (entry.actor, entry.details["mark"], entry.details["reason"]) == ("lan", MARKS.of("29E112345"), WHY)
        assert sorted(entry.details["found"]) == sorted([read, corrected, other])
        assert entry.seq > said.seq


def test_other_wards_stay_out_of_a_search(database: Database, store: FolderStore) -> None:
    case_with(database, store)
    assert find_plate(database.sessions, MARKS, actor=ELSEWHERE, text="29E112345", reason=WHY, now=NOON) == []


FISHING = {
    "no reason": ("29E112345", "", BadReasonError),
    "a word is no reason": ("29E112345", "kiểm tra ", BadReasonError),
    "not a whole plate": ("29", WHY, BadQueryError),
    "more than a plate": ("29E112345 29E112346", WHY, BadQueryError),
}


def test_fishing_is_refused_and_wild_cards_find_nothing(database: Database, store: FolderStore) -> None:
    case_with(database, store)
    for text, reason, error in FISHING.values():
        with pytest.raises(error):
            find_plate(database.sessions, MARKS, actor=LAN, text=text, reason=reason, now=NOON)
    assert find_plate(database.sessions, MARKS, actor=LAN, text="%' OR 1=1 --", reason=WHY, now=NOON) == []


def test_a_refused_search_leaves_its_entry_too(database: Database, store: FolderStore) -> None:
    asked = [(LAN, text, reason) for text, reason, _ in FISHING.values()] + [(AUDITOR, "29E112345", WHY)]
    for actor, text, reason in asked:
        with pytest.raises(CaseError):
            find_plate(database.sessions, MARKS, actor=actor, text=text, reason=reason, now=NOON)
    with read_transaction(database.sessions) as session:
        wanted = select(LedgerEntry).where(LedgerEntry.kind == EntryKind.PLATE_SEARCH).order_by(LedgerEntry.seq)
        told = [(entry.actor, entry.details) for entry in session.scalars(wanted)]
    assert [actor for actor, _ in told] == ["lan"] * 4 + ["audit"]
    assert all(details["refused"] and "found" not in details for _, details in told)
    assert [details["mark"] == MARKS.of("29E112345") for _, details in told] == [True, True, False, False, True]


def test_the_logs_never_name_a_plate_in_clear(database: Database, store: FolderStore) -> None:
    say(database, case_with(database, store), "29-F1 123.45")
    find_plate(database.sessions, MARKS, actor=LAN, text="29-F1 123.45", reason=WHY, now=NOON)
    with read_transaction(database.sessions) as session:
        told = [str(entry.details) for entry in session.scalars(select(LedgerEntry))]
    assert len(told) >= 2
    assert not [details for details in told if "29F112345" in details]


def test_overseers_learn_who_looked_for_a_plate_and_their_asking_is_logged(
    database: Database, store: FolderStore
) -> None:
    case_with(database, store)
    find_plate(database.sessions, MARKS, actor=LAN, text="29E112345", reason=WHY, now=NOON)
    asked = {"text": "29-E1 123.45", "reason": "Đơn tố cáo 7/2026", "now": NOON}
    searches = searches_for(database.sessions, MARKS, actor=AUDITOR, **asked)  # type: ignore[arg-type]
    assert [(entry.actor, entry.details["reason"]) for entry in searches] == [("lan", WHY)]
    assert searches_for(database.sessions, PlateMarks(b"x" * 32), actor=AUDITOR, **asked) == []  # type: ignore[arg-type]
    with pytest.raises(NotPermittedError):
        searches_for(database.sessions, MARKS, actor=LAN, **asked)  # type: ignore[arg-type]
    with read_transaction(database.sessions) as session:
        last = session.scalars(select(LedgerEntry).order_by(LedgerEntry.seq.desc()).limit(1)).one()
    assert (last.kind, last.actor) == (EntryKind.PLATE_SEARCH, AUDITOR.name)


def test_a_changed_text_is_found_and_not_shown(database: Database, store: FolderStore) -> None:
    case_id = case_with(database, store, 0, plate_looks=6)
    seq = say(database, case_id, "29-F1 123.45").seq
    with write_transaction(database.sessions) as session:
        assert word_faults(session) == []
        session.get_one(PlateText, seq).text = "51F99999"
    assert plate_of(database.sessions, case_id=case_id, actor=LAN).text == ""
    with read_transaction(database.sessions) as session:
        assert word_faults(session) == [f"plate_texts row {seq}: is not what the ledger recorded"]


def test_a_forgotten_plate_is_neither_shown_nor_found(database: Database, store: FolderStore) -> None:
    case_id = case_with(database, store, 0, plate_looks=6)
    say(database, case_id, "29-F1 123.45")
    with write_transaction(database.sessions) as session:
        forget_words(session, case_id)
    plate = plate_of(database.sessions, case_id=case_id, actor=LAN)
    assert (plate.text, plate.established, [word.said for word in plate.words]) == ("", False, [Said.CORRECTED])
    assert find_plate(database.sessions, MARKS, actor=LAN, text="29F112345", reason=WHY, now=NOON) == []
    with read_transaction(database.sessions) as session:
        assert chain_faults(session, LedgerEntry) == []


def test_marks_are_made_once_kept_from_others_and_alike_for_every_writing(tmp_path: Path) -> None:
    marks = open_marks(tmp_path / "keys")
    assert open_marks(tmp_path / "keys") == marks
    assert marks.of("29-E1 123.45") == marks.of("29e112345") != open_marks(tmp_path / "other").of("29e112345")
    path = tmp_path / "keys" / "plates.secret"
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        open_marks(tmp_path / "keys")
    path.chmod(0o600)
    for content in ("ab", "not hex at all", ""):
        path.write_text(content)
        with pytest.raises(ConfigError, match="restore it from the backup"):
            open_marks(tmp_path / "keys")

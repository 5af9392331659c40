"""A plate is kept in the form the officer saw: where another was typed, nothing is kept until it is accepted."""

import pytest

from cases.database import Database
from cases.evidence import FolderStore
from cases.faults import PlateFormError
from cases.plate_form import differs
from cases.plates import plate_of, say_plate
from detector.plates.grammar import shown
from detector.types import ObjectClass
from tests.cases.builders import LAN, NOON, finding_of, opened

MOTORCYCLE, CAR = ObjectClass.MOTORCYCLE, ObjectClass.CAR
TYPED = {
    "a car's plate on a motorcycle": ("30K-123.45", MOTORCYCLE, True),
    "a motorcycle's plate on a car": ("30-K1 2345", CAR, True),
    "an old plate split as a car's": ("30K1-2345", CAR, True),
    "a letter no plate has": ("29Ă12345", CAR, True),
    "a letter that two stand for": ("29-ß1 234.56", MOTORCYCLE, True),
    "letters of other scripts": ("29ſ-123.4ı", CAR, True),
    "a question mark in it": ("29A123?45", CAR, True),
    "nothing but a question mark": ("?", CAR, True),
    "a digit of another script": ("29A1234٥", CAR, True),
    "as it is written": ("29-E1 123.45", MOTORCYCLE, False),
    "small letters": ("29-e1 123.45", MOTORCYCLE, False),
    "letters and digits alone": ("30K12345", MOTORCYCLE, False),
    "fewer separators": ("30-K12345", MOTORCYCLE, False),
    "other separators": (" 30K 123-45 ", CAR, False),
    "an electric one": ("29-mđ1 234.56", MOTORCYCLE, False),
    "of no form": ("12-3456", CAR, False),
    "unreadable": ("  ", CAR, False),
}


@pytest.mark.parametrize("label", sorted(TYPED))
def test_another_form_than_the_typed_one_is_told(label: str) -> None:
    typed, vehicle, expected = TYPED[label]
    assert differs(typed, shown(typed, vehicle=vehicle)) is expected


def case_of(database: Database, store: FolderStore, **facts: object) -> str:
    return opened(database, store, vehicle=MOTORCYCLE, facts={**finding_of().facts, **facts}).case_id


def test_nothing_is_stored_until_the_form_is_accepted(database: Database, store: FolderStore) -> None:
    case_id = case_of(database, store)
    how = {"case_id": case_id, "actor": LAN, "now": NOON, "expected_seq": 0}
    for accepted in (None, "30K-123.45", "30-K1 2346", ""):
        with pytest.raises(PlateFormError, match="accepted_form") as refused:
            say_plate(database.sessions, text=" 30K-123.45 ", accepted_form=accepted, **how)  # type: ignore[arg-type]
        assert (refused.value.typed, refused.value.form) == ("30K-123.45", "30-K1 2345")
    assert plate_of(database.sessions, case_id=case_id, actor=LAN).words == ()
    kept = say_plate(database.sessions, text="30K-123.45", accepted_form="30-K1 2345", **how)  # type: ignore[arg-type]
    assert (kept.text, kept.shown) == ("30K12345", "30-K1 2345")


def test_typing_the_form_itself_accepts_it(sqlite: Database, store: FolderStore) -> None:
    how = {"case_id": case_of(sqlite, store), "actor": LAN, "now": NOON, "expected_seq": 0}
    assert say_plate(sqlite.sessions, text="30-K1 2345", **how).shown == "30-K1 2345"  # type: ignore[arg-type]


def test_a_form_that_was_accepted_and_is_not_the_one_kept_is_refused(sqlite: Database, store: FolderStore) -> None:
    how = {"case_id": case_of(sqlite, store), "actor": LAN, "now": NOON, "expected_seq": 0}
    with pytest.raises(PlateFormError):
        say_plate(sqlite.sessions, text="30-K1 2345", accepted_form="30K-123.45", **how)  # type: ignore[arg-type]


def test_as_the_machine_wrote_it_is_no_other_form(sqlite: Database, store: FolderStore) -> None:
    case_id = case_of(sqlite, store, plate_text="30K12345", plate_shown="30K-123.45")
    how = {"case_id": case_id, "actor": LAN, "now": NOON, "expected_seq": 0}
    assert say_plate(sqlite.sessions, text="30K-123.45", **how).shown == "30K-123.45"  # type: ignore[arg-type]


def test_unreadable_typed_as_signs_is_asked_for(sqlite: Database, store: FolderStore) -> None:
    how = {"case_id": case_of(sqlite, store), "actor": LAN, "now": NOON, "expected_seq": 0, "note": "bùn che"}
    with pytest.raises(PlateFormError) as refused:
        say_plate(sqlite.sessions, text="???", **how)  # type: ignore[arg-type]
    assert refused.value.form == ""
    assert say_plate(sqlite.sessions, text="???", accepted_form="", **how).text == ""  # type: ignore[arg-type]

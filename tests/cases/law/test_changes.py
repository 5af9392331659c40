"""Changing the law table takes two administrators, and cases keep what was stamped on them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

import cases.law.consequences
from cases import service
from cases.accounts import add_user
from cases.actor import Actor
from cases.canonical import sha256_of
from cases.database import Database, open_database, read_transaction, sqlite_url, write_transaction
from cases.evidence import FolderStore
from cases.faults import (
    BadChangeError,
    BadReasonError,
    IllegalMoveError,
    LawStopsError,
    NotFoundError,
    NotPermittedError,
    StaleError,
)
from cases.law import current_table, seed_table
from cases.law.changes import decide_change, list_changes, propose_change, replaced
from cases.law.consequences import Consequences, consequences
from cases.ledger import seal
from cases.lifecycle import Action
from cases.records import LawChange
from cases.roles import Role
from cases.verification import verify_case
from tests.cases.builders import ADMIN, CHIEF, LAN, NOON, opened
from tests.cases.walking import HOA, KY, Walk

A = Action
OTHER_ADMIN = Actor(name="root2", role=Role.ADMINISTRATOR)
DEARER: dict[str, Any] = {
    **seed_table().find("nd168-7-7-a-wrong-way").model_dump(mode="json", by_alias=True),  # type: ignore[union-attr]
    "person_vnd": [6_000_000, 8_000_000],
}


def proposed(database: Database, content: dict[str, Any] = DEARER, actor: Actor = ADMIN) -> int:
    return propose_change(database.sessions, actor=actor, content=content, source="NĐ 999/2027", now=NOON).id


def decided(database: Database, number: int, actor: Actor, *, approve: bool = True) -> None:
    decide_change(database.sessions, actor=actor, change_id=number, approve=approve, note="", now=NOON)


def test_approved_changes_count_for_new_cases_only(database: Database, store: FolderStore) -> None:
    old = opened(database, store, 0).case_id
    number = proposed(database)
    unapproved = opened(database, store, 1).case_id
    decided(database, number, OTHER_ADMIN)
    new = opened(database, store, 2).case_id
    amounts = [service.get_case(database.sessions, case_id=one, actor=LAN).amount_vnd for one in (old, unapproved, new)]
    assert amounts == [5_000_000, 5_000_000, 7_000_000]
    with read_transaction(database.sessions) as session:
        table = current_table(session)
    assert table.version == f"{seed_table().version}+1"
    assert len(table.offence) == len(seed_table().offence)


def test_a_new_row_may_be_chosen(sqlite: Database, store: FolderStore) -> None:
    case_id = opened(sqlite, store).case_id
    decided(sqlite, proposed(sqlite, {**DEARER, "id": "hanoi-7-7-a", "default": False}), OTHER_ADMIN)
    _, rows = service.offences(sqlite.sessions, case_id=case_id, actor=LAN)
    assert "hanoi-7-7-a" in [row.id for row in rows]


def test_nobody_approves_alone(sqlite: Database) -> None:
    number = proposed(sqlite)
    with pytest.raises(NotPermittedError, match="another administrator"):
        decided(sqlite, number, ADMIN)
    decided(sqlite, number, ADMIN, approve=False)  # taking one's own back is no approval
    with pytest.raises(IllegalMoveError, match="was refused by root"):
        decided(sqlite, number, OTHER_ADMIN)
    with pytest.raises(NotFoundError):
        decided(sqlite, 99, OTHER_ADMIN)
    assert [change.status for change in list_changes(sqlite.sessions)] == ["refused"]
    with read_transaction(sqlite.sessions) as session:
        assert current_table(session) is seed_table()


def test_a_change_is_approved_against_the_row_that_was_shown(database: Database) -> None:
    shown = sha256_of(seed_table().find(DEARER["id"]).model_dump(mode="json", by_alias=True))  # type: ignore[union-attr]
    first, second, new = proposed(database), proposed(database), proposed(database, {**DEARER, "id": "hanoi-7-7-a"})

    def approved(number: int, before_sha256: str, *, approve: bool = True) -> None:
        asked = {"actor": OTHER_ADMIN, "change_id": number, "approve": approve, "note": "", "now": NOON}
        decide_change(database.sessions, **asked, before_sha256=before_sha256)  # type: ignore[arg-type]

    approved(first, shown)
    with pytest.raises(StaleError, match="was changed since it was read"):
        approved(second, shown)
    by_id = {change.id: change.status for change in list_changes(database.sessions)}
    assert (by_id[first], by_id[second]) == ("approved", "proposed")
    approved(second, shown, approve=False)  # what stands in the law does not matter to a refusal
    with pytest.raises(StaleError):
        approved(new, shown)
    approved(new, sha256_of(None))


@pytest.mark.parametrize("actor", [LAN, CHIEF])
def test_only_administrators_change_the_table(sqlite: Database, actor: Actor) -> None:
    number = proposed(sqlite)
    with pytest.raises(NotPermittedError):
        proposed(sqlite, actor=actor)
    with pytest.raises(NotPermittedError):
        decided(sqlite, number, actor)


@pytest.mark.parametrize(
    ("label", "change", "says"),
    [
        ("amount as text", {"person_vnd": ["a", 2]}, "person_vnd"),
        ("unknown kind", {"kinds": ["speeding"]}, "kinds"),
        ("thirteen points", {"points": 13}, "points"),
        ("unknown remedy", {"remedies": ["pray"]}, "pray"),
        ("unknown field", {"fine": 5}, "fine"),
        ("blank id", {"id": " "}, "id"),
    ],
)
def test_wrong_rows_are_refused_with_the_field(sqlite: Database, label: str, change: dict[str, Any], says: str) -> None:
    with pytest.raises(BadChangeError, match=says):
        proposed(sqlite, {**DEARER, **change})
    assert list_changes(sqlite.sessions) == []


def brings(database: Database, number: int) -> Consequences:
    with read_transaction(database.sessions) as session:
        found = list_changes(database.sessions)
        return consequences(session, found, replaced(found), now=NOON)[number]


TOMORROW = "2026-11-21"


def test_the_range_for_organisations_is_told_where_it_is_only_worked_out(sqlite: Database) -> None:
    told = brings(sqlite, proposed(sqlite, {**DEARER, "from": TOMORROW}))
    assert (told.organisation_vnd, told.organisation_own) == ((12_000_000, 16_000_000), False)
    assert told.organisation_before_vnd == (8_000_000, 12_000_000)
    assert told.warnings == ()
    stated = brings(sqlite, proposed(sqlite, {**DEARER, "organisation_vnd": [13_000_000, 14_000_000]}))
    assert (stated.organisation_vnd, stated.organisation_own) == ((13_000_000, 14_000_000), True)
    persons = brings(sqlite, proposed(sqlite, {**DEARER, "id": "new", "individuals_only": True}))
    assert (persons.organisation_vnd, persons.organisation_before_vnd) == (None, None)


WARNED = {
    "of today on": ({"from": "2026-11-20"}, []),
    "from a day that is over": ({"from": "2026-11-19", "to": "2026-11-19"}, ["from_past"]),
    "over an act decided": ({"from": "2026-11-19"}, ["from_past", "acts_decided"]),
    "of other kinds": ({"from": "2026-11-19", "kinds": ["no_entry"]}, ["from_past"]),
    "of other vehicles": ({"from": "2026-11-19", "vehicles": ["car"]}, ["from_past"]),
}


@pytest.fixture(scope="module")
def decided_one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database with one case that was decided, of 20 November, and one whose decision was annulled."""
    folder = tmp_path_factory.mktemp("decided")
    opened_here = open_database(sqlite_url(folder / "phatnguoi.db"))
    for number in range(2):
        life = Walk(opened_here, opened(opened_here, FolderStore(folder / "evidence"), number).case_id)
        for actor, action in ((LAN, A.CONFIRM), (HOA, A.SEEK_OWNER), (HOA, A.MAKE_RECORD), (HOA, A.SUBMIT),
                              (KY, A.SIGN), (HOA, A.ISSUE)):  # fmt: skip
            life.take(actor, action)
    for action, actor in ((A.APPEAL, HOA), (A.ANNUL, CHIEF)):
        life.take(actor, action)
    yield opened_here
    opened_here.close()


@pytest.mark.parametrize("label", sorted(WARNED))
def test_days_that_are_over_and_acts_decided_are_warned_of(decided_one: Database, label: str) -> None:
    change, expected = WARNED[label]
    number = proposed(decided_one, {**DEARER, **change})
    warnings = brings(decided_one, number).warnings
    assert [one.code for one in warnings] == expected
    assert [one.cases for one in warnings if one.code == "acts_decided"] == [1] * ("acts_decided" in expected)
    decided(decided_one, number, OTHER_ADMIN, approve=False)
    assert brings(decided_one, number).warnings == (), "what is decided is not warned of"


def outdated(database: Database, content: dict[str, Any], status: str = "proposed") -> int:
    """A row as earlier software let it in."""
    with write_transaction(database.sessions) as session:
        how = {"source": "NĐ", "status": status, "proposed_by": "root", "proposed_at": NOON, "decision_note": ""}
        done = {"decided_by": "root2", "decided_at": NOON} if status == "approved" else {}
        change = LawChange(offence_id=content["id"], content=content, **how, **done)
        seal(session, change, actor="root", at=NOON, did="proposed")
        return change.id


@pytest.mark.parametrize("change", [{"points": 13}, {"remedies": ["pray"]}, {"from": "sometime"}, {"fine": 5}], ids=str)
def test_an_old_row_that_fits_no_more_is_told_and_stops_nothing_but_itself(
    sqlite: Database, change: dict[str, Any]
) -> None:
    number = outdated(sqlite, {**DEARER, **change})
    told = brings(sqlite, number)
    assert ([one.code for one in told.warnings], told.organisation_vnd) == (["unfit"], None)
    with pytest.raises(BadChangeError, match=next(iter(change))):
        decided(sqlite, number, OTHER_ADMIN)
    decided(sqlite, number, OTHER_ADMIN, approve=False)
    assert [one.code for one in brings(sqlite, number).warnings] == ["unfit"]


def test_an_approved_row_that_fits_no_more_is_named_and_replaced_by_its_id(sqlite: Database) -> None:
    number = outdated(sqlite, {**DEARER, "points": 13}, "approved")
    with (
        read_transaction(sqlite.sessions) as session,
        pytest.raises(LawStopsError, match=f"law change {number}: .*points"),
    ):
        current_table(session)
    new = proposed(sqlite)
    assert brings(sqlite, new).organisation_before_vnd is None
    decide_change(sqlite.sessions, actor=OTHER_ADMIN, change_id=new, approve=True, note="",
                  now=NOON + timedelta(days=1))  # fmt: skip
    with read_transaction(sqlite.sessions) as session:
        assert current_table(session).find(DEARER["id"]).person_vnd == (6_000_000, 8_000_000)  # type: ignore[union-attr]


def test_a_row_that_changes_nothing_is_no_proposal(sqlite: Database) -> None:
    shipped = seed_table().find(DEARER["id"]).model_dump(mode="json", by_alias=True)  # type: ignore[union-attr]
    with pytest.raises(BadChangeError, match="changes nothing"):
        proposed(sqlite, shipped)
    decided(sqlite, proposed(sqlite), OTHER_ADMIN)
    with pytest.raises(BadChangeError, match="changes nothing"):
        proposed(sqlite)
    assert proposed(sqlite, shipped), "back to the row that was shipped"


def test_a_row_that_stops_the_table_stops_no_camera_no_account_and_no_signature(
    sqlite: Database, store: FolderStore
) -> None:
    life = Walk(sqlite, opened(sqlite, store).case_id)
    for actor, action in ((LAN, A.CONFIRM), (HOA, A.SEEK_OWNER), (HOA, A.MAKE_RECORD), (HOA, A.SUBMIT)):
        life.take(actor, action)
    outdated(sqlite, {**DEARER, "points": 13}, "approved")
    new = service.get_case(sqlite.sessions, case_id=opened(sqlite, store, 1).case_id, actor=LAN)
    assert (new.offence_id, new.amount_vnd, new.unit) == (None, None, "city"), "no law is put on it unseen"
    assert verify_case(sqlite.sessions, store, case_id=new.id).intact
    add_user(sqlite.sessions, name="root2", password="xích lô 1986!", role="administrator")
    add_user(sqlite.sessions, name="ky", password="xích lô 1986!", role="signer", title="station_chief")
    life.take(KY, A.SIGN)
    waiting = Walk(sqlite, new.id)
    with pytest.raises(LawStopsError):
        waiting.take(LAN, A.CONFIRM)
    decided(sqlite, proposed(sqlite), OTHER_ADMIN)
    with pytest.raises(BadReasonError, match=r"choose one of .*7\.7\.a") as refused:
        waiting.take(LAN, A.CONFIRM)
    assert refused.value.why == "clause", "nor is it confirmed without one: by its amount it may take two officers"
    waiting.take(LAN, A.CONFIRM, offence_id=DEARER["id"])
    assert (waiting.case().offence_id, waiting.case().amount_vnd) == (DEARER["id"], 7_000_000)


def test_more_decisions_than_are_counted_are_told_as_more(
    decided_one: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases.law.consequences, "COUNTED_MOST", 0)
    told = brings(decided_one, proposed(decided_one, {**DEARER, "from": "2026-11-19"})).warnings
    assert [(one.code, one.cases) for one in told] == [("from_past", 0), ("acts_decided_more", 0)]

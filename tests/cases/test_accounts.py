"""Accounts: passwords, sessions, tokens, and the brake on guessing."""

import threading
import unicodedata
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from sqlalchemy import select, text

import cases.logins
from cases import passwords
from cases.accounts import UserChange, add_user, change_user, close_user, list_users, set_password
from cases.chain import chain_faults
from cases.clock import utc_now
from cases.database import Database, read_transaction, write_transaction
from cases.faults import (
    BadChangeError,
    BadPasswordError,
    LockedOutError,
    LoginRefusedError,
    NameTakenError,
    NotFoundError,
    SamePasswordError,
    TitleNeededError,
)
from cases.ledger import sealed_faults
from cases.lifecycle import Role
from cases.logins import change_own_password, create_token, csrf_token, identify, log_in, log_out
from cases.passwords import FREE_FAILURES, matches
from cases.records import LedgerEntry, Login, LoginFailure
from detector.types import CaseError, ConfigError
from tests.cases.builders import ADMIN, NOON

GOOD = "xích lô 1986!"


@pytest.fixture
def lan(sqlite: Database) -> Database:
    return with_lan(sqlite)


def with_lan(database: Database) -> Database:
    add_user(database.sessions, name="lan", password=GOOD, role="officer", wards=("Hoàn Kiếm", "Ba Đình", "Ba Đình"))
    return database


def enter(database: Database, password: str = GOOD, name: str = "lan", at: datetime = NOON) -> str:
    return log_in(database.sessions, name=name, password=password, now=at, session_s=3600).secret


def test_new_database_has_no_account(database: Database) -> None:
    assert list_users(database.sessions) == []
    with pytest.raises(LoginRefusedError):
        enter(database, "admin", "admin")


def test_session_knows_who_and_ends_by_time_and_by_logging_out(database: Database) -> None:
    lan = with_lan(database)
    secret = enter(lan, name=" LAN ")
    identity = identify(lan.sessions, secret=secret, kind="cookie", now=NOON)
    assert identity is not None
    assert (identity.actor.name, identity.actor.role) == ("lan", Role.OFFICER)
    assert identity.actor.wards == ("Ba Đình", "Hoàn Kiếm")
    assert identify(lan.sessions, secret=secret, kind="cookie", now=NOON + timedelta(seconds=3600)) is None
    assert identify(lan.sessions, secret=secret, kind="bearer", now=NOON) is None
    assert identify(lan.sessions, secret=secret + "x", kind="cookie", now=NOON) is None
    log_out(lan.sessions, secret=secret)
    assert identify(lan.sessions, secret=secret, kind="cookie", now=NOON) is None


def test_a_password_is_hashed_at_a_cost_that_makes_guessing_dear(
    sqlite: Database, products_hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 9106's second recommendation, not what the other tests are spared."""
    monkeypatch.setattr(passwords, "_HASHER", products_hasher)
    lan = with_lan(sqlite)
    with read_transaction(lan.sessions) as session:
        stored = session.execute(text("SELECT password_hash FROM users")).scalar_one()
    cost = extract_parameters(stored)
    assert cost.type is Type.ID
    assert (cost.memory_cost, cost.time_cost, cost.parallelism) >= (65536, 3, 4)
    assert enter(lan)


def test_neither_password_nor_secret_is_kept(lan: Database) -> None:
    secret = enter(lan)
    with read_transaction(lan.sessions) as session:
        stored = session.execute(text("SELECT password_hash FROM users")).scalar_one()
        kept = session.scalars(select(Login.secret_sha256)).all()
    assert stored.startswith("$argon2id$")
    assert secret not in kept


@pytest.mark.parametrize(("name", "password"), [("lan", "wrong"), ("lan", ""), ("nobody", GOOD), ("lan' OR 1=1", GOOD)])
def test_wrong_name_and_wrong_password_answer_alike(lan: Database, name: str, password: str) -> None:
    with pytest.raises(LoginRefusedError, match=r"^the name or the password is wrong$"):
        enter(lan, password, name)


@pytest.mark.parametrize("name", ["lan", "nobody"])
def test_guessing_is_braked_for_a_bounded_time(lan: Database, name: str) -> None:
    for _ in range(FREE_FAILURES):
        with pytest.raises(LoginRefusedError):
            enter(lan, "wrong", name)
    with pytest.raises(LockedOutError) as refusal:
        enter(lan, GOOD, name)
    assert refusal.value.retry_s <= 61
    at, waits = NOON, []
    for _ in range(8):
        at += timedelta(seconds=901)
        with pytest.raises(LoginRefusedError):
            enter(lan, "wrong", name, at)
        with pytest.raises(LockedOutError) as refusal:
            enter(lan, GOOD, name, at)
        waits.append(refusal.value.retry_s)
    assert max(waits) <= 901
    assert waits == sorted(waits)


def test_right_password_after_the_lock_forgets_the_failures(lan: Database) -> None:
    for _ in range(FREE_FAILURES):
        with pytest.raises(LoginRefusedError):
            enter(lan, "wrong")
    enter(lan, at=NOON + timedelta(seconds=61))
    with read_transaction(lan.sessions) as session:
        assert session.scalars(select(LoginFailure)).all() == []


def test_guessing_in_parallel_gains_nothing(database: Database) -> None:
    lan = with_lan(database)
    outcomes: list[str] = []
    gate = threading.Barrier(12)

    def guess() -> None:
        gate.wait(30)
        try:
            enter(lan, "wrong")
        except CaseError as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert Counter(outcomes) == {"LoginRefusedError": FREE_FAILURES, "LockedOutError": 12 - FREE_FAILURES}


def test_failures_of_yesterday_are_forgotten(lan: Database) -> None:
    for number in range(3):
        with pytest.raises(LoginRefusedError):
            enter(lan, "wrong", f"name{number}")
    with pytest.raises(LoginRefusedError):
        enter(lan, "wrong", at=NOON + timedelta(days=2))
    with read_transaction(lan.sessions) as session:
        assert len(session.scalars(select(LoginFailure)).all()) == 1


@pytest.mark.parametrize(
    ("label", "fields", "says"),
    [
        ("short", {"password": "abc123"}, "at least 10"),
        ("one letter", {"password": "aaaaaaaaaaaa"}, "5 of them different"),
        ("with the name", {"password": "minh-1986-abc"}, "without the name"),
        ("unknown role", {"role": "chief"}, "expected one of operator, officer, handler, commander"),
        ("name with blank", {"name": "minh le"}, "user name 'minh le'"),
        ("the system's own", {"name": "system"}, "taken"),
        ("taken", {"name": "lan"}, "taken"),
    ],
)
def test_unacceptable_accounts_are_refused(lan: Database, label: str, fields: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        add_user(lan.sessions, **{"name": "minh", "password": GOOD, "role": "officer", **fields})


def test_new_password_ends_all_logins(lan: Database) -> None:
    secret = enter(lan)
    token = create_token(lan.sessions, name="lan", days=1).secret
    set_password(lan.sessions, name="lan", password="quite another 7")
    assert identify(lan.sessions, secret=secret, kind="cookie", now=NOON) is None
    assert identify(lan.sessions, secret=token, kind="bearer", now=NOON) is None
    assert enter(lan, "quite another 7")


def test_a_password_of_somebody_elses_choice_is_told_of_its_logins_until_replaced(database: Database) -> None:
    lan = with_lan(database)
    set_password(lan.sessions, name="lan", password="of root's choice 7", by="root", temporary=True)
    given = identify(lan.sessions, secret=enter(lan, "of root's choice 7"), kind="cookie", now=NOON)
    token = create_token(lan.sessions, name="lan", days=1).secret
    program = identify(lan.sessions, secret=token, kind="bearer", now=utc_now())
    assert given is not None
    assert program is not None
    assert (given.password_due, program.password_due) == (True, False), "a token is no password"
    with pytest.raises(SamePasswordError):
        change_own_password(lan.sessions, name="lan", old="of root's choice 7", new="of root's choice 7", now=NOON)
    change_own_password(lan.sessions, name="lan", old="of root's choice 7", new=GOOD, now=NOON)
    mine = identify(lan.sessions, secret=enter(lan), kind="cookie", now=NOON)
    assert mine is not None
    assert (mine.password_due, mine.local) == (False, True)


def test_who_knows_the_old_password_is_not_locked_out_by_weak_new_ones(lan: Database) -> None:
    for _ in range(FREE_FAILURES + 1):
        with pytest.raises(BadPasswordError):
            change_own_password(lan.sessions, name="lan", old=GOOD, new="short", now=NOON)
    change_own_password(lan.sessions, name="lan", old=GOOD, new=GOOD + "?", now=NOON)


def test_that_a_password_was_given_is_sealed_and_accounts_of_before_stand(lan: Database) -> None:
    """The column came later: while empty it is no part of a row's hash; filled or emptied unseen it is found."""
    set_password(lan.sessions, name="lan", password="of root's choice 7", by="root", temporary=True)
    with read_transaction(lan.sessions) as session:
        assert sealed_faults(session) == []
    with write_transaction(lan.sessions) as session:
        session.execute(text("UPDATE users SET password_given_at = NULL"))
    with read_transaction(lan.sessions) as session:
        assert sealed_faults(session) == ["users row lan: is not what the ledger recorded"]


def test_closed_account_is_shut_out_at_once(lan: Database) -> None:
    secret = enter(lan)
    close_user(lan.sessions, name="lan")
    assert identify(lan.sessions, secret=secret, kind="cookie", now=NOON) is None
    with pytest.raises(LoginRefusedError):
        enter(lan)
    with pytest.raises(NotFoundError):
        create_token(lan.sessions, name="lan", days=1)


def _meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Lets `act` happen once between the check of a password and what follows from it."""
    acts = [act]

    def checked(kept: str | None, password: str) -> bool:
        right = matches(kept, password)
        if acts:
            acts.pop()()
        return right

    monkeypatch.setattr(cases.logins, "matches", checked)


STOLEN, OWN = "mật khẩu bị lộ 1", "của riêng tôi 22"


def test_a_login_by_a_password_that_is_replaced_meanwhile_opens_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    lan = with_lan(database)
    _meanwhile(monkeypatch, lambda: set_password(lan.sessions, name="lan", password=OWN, by="root"))
    with pytest.raises(LoginRefusedError):
        enter(lan)
    with read_transaction(lan.sessions) as session:
        assert session.scalars(select(Login)).all() == []
    _meanwhile(monkeypatch, lambda: close_user(lan.sessions, name="lan", by="root"))
    with pytest.raises(LoginRefusedError):
        enter(lan, OWN)


def test_who_knew_the_old_password_does_not_undo_its_replacement(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An administrator takes an account from a thief who is about to choose a password for it."""
    lan = with_lan(database)
    _meanwhile(monkeypatch, lambda: set_password(lan.sessions, name="lan", password=OWN, by="root", temporary=True))
    with pytest.raises(LoginRefusedError, match="was changed since"):
        change_own_password(lan.sessions, name="lan", old=GOOD, new=STOLEN, now=NOON)
    with pytest.raises(LoginRefusedError):
        enter(lan, STOLEN)
    assert log_in(lan.sessions, name="lan", password=OWN, now=NOON, session_s=3600).password_due


def test_a_password_is_the_same_however_a_keyboard_spells_its_letters(database: Database) -> None:
    lan, apart = with_lan(database), unicodedata.normalize("NFD", GOOD)
    assert apart != GOOD
    assert enter(lan, apart)
    with pytest.raises(SamePasswordError):
        change_own_password(lan.sessions, name="lan", old=GOOD, new=apart, now=NOON)
    change_own_password(lan.sessions, name="lan", old=apart, new=unicodedata.normalize("NFD", OWN), now=NOON)
    assert enter(lan, OWN)
    with write_transaction(lan.sessions) as session:  # as earlier software kept what was typed so
        session.execute(text("UPDATE users SET password_hash = :kept"), {"kept": passwords._HASHER.hash(apart)})
    assert enter(lan, apart)
    with pytest.raises(BadPasswordError):
        set_password(lan.sessions, name="lan", password=unicodedata.normalize("NFD", "ếốữậệ"))


def test_of_two_administrators_at_once_one_makes_the_account(database: Database) -> None:
    ready, told = threading.Barrier(4), Counter[str]()

    def make(number: int) -> None:
        ready.wait(30)
        try:
            add_user(database.sessions, name="moi", password=GOOD, role="officer", by=f"root{number}")
            told["made"] += 1
        except NameTakenError:
            told["taken"] += 1

    _together(make, 4)
    assert told == {"made": 1, "taken": 3}
    with read_transaction(database.sessions) as session:
        assert (chain_faults(session, LedgerEntry), sealed_faults(session)) == ([], [])


def test_of_two_changes_at_once_none_leaves_a_signer_without_an_office(database: Database) -> None:
    with_lan(database)
    ready = threading.Barrier(2)
    changes = (UserChange(role="signer"), UserChange(title=None, given=frozenset({"title"})))
    for _ in range(10):
        office = UserChange(role="officer", title="soldier", given=frozenset({"title"}))
        change_user(database.sessions, actor=ADMIN, name="lan", change=office)

        def change(number: int) -> None:
            ready.wait(30)
            with suppress(TitleNeededError):
                change_user(database.sessions, actor=ADMIN, name="lan", change=changes[number])

        _together(change, 2)
        (lan,) = list_users(database.sessions)
        assert (lan.role, lan.title) != (Role.SIGNER, None)


def _together(work: Callable[[int], None], number: int) -> None:
    threads = [threading.Thread(target=work, args=(at,)) for at in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def test_token_is_a_bearer_of_its_account(lan: Database) -> None:
    token = create_token(lan.sessions, name="lan", days=1).secret
    identity = identify(lan.sessions, secret=token, kind="bearer", now=utc_now())
    assert identity is not None
    assert identity.actor.name == "lan"
    assert identify(lan.sessions, secret=token, kind="cookie", now=utc_now()) is None


def test_csrf_token_belongs_to_its_session() -> None:
    assert csrf_token("a") == csrf_token("a") != csrf_token("b")


def test_every_change_of_an_account_is_chained_with_who_made_it(database: Database) -> None:
    with_lan(database)
    sessions = database.sessions
    change_user(sessions, actor=ADMIN, name="lan", change=UserChange(role="commander"))
    with pytest.raises(BadChangeError):
        change_user(sessions, actor=ADMIN, name="lan", change=UserChange(role="king"))
    with pytest.raises(BadChangeError):
        set_password(sessions, name="lan", password="short", by="root")
    set_password(sessions, name="lan", password=GOOD + "!", by="root")
    change_own_password(sessions, name="lan", old=GOOD + "!", new=GOOD, now=NOON)
    create_token(sessions, name="lan", days=1, by="system:root")
    close_user(sessions, name="lan", by="root")
    with read_transaction(sessions) as session:
        rows = session.scalars(select(LedgerEntry).order_by(LedgerEntry.seq)).all()
        assert (chain_faults(session, LedgerEntry), sealed_faults(session)) == ([], [])
    told = [(row.kind, row.actor, row.details.get("did"), row.details.get("role")) for row in rows]
    assert told == [
        ("account", "system", "made", "officer"),
        ("account", "root", "changed", "commander"),
        ("account", "root", "password", "commander"),
        ("account", "lan", "password", "commander"),
        ("token", "system:root", None, None),
        ("account", "root", "closed", "commander"),
    ]
    assert not any(GOOD in str(row.details) or "argon2" in str(row.details) for row in rows)


def test_an_account_changed_behind_the_ledger_is_found(sqlite: Database) -> None:
    with_lan(sqlite)
    with write_transaction(sqlite.sessions) as session:
        session.execute(text("UPDATE users SET role = 'commander', wards = '[]'"))
    with read_transaction(sqlite.sessions) as session:
        assert sealed_faults(session) == ["users row lan: is not what the ledger recorded"]

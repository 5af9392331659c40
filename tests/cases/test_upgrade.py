"""A database of the first schema, with a decided case in it, is brought up to date and still verifies."""

import subprocess
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, select, text

from cases.accounts import set_password
from cases.chain import START, chain_faults, link_hash
from cases.database import Database, open_database, read_transaction, sqlite_url
from cases.evidence import FolderStore
from cases.ledger import sealed_faults
from cases.lifecycle import Action, State
from cases.migrating import MIGRATIONS, newest
from cases.opening import fixed_hash
from cases.records import Case, Decision, LawChange, LedgerEntry, SceneVersion, User
from cases.service import clocks, run_deadlines
from cases.verification import verify_case
from tests.cases.builders import AUDITOR, NOON, opened


def rows_of_then(case: Case) -> list[Decision]:
    """A detection and a rejection as the first schema's software wrote them."""
    fixed = {"case_sha256": fixed_hash(case), "manifest_sha256": case.manifest_sha256}
    steps = [
        ("system", Action.DETECT, None, State.NEW, None, fixed, case.opened_at),
        ("lan", Action.REJECT, State.NEW, State.REJECTED, "permit", {"version": 2}, case.opened_at),
    ]
    rows, previous = [], START
    for seq, (actor, action, from_state, to_state, reason, details, at) in enumerate(steps, start=1):
        row = Decision(
            seq=seq, case_id=case.id, actor=actor, action=action, from_state=from_state, to_state=to_state,
            reason=reason, note="", details=details, at=at, previous_hash=previous,
        )  # fmt: skip
        row.hash = previous = link_hash(row)
        rows.append(row)
    return rows


def first_schema(url: str, case: Case) -> None:
    """A database of the first schema holding one rejected case."""
    engine = create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for record, values in [
            (Case, {**_columns(case), "state": State.REJECTED, "decided_at": case.opened_at, "version": 2}),
            *((Decision, _columns(row)) for row in rows_of_then(case)),
        ]:
            there = {column["name"] for column in inspect(connection).get_columns(record.__tablename__)}
            known = {name: value for name, value in values.items() if name in there}
            connection.execute(record.__table__.insert().values(known))  # type: ignore[attr-defined]
        connection.execute(
            text("UPDATE chain_heads SET seq = 2, hash = :hash WHERE name = 'decisions'"),
            {"hash": rows_of_then(case)[-1].hash},
        )
    engine.dispose()


def _columns(record: Case | Decision) -> dict[str, object]:
    return {column.key: getattr(record, column.key) for column in type(record).__mapper__.column_attrs}


def fourth_schema(url: str) -> None:
    """A database of the fourth schema with an account, a change of the law table and a scene."""
    engine = create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    user = {"name": "lan", "display_name": "Lan", "password_hash": "", "role": "officer", "wards": ["Ba Đình"],
            "active": True, "title": None, "subject": "s", "created_at": NOON}  # fmt: skip
    change = {"offence_id": "x", "content": {"a": [1, 2]}, "source": "NĐ", "status": "proposed", "proposed_by": "root",
              "proposed_at": NOON, "decision_note": ""}  # fmt: skip
    scene = {"camera_id": "C", "number": 1, "camera_name": "Đ", "ward": "w", "text": "t", "sha256": "0" * 64,
             "reference_jpeg": b"\xff\xd8", "note": "", "drawn_by": "hoa", "drawn_at": NOON}  # fmt: skip
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004_scenes")
        for record, values in ((User, user), (LawChange, change), (SceneVersion, scene)):
            connection.execute(record.__table__.insert().values(values))  # type: ignore[attr-defined]
    engine.dispose()


TAMPERING = (
    "UPDATE users SET role = 'commander'",
    "DELETE FROM users",
    "UPDATE law_changes SET status = 'approved'",
    "UPDATE scene_versions SET activated_by = 'chief'",
    "UPDATE users SET password_given_at = '2026-11-22 05:00:00+00:00'",
    "INSERT INTO users SELECT 'eve', display_name, '', 'commander', wards, active, created_at, title, 'e', NULL"
    " FROM users",
)


def test_rows_of_before_come_under_the_ledger_as_they_stand(url: str) -> None:
    fourth_schema(url)
    grown = open_database(url, lock_wait_s=20)
    set_password(grown.sessions, name="lan", password="xích lô 1986!")
    with read_transaction(grown.sessions) as session:
        told = [
            (row.kind, row.details["did"]) for row in session.scalars(select(LedgerEntry).order_by(LedgerEntry.seq))
        ]
        assert told == [("account", "adopted"), ("law", "adopted"), ("scene", "adopted"), ("account", "password")]
        assert (sealed_faults(session), chain_faults(session, LedgerEntry)) == ([], [])
    for statement in TAMPERING:
        with grown.sessions() as session:
            session.connection(execution_options={"write": True})
            session.execute(text(statement))
            table = next(word for word in statement.split() if "_" in word or word == "users")
            assert [fault.split()[0] for fault in sealed_faults(session)] == [table], statement
            session.rollback()
    grown.close()


def test_first_schema_is_brought_up_to_date_and_verifies(
    sqlite: Database, store: FolderStore, tmp_path: Path, url: str
) -> None:
    case_id = opened(sqlite, store).case_id
    with read_transaction(sqlite.sessions) as session:
        case = session.get_one(Case, case_id)
    old = sqlite_url(tmp_path / "old.db") if url.startswith("sqlite") else url  # beside the case's own file
    first_schema(old, case)
    grown = open_database(old, lock_wait_s=20)
    report = verify_case(grown.sessions, store, case_id=case_id)
    assert report.intact, str(report)
    assert run_deadlines(grown.sessions, now=NOON, adopt=True) == []
    assert clocks(grown.sessions, case_id=case_id, actor=AUDITOR) == []  # a rejected case waits for nothing
    grown.close()


def test_the_newest_version_is_known_without_alembic(tmp_path: Path) -> None:
    """What the files state is what Alembic makes of them: a start that finds it does not load Alembic at all."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert newest() == ScriptDirectory.from_config(config).get_current_head()
    url = sqlite_url(tmp_path / "cases.db")
    open_database(url).close()
    told = "import sys, cases.database as d; d.open_database(sys.argv[1]).close(); print('alembic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", told, url], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False", done.stderr

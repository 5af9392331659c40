"""A database of the first schema, with a decided case in it, is brought up to date and still verifies."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

from cases.chain import START, link_hash
from cases.database import MIGRATIONS, Database, open_database, read_transaction, sqlite_url
from cases.evidence import FolderStore
from cases.lifecycle import Action, State
from cases.opening import fixed_hash
from cases.records import Case, Decision
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


def first_schema(path: Path, case: Case) -> None:
    """A database of the first schema holding one rejected case."""
    engine = create_engine(sqlite_url(path))
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


def test_first_schema_is_brought_up_to_date_and_verifies(sqlite: Database, store: FolderStore, tmp_path: Path) -> None:
    case_id = opened(sqlite, store).case_id
    with read_transaction(sqlite.sessions) as session:
        case = session.get_one(Case, case_id)
    first_schema(tmp_path / "old.db", case)
    grown = open_database(sqlite_url(tmp_path / "old.db"))
    report = verify_case(grown.sessions, store, case_id=case_id)
    assert report.intact, str(report)
    assert run_deadlines(grown.sessions, now=NOON, adopt=True) == []
    assert clocks(grown.sessions, case_id=case_id, actor=AUDITOR) == []  # a rejected case waits for nothing
    grown.close()

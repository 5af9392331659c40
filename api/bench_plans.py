"""How the database goes about queue pages, the next case and the logs, as it explains itself on any machine."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event

from cases.actor import Actor
from cases.audit import LogFilter, read_log
from cases.database import Database
from cases.lifecycle import State, Track
from cases.next import next_case
from cases.queue import Filter, Sort, list_cases
from cases.records import Access, Decision, LedgerEntry
from cases.roles import Role
from detector.types import ViolationKind

DAY = datetime(2026, 3, 1, tzinfo=UTC)
OPEN = Filter(states=(State.NEW, State.CHECK, State.MORE, State.SECOND))
PAGES = {
    "open, oldest first": (OPEN, Sort.OLDEST),
    "open, surest first": (OPEN, Sort.SUREST),
    "open of one ward": (Filter(states=OPEN.states, ward="W-007"), Sort.OLDEST),
    "open of one kind": (Filter(states=(State.NEW,), kinds=(ViolationKind.UNCOVERED_LOAD,)), Sort.OLDEST),
    "of one camera": (Filter(camera_id="CAM-0099"), Sort.OLDEST),
    "everything": (Filter(), Sort.NEWEST),
    "of one kind": (Filter(kinds=(ViolationKind.UNCOVERED_LOAD,)), Sort.OLDEST),
    "of one ward": (Filter(ward="W-007"), Sort.NEWEST),
    "one day of everything": (Filter(from_at=DAY, to_at=DAY + timedelta(days=1)), Sort.OLDEST),
    "owners' answers that wait": (Filter(answers_waiting=True), Sort.OLDEST),
    "the same, open, of one ward": (Filter(states=OPEN.states, ward="W-007", answers_waiting=True), Sort.NEWEST),
    "papers to be signed": (Filter(unsigned=True), Sort.OLDEST),
    "of citizens": (Filter(track=Track.CITIZEN), Sort.OLDEST),
    "of citizens, open": (Filter(states=OPEN.states, track=Track.CITIZEN), Sort.OLDEST),
    "of communes": (Filter(unit="commune"), Sort.OLDEST),
    "sure ones": (Filter(min_confidence=0.999), Sort.OLDEST),
    "sure ones of a day": (Filter(min_confidence=0.999, from_at=DAY, to_at=DAY + timedelta(days=1)), Sort.SUREST),
    "citizens' of one ward": (Filter(ward="W-007", track=Track.CITIZEN), Sort.SUREST),
    "communes' of one kind and ward": (
        Filter(ward="W-007", kinds=(ViolationKind.UNCOVERED_LOAD,), unit="commune"),
        Sort.NEWEST,
    ),
    "held by one officer": (Filter(assignee="bench-0"), Sort.OLDEST),
    "duplicates of a case": (Filter(duplicate_of="PN-00000001"), Sort.OLDEST),
}
LOGS: dict[str, tuple[type[Any], LogFilter]] = {
    f"{log.__tablename__} {label}": (log, where)
    for log, done in ((Decision, "uphold"), (Access, "during.jpg"), (LedgerEntry, "export"))
    for label, where in {
        "of one case": LogFilter(case_id="PN-00000001"),
        "of one account": LogFilter(actor="bench-0"),
        "of one act": LogFilter(action=done),
        "of one act, further back": LogFilter(action=done, before=10_000),
    }.items()
}
OFFICER = Actor(name="bench-explain", role=Role.OFFICER)
AUDITOR = Actor(name="bench-explain", role=Role.AUDITOR)
TABLES = ("cases", "decisions", "accesses", "ledger")
LEASE_S = 0.001
"""The case that `next` claims here is free again at once."""


def plans(database: Database) -> dict[str, list[str]]:
    """Label -> lines of the plans of all queries for cases and of the logs."""
    found = {}
    for label, (where, sort) in PAGES.items():

        def page(where: Filter = where, sort: Sort = sort) -> None:
            list_cases(database.sessions, actor=OFFICER, where=where, sort=sort)

        found[label] = _explained(database, page)
    for label, (log, sought) in LOGS.items():

        def rows(log: type[Any] = log, sought: LogFilter = sought) -> None:
            read_log(database.sessions, log, actor=AUDITOR, where=sought, limit=50)

        found[label] = _explained(database, rows)
    return found | {"next": _explained(database, lambda: _next(database))}


def _next(database: Database) -> None:
    next_case(database.sessions, actor=OFFICER, now=datetime.now(UTC), lease_s=LEASE_S)


def _explained(database: Database, work: Callable[[], None]) -> list[str]:
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if statement.startswith("SELECT") and any(f"FROM {table}" in statement for table in TABLES):
            asked.append((statement, values))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    how = "EXPLAIN QUERY PLAN" if database.engine.dialect.name == "sqlite" else "EXPLAIN"
    lines: dict[str, None] = {}
    with database.engine.connect() as connection:
        for statement, values in asked:
            rows = connection.exec_driver_sql(f"{how} {statement}", values)
            lines |= dict.fromkeys(str(row[-1]) for row in rows)
    return list(lines)

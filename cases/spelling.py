"""Whether stored values are spelt exactly as this software spells them.

A hash over what a row *means* misses a change that means the same: a blank in JSON, a `T` between date and time, 2
for true. This compares what lies in the table, byte by byte and type by type, with what writing the row again would
put there. SQLite keeps what it is given, so every column is compared; PostgreSQL only keeps JSON as it was given.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import JSON, Column, Table, text
from sqlalchemy.inspection import inspect
from sqlalchemy.orm import InstanceState, Session

from cases.records import Record

CHUNK_ROWS = 500
RecordT = TypeVar("RecordT", bound=Record)


def misspelt(session: Session, rows: Sequence[RecordT]) -> Iterator[tuple[RecordT, str]]:
    """Each row, with the name of a column, whose stored value is not as this software would write it."""
    if not rows:
        return
    columns = _columns(session, type(rows[0]))
    if not columns:  # nothing in such a row could be spelt otherwise
        return
    for at in range(0, len(rows), CHUNK_ROWS):
        chunk = rows[at : at + CHUNK_ROWS]
        stored = _stored(session, type(rows[0]), chunk, columns)
        for row in chunk:
            for column, value in zip(columns, stored.get(row_key(row), ()), strict=False):
                if value != _expected(session, row, column):
                    yield row, column.name


def keys_of(session: Session, kind: type[Record]) -> list[str]:
    """Every row's key in order, those too that are no longer text: such bytes come out as replacement characters."""
    table = _table(kind)
    key = next(iter(table.primary_key.columns)).name
    form = f'CAST("{key}" AS BLOB)' if session.get_bind().dialect.name == "sqlite" else f'"{key}"'
    found = session.execute(text(f'SELECT {form} FROM "{table.name}"')).scalars()
    return sorted(value.decode(errors="replace") if isinstance(value, bytes) else str(value) for value in found)


def _columns(session: Session, kind: type[Record]) -> list[Column[Any]]:
    every = list(_table(kind).columns)
    if session.get_bind().dialect.name == "sqlite":
        return every
    return [column for column in every if isinstance(column.type, JSON)]


def _stored(
    session: Session, kind: type[Record], rows: Sequence[Record], columns: list[Column[Any]]
) -> dict[Any, tuple[Any, ...]]:
    table = _table(kind)
    key = next(iter(table.primary_key.columns)).name
    wanted = ", ".join(_select(session, column.name) for column in columns)
    names = ", ".join(f":k{i}" for i in range(len(rows)))
    query = text(f'SELECT "{key}", {wanted} FROM "{table.name}" WHERE "{key}" IN ({names})')
    found = session.execute(query, {f"k{i}": row_key(row) for i, row in enumerate(rows)})
    pairs = 2 if session.get_bind().dialect.name == "sqlite" else 1
    return {
        line[0]: tuple(line[i : i + pairs] if pairs == 2 else line[i] for i in range(1, len(line), pairs))
        for line in map(tuple, found)
    }


def _table(kind: type[Record]) -> Table:
    table = kind.__table__
    assert isinstance(table, Table)
    return table


def _select(session: Session, name: str) -> str:
    if session.get_bind().dialect.name != "sqlite":
        return f'CAST("{name}" AS TEXT)'
    as_bytes = f'CASE typeof("{name}") WHEN \'text\' THEN CAST("{name}" AS BLOB) ELSE "{name}" END'
    return f'typeof("{name}"), {as_bytes}'


def _expected(session: Session, row: Record, column: Column[Any]) -> Any:
    dialect = session.get_bind().dialect
    value = getattr(row, column.key)
    if dialect.name != "sqlite":
        return None if value is None and getattr(column.type, "none_as_null", False) else json.dumps(value)
    bind = column.type.dialect_impl(dialect).bind_processor(dialect)
    return _sqlite_form(bind(value) if bind is not None else value)


def _sqlite_form(value: Any) -> tuple[str, Any]:
    """(storage class, bytes or number) that SQLite holds for a bound value."""
    if value is None:
        return "null", None
    if isinstance(value, str):
        return "text", value.encode()
    if isinstance(value, bytes | memoryview):
        return "blob", bytes(value)
    if isinstance(value, float):
        return "real", value
    return "integer", int(value)


def row_key(row: Record) -> Any:
    """The value of a row's only key column."""
    state = inspect(row)
    assert isinstance(state, InstanceState)
    return state.mapper.primary_key_from_instance(row)[0]

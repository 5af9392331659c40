"""Accounts, changes of the law table and scenes under the ledger: rows that stand are hashed into it as they are."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from cases.canonical import sha256_of, utc_text
from cases.records.base import Utc

revision = "0005_sealed_accounts"
down_revision = "0004_scenes"
branch_labels = None
depends_on = None


def _table(name: str, texts: str, *more: tuple[str, Any]) -> sa.TableClause:
    plain: list[sa.ColumnClause[Any]] = [sa.column(column, sa.Text()) for column in texts.split()]
    return sa.table(name, *plain, *(sa.column(column, kind) for column, kind in more))


HEADS = _table("chain_heads", "name hash", ("seq", sa.Integer()))
LEDGER = _table("ledger", "kind case_id actor previous_hash hash", ("seq", sa.Integer()), ("details", sa.JSON()),
                ("at", Utc()))  # fmt: skip
USERS = _table("users", "name display_name password_hash role title subject", ("wards", sa.JSON()),
               ("active", sa.Boolean()), ("created_at", Utc()))  # fmt: skip
LAW = _table("law_changes", "offence_id source status proposed_by decided_by decision_note", ("id", sa.Integer()),
             ("content", sa.JSON()), ("proposed_at", Utc()), ("decided_at", Utc()))  # fmt: skip
SCENES = _table("scene_versions", "camera_id camera_name ward text sha256 note drawn_by activated_by",
                ("id", sa.Integer()), ("number", sa.Integer()), ("reference_jpeg", sa.LargeBinary()),
                ("drawn_at", Utc()), ("activated_at", Utc()), ("retired_at", Utc()))  # fmt: skip


def upgrade() -> None:
    """Apply."""
    for table, key, kind in ((USERS, "name", "account"), (LAW, "id", "law"), (SCENES, "id", "scene")):
        for row in op.get_bind().execute(sa.select(table).order_by(sa.column(key))).mappings().all():
            values = {name: _plain(value) for name, value in row.items()}
            _enter(kind, {"did": "adopted", "id": row[key], "row_sha256": sha256_of(values)})


def _enter(kind: str, details: dict[str, Any]) -> None:
    """One entry of the ledger, as `cases.chain` writes it."""
    connection = op.get_bind()
    mine = HEADS.c.name == "ledger"
    head = connection.execute(sa.select(HEADS.c.seq, HEADS.c.hash).where(mine)).one()
    entry: dict[str, Any] = {
        "seq": head.seq + 1,
        "kind": kind,
        "case_id": None,
        "actor": "system",
        "details": details,
        "at": datetime.now(UTC),
        "previous_hash": head.hash,
    }
    digest = sha256_of({**entry, "at": utc_text(entry["at"])})
    connection.execute(sa.insert(LEDGER).values(**entry, hash=digest))
    connection.execute(sa.update(HEADS).where(mine).values(seq=entry["seq"], hash=digest))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return utc_text(value)
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else value

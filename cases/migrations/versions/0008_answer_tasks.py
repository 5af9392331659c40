"""Owners' answers wait until somebody deals with them; those of before that nobody replied to are put on the desk.

A dispute or complaint of before moved its case, so only the other kinds are.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from cases.canonical import sha256_of, utc_text
from cases.records.base import Utc

revision = "0008_answer_tasks"
down_revision = "0007_second_looks"
branch_labels = None
depends_on = None

STILL = ("accept", "not_driver", "explain")
HEADS = sa.table("chain_heads", sa.column("name"), sa.column("hash"), sa.column("seq"))
LEDGER = sa.table(
    "ledger",
    *(sa.column(name) for name in ("seq", "kind", "case_id", "actor", "previous_hash", "hash")),
    sa.column("details", sa.JSON()),
    sa.column("at", Utc()),
)
ANSWERS = sa.table("citizen_answers", *(sa.column(name) for name in ("id", "case_id", "kind", "replied_at", "at")))


def upgrade() -> None:
    """Apply."""
    tasks = op.create_table(
        "answer_tasks",
        sa.Column(
            "answer_id", sa.String(24), sa.ForeignKey("citizen_answers.id", ondelete="RESTRICT"), primary_key=True
        ),
        sa.Column("case_id", sa.String(24), sa.ForeignKey("cases.id", ondelete="RESTRICT"), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("dealing", sa.String(32)),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("dealt_by", sa.String(64)),
        sa.Column("dealt_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_answer_tasks_open", "answer_tasks", ["dealt_at", "case_id"])
    op.create_index("ix_answer_tasks_case", "answer_tasks", ["case_id"])
    left = sa.and_(ANSWERS.c.replied_at.is_(None), ANSWERS.c.kind.in_(STILL))
    for answer in op.get_bind().execute(sa.select(ANSWERS).where(left).order_by(ANSWERS.c.at, ANSWERS.c.id)).all():
        row: dict[str, Any] = {"answer_id": answer.id, "case_id": answer.case_id, "kind": answer.kind}
        row |= {"dealing": None, "note": "", "dealt_by": None, "dealt_at": None}
        op.get_bind().execute(sa.insert(tasks).values(**row))
        _enter(answer.case_id, {"did": "adopted", "id": answer.id, "row_sha256": sha256_of(row)})


def _enter(case_id: str, details: dict[str, Any]) -> None:
    """One entry of the ledger, as `cases.chain` writes it."""
    connection = op.get_bind()
    mine = HEADS.c.name == "ledger"
    head = connection.execute(sa.select(HEADS.c.seq, HEADS.c.hash).where(mine)).one()
    entry: dict[str, Any] = {
        "seq": head.seq + 1,
        "kind": "answer_task",
        "case_id": case_id,
        "actor": "system",
        "details": details,
        "at": datetime.now(UTC),
        "previous_hash": head.hash,
    }
    digest = sha256_of({**entry, "at": utc_text(entry["at"])})
    connection.execute(sa.insert(LEDGER).values(**entry, hash=digest))
    connection.execute(sa.update(HEADS).where(mine).values(seq=entry["seq"], hash=digest))

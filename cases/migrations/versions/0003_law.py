"""The law applied to a case, running deadlines, changes of the law table, blind reviews, signing titles.

Cases of before keep no stamp; `phatnguoi sweep` gives those still open their clocks.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003_law"
down_revision = "0002_ledger"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
CODE = sa.String(32)
NAME = sa.String(64)


def upgrade() -> None:
    """Apply."""
    _cases()
    _accounts()
    _deadlines()
    _law_changes()
    _reviews()


def _cases() -> None:
    op.add_column("cases", sa.Column("offence_id", NAME))
    op.add_column("cases", sa.Column("offence", sa.JSON))
    op.add_column("cases", sa.Column("amount_vnd", sa.Integer))
    op.add_column("cases", sa.Column("unit", sa.String(16), nullable=False, server_default="city"))
    op.add_column("cases", sa.Column("confirmed_by", NAME))
    op.add_column("cases", sa.Column("last_actor", NAME))
    op.create_index("ix_cases_kind_state_queue", "cases", ["kind", "state", "queue_at", "id"])
    op.create_index("ix_cases_state_confidence", "cases", ["state", "confidence", "id"])


def _accounts() -> None:
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("title", NAME))
        users.add_column(sa.Column("subject", sa.String(300)))
        users.create_unique_constraint("uq_users_subject", ["subject"])


def _deadlines() -> None:
    op.create_table(
        "deadlines",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("case_id", sa.String(24), sa.ForeignKey("cases.id", ondelete="RESTRICT"), nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("ward", sa.String(100), nullable=False),
        sa.Column("started_at", AT, nullable=False),
        sa.Column("warn_at", AT, nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("started_version", sa.Integer, nullable=False),
        sa.Column("ended_version", sa.Integer),
        sa.Column("running", sa.Boolean, nullable=False),
    )
    op.create_index("ix_deadlines_running", "deadlines", ["running", "due_at", "id"])
    op.create_index("ix_deadlines_ward", "deadlines", ["running", "ward", "due_at", "id"])
    op.create_index("ix_deadlines_case", "deadlines", ["case_id", "running"])


def _law_changes() -> None:
    op.create_table(
        "law_changes",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("offence_id", NAME, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("proposed_by", NAME, nullable=False),
        sa.Column("proposed_at", AT, nullable=False),
        sa.Column("decided_by", NAME),
        sa.Column("decided_at", AT),
        sa.Column("decision_note", sa.Text, nullable=False),
    )
    op.create_index("ix_law_changes_status", "law_changes", ["status", "id"])


def _reviews() -> None:
    op.create_table(
        "blind_reviews",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("case_id", sa.String(24), sa.ForeignKey("cases.id", ondelete="RESTRICT"), nullable=False),
        sa.Column("purpose", sa.String(8), nullable=False),
        sa.Column("ward", sa.String(100), nullable=False),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("first_officer", NAME, nullable=False),
        sa.Column("first_verdict", sa.String(16), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.Column("officer", NAME),
        sa.Column("given_at", AT),
        sa.Column("verdict", sa.String(16)),
        sa.Column("action", CODE),
        sa.Column("reason", NAME),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("done_at", AT),
    )
    op.create_index("ix_blind_reviews_waiting", "blind_reviews", ["officer", "purpose", "id"])
    op.create_index("ix_blind_reviews_case", "blind_reviews", ["case_id", "officer"])
    op.create_index("ix_blind_reviews_done", "blind_reviews", ["done_at"])
    op.create_table(
        "known_answers",
        sa.Column("case_id", sa.String(24), sa.ForeignKey("cases.id", ondelete="RESTRICT"), primary_key=True),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("set_by", NAME, nullable=False),
        sa.Column("set_at", AT, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )

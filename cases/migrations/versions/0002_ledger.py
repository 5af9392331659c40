"""The ledger (third chained log), issued documents, citizens' reports and answers, campaigns."""

import sqlalchemy as sa
from alembic import op

revision = "0002_ledger"
down_revision = "0001"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
CODE = sa.String(32)
SHA256 = sa.String(64)
NAME = sa.String(64)


def upgrade() -> None:
    """Apply."""
    _ledger()
    _append_only()
    _notices()
    _citizen_reports()
    _citizen_answers()
    op.create_table(
        "campaigns",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("created_by", NAME, nullable=False),
        sa.Column("created_at", AT, nullable=False),
    )


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("case_id", sa.String(24)),
        sa.Column("actor", NAME, nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("previous_hash", SHA256, nullable=False),
        sa.Column("hash", SHA256, nullable=False, unique=True),
    )
    op.create_index("ix_ledger_case", "ledger", ["case_id", "seq"])
    op.create_index("ix_ledger_kind", "ledger", ["kind", "seq"])
    heads = sa.table("chain_heads", sa.column("name"), sa.column("seq"), sa.column("hash"))
    op.bulk_insert(heads, [{"name": "ledger", "seq": 0, "hash": "0" * 64}])


def _append_only() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute(
            "CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'ledger is append-only: % refused', TG_OP; END $$"
        )
        op.execute(
            "CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER ledger_no_{verb.lower()} BEFORE {verb} ON ledger "
            f"BEGIN SELECT RAISE(ABORT, 'ledger is append-only: {verb} refused'); END"
        )
    op.execute(
        "CREATE TRIGGER ledger_no_replace BEFORE INSERT ON ledger "
        "WHEN EXISTS (SELECT 1 FROM ledger WHERE seq = NEW.seq OR hash = NEW.hash) "
        "BEGIN SELECT RAISE(ABORT, 'ledger is append-only: REPLACE refused'); END"
    )


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.String(24), primary_key=True),
        sa.Column("case_id", sa.String(24), sa.ForeignKey("cases.id", ondelete="RESTRICT"), nullable=False),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("plate", sa.String(20), nullable=False),
        sa.Column("code_sha256", SHA256, nullable=False),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("sha256", SHA256, nullable=False),
        sa.Column("issued_by", NAME, nullable=False),
        sa.Column("issued_at", AT, nullable=False),
        sa.Column("signed_name", sa.String(100)),
        sa.Column("signed_sha256", SHA256),
        sa.Column("signed_by", NAME),
        sa.Column("signed_at", AT),
        sa.UniqueConstraint("kind", "number", name="uq_notices_number"),
    )
    op.create_index("ix_notices_case", "notices", ["case_id"])
    op.create_index("ix_notices_code", "notices", ["code_sha256"])


def _citizen_reports() -> None:
    op.create_table(
        "citizen_reports",
        sa.Column("id", sa.String(24), primary_key=True),
        sa.Column("code_sha256", SHA256, nullable=False),
        sa.Column("received_at", AT, nullable=False),
        sa.Column("occurred_at", AT, nullable=False),
        sa.Column("place", sa.String(300), nullable=False),
        sa.Column("ward", sa.String(100), nullable=False),
        sa.Column("what", CODE, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("reporter", sa.String(200), nullable=False),
        sa.Column("contact", sa.String(200), nullable=False),
        sa.Column("media", sa.JSON, nullable=False),
        sa.Column("state", CODE, nullable=False),
        sa.Column("cases", sa.JSON, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("handled_by", NAME),
        sa.Column("handled_at", AT),
    )
    op.create_index("ix_citizen_reports_state", "citizen_reports", ["state", "received_at", "id"])
    op.create_index("ix_citizen_reports_ward", "citizen_reports", ["ward", "received_at"])


def _citizen_answers() -> None:
    op.create_table(
        "citizen_answers",
        sa.Column("id", sa.String(24), primary_key=True),
        sa.Column("notice_id", sa.String(24), sa.ForeignKey("notices.id", ondelete="RESTRICT"), nullable=False),
        sa.Column("case_id", sa.String(24), sa.ForeignKey("cases.id", ondelete="RESTRICT"), nullable=False),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("contact", sa.String(200), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("reply", sa.Text),
        sa.Column("replied_by", NAME),
        sa.Column("replied_at", AT),
    )
    op.create_index("ix_citizen_answers_case", "citizen_answers", ["case_id", "at"])
    op.create_index("ix_citizen_answers_open", "citizen_answers", ["replied_at"])

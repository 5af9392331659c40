"""Cases, the chained logs with the triggers that keep them append-only, outbox, accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
CODE = sa.String(32)
SHA256 = sa.String(64)
LOGS = ("decisions", "accesses")


def upgrade() -> None:
    """Apply."""
    _cases()
    _case_indexes()
    _chain_heads()
    for log in LOGS:
        _log(log)
        _append_only(log)
    _outbox()
    _accounts()


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.String(24), primary_key=True),
        sa.Column("violation_id", sa.String(64), nullable=False, unique=True),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("camera_id", sa.String(64), nullable=False),
        sa.Column("camera_name", sa.String(200), nullable=False),
        sa.Column("ward", sa.String(100), nullable=False),
        sa.Column("lat", sa.Double),
        sa.Column("lon", sa.Double),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("zone_id", sa.String(64), nullable=False),
        sa.Column("vehicle", sa.String(32)),
        sa.Column("occurred_at", AT),
        sa.Column("ended_at", AT),
        sa.Column("start_s", sa.Double, nullable=False),
        sa.Column("end_s", sa.Double, nullable=False),
        sa.Column("confidence", sa.Double, nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("cannot_tell", sa.JSON, nullable=False),
        sa.Column("calendar_known", sa.Boolean, nullable=False),
        sa.Column("reminder_only", sa.Boolean, nullable=False),
        sa.Column("clock", CODE, nullable=False),
        sa.Column("rule_version", sa.String(64), nullable=False),
        sa.Column("scene_hash", SHA256, nullable=False),
        sa.Column("network_name", sa.String(100), nullable=False),
        sa.Column("network_sha256", SHA256),
        sa.Column("software_version", sa.String(64), nullable=False),
        sa.Column("source_kind", sa.String(16), nullable=False),
        sa.Column("source_id", sa.String(200), nullable=False),
        sa.Column("evidence_location", sa.String(200), nullable=False),
        sa.Column("manifest_sha256", SHA256, nullable=False),
        sa.Column("opened_at", AT, nullable=False),
        sa.Column("queue_at", AT, nullable=False),
        sa.Column("state", CODE, nullable=False),
        sa.Column("state_at", AT, nullable=False),
        sa.Column("decided_at", AT),
        sa.Column("duplicate_of", sa.String(24), sa.ForeignKey("cases.id")),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("assignee", sa.String(64)),
        sa.Column("claimed_until", AT),
    )


def _case_indexes() -> None:
    op.create_index("ix_cases_state_queue", "cases", ["state", "queue_at", "id"])
    op.create_index("ix_cases_ward_state_queue", "cases", ["ward", "state", "queue_at", "id"])
    op.create_index("ix_cases_camera_queue", "cases", ["camera_id", "queue_at", "id"])
    op.create_index("ix_cases_queue", "cases", ["queue_at", "id"])
    op.create_index("ix_cases_confidence", "cases", ["confidence", "id"])
    op.create_index("ix_cases_assignee", "cases", ["assignee"])


def _chain_heads() -> None:
    heads = op.create_table(
        "chain_heads",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("hash", SHA256, nullable=False),
    )
    op.bulk_insert(heads, [{"name": log, "seq": 0, "hash": "0" * 64} for log in LOGS])


def _log(name: str) -> None:
    own = {
        "decisions": [
            sa.Column("action", CODE, nullable=False),
            sa.Column("from_state", CODE),
            sa.Column("to_state", CODE, nullable=False),
            sa.Column("reason", sa.String(64)),
            sa.Column("note", sa.Text, nullable=False),
        ],
        "accesses": [sa.Column("item", sa.String(100), nullable=False)],
    }
    op.create_table(
        name,
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("case_id", sa.String(24), sa.ForeignKey("cases.id", ondelete="RESTRICT"), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        *own[name],
        sa.Column("details", sa.JSON, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("previous_hash", SHA256, nullable=False),
        sa.Column("hash", SHA256, nullable=False, unique=True),
    )
    op.create_index(f"ix_{name}_case", name, ["case_id", "seq"])


def _append_only(log: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        _append_only_sqlite(log)
    else:
        _append_only_postgresql(log)


def _append_only_sqlite(log: str) -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {log}_no_{verb.lower()} BEFORE {verb} ON {log} "
            f"BEGIN SELECT RAISE(ABORT, '{log} is append-only: {verb} refused'); END"
        )
    # INSERT OR REPLACE deletes without firing the delete trigger on connections that left it off
    op.execute(
        f"CREATE TRIGGER {log}_no_replace BEFORE INSERT ON {log} "
        f"WHEN EXISTS (SELECT 1 FROM {log} WHERE seq = NEW.seq OR hash = NEW.hash) "
        f"BEGIN SELECT RAISE(ABORT, '{log} is append-only: REPLACE refused'); END"
    )


def _append_only_postgresql(log: str) -> None:
    op.execute(
        f"CREATE FUNCTION {log}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{log} is append-only: % refused', TG_OP; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {log}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {log} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {log}_append_only()"
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("case_id", sa.String(24), nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("delivered_at", AT),
    )
    op.create_index("ix_outbox_delivered", "outbox", ["delivered_at", "id"])


def _accounts() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("display_name", sa.String(200), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("role", CODE, nullable=False),
        sa.Column("wards", sa.JSON, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_at", AT, nullable=False),
    )
    op.create_table(
        "logins",
        sa.Column("secret_sha256", SHA256, primary_key=True),
        sa.Column("user_name", sa.String(64), sa.ForeignKey("users.name"), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
    )
    op.create_index("ix_logins_user", "logins", ["user_name"])
    op.create_index("ix_logins_expires", "logins", ["expires_at"])
    op.create_table(
        "login_failures",
        sa.Column("name_sha256", SHA256, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("last_at", AT, nullable=False),
        sa.Column("locked_until", AT),
    )

"""Indexes for the logs by what was done and by account: few rows among very many are found without passing those."""

from alembic import op

revision = "0012_log_filters"
down_revision = "0011_queue_filters"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_decisions_action", "decisions", ["action", "seq"])
    op.create_index("ix_decisions_actor", "decisions", ["actor", "seq"])
    op.create_index("ix_accesses_item", "accesses", ["item", "seq"])
    op.create_index("ix_accesses_actor", "accesses", ["actor", "seq"])
    op.create_index("ix_ledger_actor", "ledger", ["actor", "seq"])

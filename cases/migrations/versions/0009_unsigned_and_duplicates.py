"""Indexes for papers that await a signature and for the duplicates of a case."""

from alembic import op

revision = "0009_unsigned_and_duplicates"
down_revision = "0008_answer_tasks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_notices_unsigned", "notices", ["signed_at", "case_id"])
    op.create_index("ix_cases_duplicate_of", "cases", ["duplicate_of", "queue_at", "id"])

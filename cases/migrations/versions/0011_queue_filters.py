"""Indexes for the queue of one track and of one unit: few cases among very many are found without passing those."""

from alembic import op

revision = "0011_queue_filters"
down_revision = "0010_analysis_leases"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_cases_source_queue", "cases", ["source_kind", "queue_at", "id"])
    op.create_index("ix_cases_unit_queue", "cases", ["unit", "queue_at", "id"])

"""A lease on each running analysis of citizens' videos, so that of two servers on one database one runs it."""

import sqlalchemy as sa
from alembic import op

revision = "0010_analysis_leases"
down_revision = "0009_unsigned_and_duplicates"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "analysis_leases",
        sa.Column("report_id", sa.String(24), primary_key=True),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("until_s", sa.Double, nullable=False),
    )

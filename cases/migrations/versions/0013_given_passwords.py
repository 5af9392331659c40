"""A password that somebody else chose is to be replaced by its owner; those that stand count as their owners' own."""

import sqlalchemy as sa
from alembic import op

revision = "0013_given_passwords"
down_revision = "0012_log_filters"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("users", sa.Column("password_given_at", sa.DateTime(timezone=True)))
    op.add_column("logins", sa.Column("password_due", sa.Boolean, nullable=False, server_default=sa.false()))

"""What the officer of a second look sees is kept, so that the case looks the same to him ever after.

Looks given but not answered go back: what they would show was not kept. Looks answered before stay as they are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007_second_looks"
down_revision = "0006_plate_texts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    table = "blind_reviews"
    op.add_column(table, sa.Column("shown", sa.JSON, nullable=False, server_default="{}"))
    op.add_column(table, sa.Column("steps", sa.JSON, nullable=False, server_default="[]"))
    op.add_column(table, sa.Column("shown_state", sa.String(32)))
    op.add_column(table, sa.Column("shown_unit", sa.String(16)))
    op.add_column(table, sa.Column("shown_assignee", sa.String(64)))
    op.add_column(table, sa.Column("held_until", sa.DateTime(timezone=True)))
    op.execute("DELETE FROM blind_reviews WHERE done_at IS NULL AND purpose = 'known'")
    op.execute("UPDATE blind_reviews SET officer = NULL, given_at = NULL WHERE done_at IS NULL")

"""The clear text of officers' words on plates, apart from the ledger, so that it can be deleted with the case."""

import sqlalchemy as sa
from alembic import op

revision = "0006_plate_texts"
down_revision = "0005_sealed_accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "plate_texts",
        sa.Column(
            "seq", sa.Integer, sa.ForeignKey("ledger.seq", ondelete="RESTRICT"), primary_key=True, autoincrement=False
        ),
        sa.Column("case_id", sa.String(24), sa.ForeignKey("cases.id", ondelete="RESTRICT"), nullable=False),
        sa.Column("text", sa.String(24), nullable=False),
        sa.Column("nonce", sa.String(32), nullable=False),
    )
    op.create_index("ix_plate_texts_text", "plate_texts", ["text"])
    op.create_index("ix_plate_texts_case", "plate_texts", ["case_id"])

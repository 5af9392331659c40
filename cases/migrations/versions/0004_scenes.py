"""Versions of camera scenes, put in force by a second person."""

import sqlalchemy as sa
from alembic import op

revision = "0004_scenes"
down_revision = "0003_law"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "scene_versions",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("camera_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("camera_name", sa.String(200), nullable=False),
        sa.Column("ward", sa.String(100), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("reference_jpeg", sa.LargeBinary),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("drawn_by", sa.String(64), nullable=False),
        sa.Column("drawn_at", AT, nullable=False),
        sa.Column("activated_by", sa.String(64)),
        sa.Column("activated_at", AT),
        sa.Column("retired_at", AT),
    )
    op.create_index("ix_scene_versions_camera", "scene_versions", ["camera_id", "number"], unique=True)

"""Scenes as they were drawn: every version kept, one in force per camera, put in force by a second person."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cases.records.base import Record, Utc


class SceneVersion(Record):
    """One version of one camera's scene; its text never changes.

    Attributes:
        number: counts from 1 within the camera.
        text: the scene file, YAML.
        sha256: `detector.scene.scene_hash` of it, what cases judged by it bear.
        reference_jpeg: the view it was drawn on, where one was given.
        activated_by, activated_at: the second person; None while it was never in force.
        retired_at: when another version took its place, or it was withdrawn.
    """

    __tablename__ = "scene_versions"
    __table_args__ = (Index("ix_scene_versions_camera", "camera_id", "number", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    camera_id: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    camera_name: Mapped[str] = mapped_column(String(200))
    ward: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    reference_jpeg: Mapped[bytes | None] = mapped_column(LargeBinary)
    note: Mapped[str] = mapped_column(Text)
    drawn_by: Mapped[str] = mapped_column(String(64))
    drawn_at: Mapped[datetime] = mapped_column(Utc)
    activated_by: Mapped[str | None] = mapped_column(String(64))
    activated_at: Mapped[datetime | None] = mapped_column(Utc)
    retired_at: Mapped[datetime | None] = mapped_column(Utc)

    @property
    def in_force(self) -> bool:
        """Whether cameras are to be judged by it."""
        return self.activated_at is not None and self.retired_at is None

"""What a camera file may say: its keys, their bounds, and which of them go together."""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pipelines.live.trust import parse_fingerprint

SMALLEST_RING_MB, LARGEST_RING_MB = 8, 1024


class TlsEntry(BaseModel):
    """By what a camera over TLS is known; one of the two."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ca: Path | None = Field(None, description="PEM file of the authority, relative to the camera file")
    fingerprint: str | None = Field(None, description="SHA-256 fingerprint of the camera's own certificate")

    @field_validator("fingerprint")
    @classmethod
    def _digits(cls, value: str | None) -> str | None:
        return None if value is None else parse_fingerprint(value)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.ca is None) == (self.fingerprint is None):
            raise ValueError("give either `ca` or `fingerprint`")
        return self


class CameraEntry(BaseModel):
    """One camera as the file says it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scene: Path | None = Field(None, description="the scene file, relative to the camera file")
    camera: str | None = Field(
        None, max_length=64, pattern=r"^[A-Za-z0-9_.\-]+$", description="in place of it: whose scene in force judges"
    )
    stream: str = Field(min_length=1, description="main stream: address, or path of a video file")
    detect_stream: str | None = Field(None, min_length=1, description="a smaller stream of the same view to look at")
    username: str | None = Field(None, min_length=1)
    password_env: str | None = Field(None, min_length=1, description="environment variable that holds the password")
    password_file: Path | None = Field(None, description="file that holds the password, relative to the camera file")
    transport: Literal["tcp", "udp"] = "tcp"
    tls: TlsEntry | None = Field(None, description="what a camera over TLS is known by, else the system's authorities")
    insecure: bool = Field(False, description="the certificate of a camera over TLS is not checked")
    repeat: bool = Field(False, description="files begin anew when they are over, for trials")
    fps: float = Field(5.0, ge=0.2, le=30, description="analysed frames a second")
    memory_mb: int = Field(24, ge=SMALLEST_RING_MB, le=LARGEST_RING_MB, description="most packets kept for evidence")

    @model_validator(mode="after")
    def _one_scene(self) -> Self:
        if (self.scene is None) == (self.camera is None):
            raise ValueError("give either `scene`, a file, or `camera`, the id of a camera drawn in the console")
        return self

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if self.password_env is not None and self.password_file is not None:
            raise ValueError("password_env and password_file are both given; keep one of them")
        if (self.password_env or self.password_file) and self.username is None:
            raise ValueError("a password without `username`; add the user's name")
        if self.insecure and self.tls is not None:
            raise ValueError("`insecure: true` and `tls` are both given; keep one of them")
        return self


class CameraFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1]
    cameras: tuple[CameraEntry, ...]
    ntp_server: str | None = Field(None, min_length=1, description="whose time this server's clock is compared with")

    @field_validator("cameras")
    @classmethod
    def _some(cls, value: tuple[CameraEntry, ...]) -> tuple[CameraEntry, ...]:
        if not value:
            raise ValueError("empty; list at least one camera with `scene` and `stream`")
        return value

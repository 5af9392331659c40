"""The camera file: which streams to watch under which scenes. Every fault is named with file, field, value, cure.

In: a YAML file with the keys `version` and `cameras`. Out: `LiveCamera`s with their scenes checked and their
passwords fetched from the environment or from files; the camera file itself should hold none.
"""

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from detector.scene.parse import fault_lines
from detector.types import ConfigError
from pipelines.live.address import Address, masked, parse_address
from pipelines.live.trust import Trust, check_authorities, parse_fingerprint
from pipelines.scene_file import SceneFile, load_scene

_GOT_MANY = re.compile(r" \(got [\[{(].*\)$", re.DOTALL)
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

    scene: Path = Field(description="the scene file, relative to the camera file")
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
    memory_mb: int = Field(32, ge=SMALLEST_RING_MB, le=LARGEST_RING_MB, description="most packets kept for evidence")

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


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCamera:
    """One camera, checked and ready to be watched.

    Attributes:
        scene_file: judges it; its `camera.id` names it.
        main: the stream that evidence is cut from.
        detect: the stream that is looked at, None when that is the main one.
        rate_hz: analysed frames a second.
        ring_bytes: most packets of the main stream kept in memory.
    """

    scene_file: SceneFile
    main: Address
    detect: Address | None
    rate_hz: float
    ring_bytes: int

    @property
    def id(self) -> str:
        """The scene's camera id."""
        return self.scene_file.scene.camera.id


def is_camera_file(path: Path) -> bool:
    """Whether a file is meant as a camera file (it has the key `cameras`); False for what cannot be read at all."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return False
    return isinstance(raw, dict) and "cameras" in raw


def files_of(path: Path) -> list[Path]:
    """The files that a camera file's meaning depends on, itself first; only itself when it cannot be read."""
    try:
        entries = _parsed(path).cameras
    except ConfigError:
        return [path]
    files = [path]
    for entry in entries:
        scene = path.parent / entry.scene
        files += [scene, *_reference(scene)]
        files += [path.parent / entry.password_file] if entry.password_file else []
        files += [path.parent / entry.tls.ca] if entry.tls and entry.tls.ca else []
    return files


def ntp_server_of(path: Path) -> str | None:
    """The time server that a camera file names.

    Raises:
        ConfigError: the file is wrong.
    """
    return _parsed(path).ntp_server


def load_cameras(path: Path) -> tuple[LiveCamera, ...]:
    """Reads and checks a camera file with all its scenes.

    Raises:
        ConfigError: one line per fault.
    """
    entries = _parsed(path).cameras
    cameras: list[LiveCamera] = []
    faults: list[str] = []
    for number, entry in enumerate(entries):
        place = f"{path}: cameras[{number}]"
        try:
            cameras.append(_camera(entry, place, path.parent))
        except ConfigError as error:
            faults.append(str(error))
    faults += _repeated(path, cameras)
    if faults:
        raise ConfigError("\n".join(faults))
    return tuple(cameras)


def _parsed(path: Path) -> CameraFile:
    try:
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); give the path of a camera file") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not a text file in UTF-8 (byte {error.start}); give a camera file") from error
    except yaml.YAMLError as error:
        # The parser quotes the line it stumbles over, which may hold an address with its password.
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "a mistake"
        raise ConfigError(f"{path}: not readable as YAML: {problem}{where}") from error
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: expected a camera file (keys version, cameras), got {type(raw).__name__}")
    try:
        return CameraFile.model_validate(raw)
    except ValidationError as error:
        # A list or mapping in the wrong place may hold a password: only plain values are quoted.
        lines = (_GOT_MANY.sub("", line) for line in fault_lines(str(path), error))
        raise ConfigError("\n".join(masked(line) for line in lines)) from error


def _camera(entry: CameraEntry, place: str, folder: Path) -> LiveCamera:
    password = _password(entry, place, folder)
    main = _address(entry, "stream", entry.stream, place, folder, password)
    detect = None
    if entry.detect_stream is not None:
        detect = _address(entry, "detect_stream", entry.detect_stream, place, folder, password)
    trust = _trust(entry, place, folder)
    if trust != Trust() and not any(address.encrypted for address in (main, detect) if address):
        raise ConfigError(
            f"{place}: `tls` and `insecure` are for rtsps://, rtmps:// and https://; remove them or encrypt the stream"
        )
    main, detect = replace(main, trust=trust), detect and replace(detect, trust=trust)
    try:
        scene_file = load_scene(folder / entry.scene)
    except ConfigError as error:
        raise ConfigError(f"{place}.scene: {error}") from error
    return LiveCamera(
        scene_file=scene_file, main=main, detect=detect, rate_hz=entry.fps, ring_bytes=entry.memory_mb * 1_000_000
    )


def _address(entry: CameraEntry, field: str, stream: str, place: str, folder: Path, password: str | None) -> Address:
    try:
        address = parse_address(
            stream, folder=folder, username=entry.username, password=password, transport=entry.transport
        )
    except ValueError as error:
        raise ConfigError(f"{place}.{field}: {error}") from error
    return replace(address, repeat=entry.repeat)


def _trust(entry: CameraEntry, place: str, folder: Path) -> Trust:
    if entry.tls is None:
        return Trust(insecure=entry.insecure)
    if entry.tls.ca is None:
        return Trust(fingerprint=entry.tls.fingerprint)
    ca = (folder / entry.tls.ca).resolve()
    try:
        check_authorities(ca)
    except ValueError as error:
        raise ConfigError(f"{place}.tls.ca: {error}") from error
    return Trust(ca=ca)


def _password(entry: CameraEntry, place: str, folder: Path) -> str | None:
    if entry.password_env is not None:
        value = os.environ.get(entry.password_env)
        if value is None:
            raise ConfigError(
                f"{place}.password_env: the environment has no variable {entry.password_env!r}; set it before starting"
            )
        return value
    if entry.password_file is None:
        return None
    file = folder / entry.password_file
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{place}.password_file: {file} cannot be read; make it a text file that this account may read"
        ) from error


def _reference(scene: Path) -> list[Path]:
    """The picture a scene names, as far as that can be told."""
    try:
        name = load_scene(scene).scene.reference
    except ConfigError:
        return []
    return [scene.parent / name] if name else []


def _repeated(path: Path, cameras: list[LiveCamera]) -> list[str]:
    ids = [camera.id for camera in cameras]
    return [
        f"{path}: cameras: {ids.count(camera_id)} cameras have the id {camera_id!r} in their scenes; give each its own"
        for camera_id in sorted({one for one in ids if ids.count(one) > 1})
    ]

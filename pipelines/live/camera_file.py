"""The camera file: which streams to watch under which scenes. Every fault is named with file, field, value, cure.

In: a YAML file with the keys `version` and `cameras`; scenes in force, for cameras that name none. Out: `LiveCamera`s
with their scenes checked and their passwords fetched from the environment or from files; the camera file itself should
hold none.
"""

import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from detector.scene.fault import Fault, FaultsError, faults, faults_of
from detector.types import ConfigError
from pipelines.live.address import Address, masked, parse_address
from pipelines.live.camera_entry import CameraEntry, CameraFile
from pipelines.live.trust import Trust, check_authorities
from pipelines.scene_file import SceneFile, load_scene

_GOT_MANY = re.compile(r" \(got [\[{(].*\)$", re.DOTALL)
InForce = Callable[[Collection[str]], Mapping[str, SceneFile]]
"""The scenes in force of some cameras; those without one are missing."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """What a camera file asks for: cameras to watch, and the ids of those whose scene nobody has put in force yet."""

    cameras: tuple[LiveCamera, ...]
    undrawn: tuple[str, ...] = ()


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
        if entry.scene is not None:
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


def load_roster(path: Path, in_force: InForce | None = None) -> Roster:
    """Reads and checks a camera file with all its scenes.

    Args:
        path: of the file.
        in_force: gives the scenes in force of cameras that name no file; without it they count as undrawn.

    Raises:
        ConfigError: one line per fault.
        CaseError: the scenes in force cannot be read.
    """
    entries = _parsed(path).cameras
    drawn = _drawn(entries, in_force)
    cameras: list[LiveCamera] = []
    undrawn: list[str] = []
    found: list[Fault] = []
    for number, entry in enumerate(entries):
        place = f"{path}: cameras[{number}]"
        try:
            camera = _camera(entry, place, path.parent, drawn)
        except ConfigError as error:
            found += faults_of(error)
            continue
        if camera is None:
            undrawn.append(entry.camera or "")
        else:
            cameras.append(camera)
    found += _repeated(path, [*(camera.id for camera in cameras), *undrawn])
    if found:
        raise FaultsError(found)
    return Roster(cameras=tuple(cameras), undrawn=tuple(undrawn))


def _drawn(entries: Sequence[CameraEntry], in_force: InForce | None) -> Mapping[str, SceneFile]:
    ids = [entry.camera for entry in entries if entry.camera is not None]
    return in_force(ids) if in_force is not None else {}


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
        found = faults(error.errors(include_url=False), file=str(path))
        raise FaultsError([_without_secrets(one) for one in found]) from error


def _camera(entry: CameraEntry, place: str, folder: Path, drawn: Mapping[str, SceneFile]) -> LiveCamera | None:
    """None where its scene is not in force yet; the rest of the entry is checked all the same."""
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
    scene_file = _scene(entry, place, folder, drawn)
    if scene_file is None:
        return None
    return LiveCamera(
        scene_file=scene_file, main=main, detect=detect, rate_hz=entry.fps, ring_bytes=entry.memory_mb * 1_000_000
    )


def _scene(entry: CameraEntry, place: str, folder: Path, drawn: Mapping[str, SceneFile]) -> SceneFile | None:
    if entry.scene is None:
        return drawn.get(entry.camera or "")
    try:
        return load_scene(folder / entry.scene)
    except ConfigError as error:
        told = (replace(one, file=": ".join(filter(None, (f"{place}.scene", one.file)))) for one in faults_of(error))
        raise FaultsError(list(told)) from error


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


def _without_secrets(fault: Fault) -> Fault:
    value = str(fault.values.get("value", ""))
    shown = "" if value.startswith(("[", "{")) else masked(value)
    return replace(fault, message=masked(_GOT_MANY.sub("", fault.message)), values={**fault.values, "value": shown})


def _repeated(path: Path, ids: list[str]) -> list[Fault]:
    return [
        Fault(
            "cameras",
            f"{ids.count(camera_id)} cameras have the id {camera_id!r} in their scenes; give each its own",
            file=str(path),
        )
        for camera_id in sorted({one for one in ids if ids.count(one) > 1})
    ]

"""Scenes of cameras: check a drawing, keep it as a version, put it in force by a second person.

Every version and every activation is an entry of the ledger with the scene's hash, so that nobody changes unseen what
cameras are judged by. `phatnguoi scene` takes versions in and out as files; live workers read what is in force
(`cases.in_force`), or such files.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from unicodedata import category

import yaml
from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.chain import lock_log
from cases.database import read_transaction, write_transaction
from cases.faults import BadSceneError, IllegalMoveError, NotFoundError, NotPermittedError, SceneMovedError
from cases.ledger import seal
from cases.records import Case, LedgerEntry, SceneVersion
from cases.roles import DRAWERS
from detector.scene import Scene, parse_scene, scene_hash
from detector.scene.fault import Fault, faults

LARGEST_SIDE_PX = 32_768
REFERENCE_LIMIT_BYTES = 8_000_000
_JPEG_START = b"\xff\xd8\xff"


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraScenes:
    """One camera known from scenes or cases; version numbers are None where there are none, degrees where unknown."""

    camera_id: str
    camera_name: str
    ward: str
    in_force: int | None
    newest: int | None
    cases: int
    lat: float | None
    lon: float | None


def check_scene(raw: object) -> Scene:
    """The scene that plain values (of JSON or YAML) say.

    Raises:
        BadSceneError: with every fault and its place.
    """
    try:
        scene = Scene.model_validate(raw)
    except ValidationError as error:
        raise BadSceneError(faults(error.errors(include_url=False), raw=raw)) from error
    wrong = [
        Fault(place, "holds characters that no text has", "odd_characters")
        for place, text in _texts(scene.model_dump())
        if _odd(text)
    ]
    for name, text, longest in (("name", scene.camera.name, 200), ("ward", scene.camera.ward, 100)):
        if len(text) > longest:
            told = f"has {len(text)} characters; at most {longest}"
            wrong.append(Fault(f"camera.{name}", told, "string_too_long", {"max_length": longest}))
    if max(scene.size) > LARGEST_SIDE_PX:
        told = f"no picture is larger than {LARGEST_SIDE_PX} px to a side"
        wrong.append(Fault("size", told, "size_too_large", {"most": LARGEST_SIDE_PX}))
    if wrong:
        raise BadSceneError(wrong)
    return scene


def save_version(
    sessions: sessionmaker[Session],
    *,
    actor: Actor,
    camera_id: str,
    raw: object,
    note: str,
    based_on: int | None,
    now: datetime,
    reference_jpeg: bytes | None = None,
) -> SceneVersion:
    """Keep a drawing as the camera's next version; it is not in force yet.

    Without a picture of its own it keeps that of the version before.

    Raises:
        BadSceneError: the scene is wrong, is another camera's, or its picture is no JPEG of a fitting size.
        IllegalMoveError: somebody saved a version after `based_on` (None: the first).
        NotPermittedError: the role does not draw, or the ward is not the account's.
    """
    actor.require(DRAWERS, "drawing scenes")
    scene = check_scene(raw)
    _refuse_unfit(scene, camera_id, reference_jpeg)
    _require_ward(actor, scene.camera.ward)
    with write_transaction(sessions) as session:
        last = _newest(session, camera_id)
        if last is not None:
            _require_ward(actor, last.ward)
        if (last.number if last else None) != based_on:
            raise IllegalMoveError(
                f"camera {camera_id}: version {last.number if last else 'none'} is the newest, "
                f"not {based_on or 'none'}; somebody saved one meanwhile, read it first"
            )
        version = SceneVersion(
            camera_id=camera_id,
            number=(last.number if last else 0) + 1,
            camera_name=scene.camera.name,
            ward=scene.camera.ward,
            text=scene_text(scene),
            sha256=scene_hash(scene),
            reference_jpeg=reference_jpeg or (last.reference_jpeg if last else None),
            note=note.strip(),
            drawn_by=actor.name,
            drawn_at=now,
        )
        _enter(session, version, "drawn", actor, now)
        return version


def activate(
    sessions: sessionmaker[Session],
    *,
    actor: Actor,
    camera_id: str,
    number: int,
    now: datetime,
    instead_of: Sequence[int | None] = (),
) -> SceneVersion:
    """Put another person's version in force; the one in force until now is retired.

    `instead_of`: the one version that was shown as in force, None for none; empty where nothing was shown.

    Raises:
        NotFoundError: no such version in the account's wards. SceneMovedError: not `instead_of` is in force.
        IllegalMoveError: it is or was in force, or a newer one is. NotPermittedError: one's own drawing, or the role.
    """
    actor.require(DRAWERS, "putting scenes in force")
    with write_transaction(sessions) as session:
        version = _version(session, actor, camera_id, number, lock=True)
        if version.activated_at is not None:
            raise IllegalMoveError(f"camera {camera_id}: version {number} is or was in force already; save it anew")
        if version.drawn_by == actor.name:
            raise NotPermittedError(f"camera {camera_id}: {actor.name} drew version {number}; another person activates")
        lock_log(session, LedgerEntry)  # no other version comes into force between this look and the move
        current = [one for one in _versions(session, camera_id) if one.in_force]
        _require_shown(current, instead_of, camera_id)
        for other in current:
            if other.number > number:
                raise IllegalMoveError(
                    f"camera {camera_id}: version {other.number} is in force and newer; save it anew"
                )
            other.retired_at = now
            _enter(session, other, "retired", actor, now)
        version.activated_by, version.activated_at = actor.name, now
        _enter(session, version, "activated", actor, now)
        return version


def _require_shown(current: Sequence[SceneVersion], instead_of: Sequence[int | None], camera_id: str) -> None:
    """That what is in force is what was shown as such."""
    found: list[int | None] = [one.number for one in current] or [None]
    if instead_of and found != list(instead_of):
        stands, shown = found[0] or "none", instead_of[0] or "none"
        raise SceneMovedError(f"camera {camera_id}: version {stands} is in force, not {shown}; compare it anew")


def cameras(sessions: sessionmaker[Session], *, actor: Actor) -> list[CameraScenes]:
    """All cameras of the account's wards that have scenes or cases, by id."""
    with read_transaction(sessions) as session:
        drawn: dict[str, list[SceneVersion]] = {}
        for one in session.scalars(select(SceneVersion).order_by(SceneVersion.camera_id, SceneVersion.number)):
            drawn.setdefault(one.camera_id, []).append(one)
        rows = session.execute(select(Case.camera_id, func.count()).group_by(Case.camera_id))
        seen = {camera_id: (_newest_case(session, camera_id), count) for camera_id, count in rows}
    found = [_camera(drawn.get(camera_id, []), *seen.get(camera_id, (None, 0))) for camera_id in {*seen, *drawn}]
    return sorted((one for one in found if actor.sees(one.ward)), key=lambda one: one.camera_id)


def unknown_camera(camera_id: str) -> CameraScenes:
    """A camera that is watched but has neither scene versions nor cases."""
    return CameraScenes(camera_id=camera_id, camera_name="", ward="", in_force=None, newest=None, cases=0,
                        lat=None, lon=None)  # fmt: skip


def versions(sessions: sessionmaker[Session], *, actor: Actor, camera_id: str) -> list[SceneVersion]:
    """All versions of a camera in the account's wards, newest first."""
    with read_transaction(sessions) as session:
        return [one for one in reversed(_versions(session, camera_id)) if actor.sees(one.ward)]


def version(sessions: sessionmaker[Session], *, actor: Actor, camera_id: str, number: int) -> SceneVersion:
    """One version.

    Raises:
        NotFoundError: there is none in the account's wards.
    """
    with read_transaction(sessions) as session:
        return _version(session, actor, camera_id, number)


def newest_case(sessions: sessionmaker[Session], *, actor: Actor, camera_id: str) -> Case | None:
    """The camera's newest case: its stills show the street, its manifest the scene that judged."""
    with read_transaction(sessions) as session:
        case = _newest_case(session, camera_id)
        return case if case is not None and actor.sees(case.ward) else None


def scene_text(scene: Scene) -> str:
    """The scene as a file: YAML, nothing written that is a default."""
    plain = scene.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return yaml.safe_dump({"version": scene.version, **plain}, allow_unicode=True, sort_keys=False, width=110)


def plain_scene(text: str, *, name: str) -> dict[str, Any]:
    """A kept scene as JSON values, defaults left out."""
    return parse_scene(text, name=name).model_dump(mode="json", by_alias=True, exclude_defaults=True) | {"version": 1}


def _camera(drawn: Sequence[SceneVersion], case: Case | None, count: int) -> CameraScenes:
    known = drawn[-1] if drawn else case
    assert known is not None
    lat, lon = (case.lat, case.lon) if case is not None else (None, None)
    if drawn:
        lat, lon = _degrees(drawn[-1].sha256, drawn[-1].text)
    return CameraScenes(
        camera_id=known.camera_id,
        camera_name=known.camera_name,
        ward=known.ward,
        in_force=next((one.number for one in drawn if one.in_force), None),
        newest=drawn[-1].number if drawn else None,
        cases=count,
        lat=lat,
        lon=lon,
    )


@lru_cache(4096)
def _degrees(_sha256: str, text: str) -> tuple[float | None, float | None]:
    """Where a scene says its camera is; kept, for reading a scene takes milliseconds and there are thousands."""
    camera = parse_scene(text, name="scene").camera
    return camera.lat, camera.lon


def _newest_case(session: Session, camera_id: str) -> Case | None:
    query = select(Case).where(Case.camera_id == camera_id).order_by(Case.queue_at.desc(), Case.id.desc())
    return session.scalar(query.limit(1))


def _texts(node: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every text of plain values with its place."""
    if isinstance(node, str):
        yield place, node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _texts(value, f"{place}.{key}" if place else str(key))
    elif isinstance(node, list | tuple):
        for index, value in enumerate(node):
            yield from _texts(value, f"{place}[{index}]")


def _odd(text: str) -> bool:
    """Whether a database or a file would refuse it: control characters, halves of surrogate pairs."""
    return any(category(mark) in ("Cc", "Cs") for mark in text)


def _refuse_unfit(scene: Scene, camera_id: str, reference_jpeg: bytes | None) -> None:
    if scene.camera.id != camera_id:
        raise another_camera(scene, camera_id)
    if reference_jpeg is not None and not reference_jpeg.startswith(_JPEG_START):
        raise BadSceneError([Fault("reference", "is no JPEG", "no_jpeg")], why="picture")
    if reference_jpeg is not None and len(reference_jpeg) > REFERENCE_LIMIT_BYTES:
        large = f"has {len(reference_jpeg)} bytes; at most {REFERENCE_LIMIT_BYTES}"
        told = Fault("reference", large, "picture_too_large", {"most": REFERENCE_LIMIT_BYTES})
        raise BadSceneError([told], why="picture_large", allowed=str(REFERENCE_LIMIT_BYTES))


def another_camera(scene: Scene, camera_id: str) -> BadSceneError:
    """The refusal of a drawing that names another camera."""
    told = f"is {scene.camera.id!r}, but this is camera {camera_id!r}"
    fault = Fault("camera.id", told, "another_camera", {"value": scene.camera.id, "camera": camera_id})
    return BadSceneError([fault], why="camera", typed=scene.camera.id, allowed=camera_id)


def _require_ward(actor: Actor, ward: str) -> None:
    if not actor.sees(ward):
        raise NotPermittedError(f"ward {ward!r}: {actor.name} works in {', '.join(actor.wards)}")


def _versions(session: Session, camera_id: str) -> list[SceneVersion]:
    query = select(SceneVersion).where(SceneVersion.camera_id == camera_id).order_by(SceneVersion.number)
    return list(session.scalars(query))


def _newest(session: Session, camera_id: str) -> SceneVersion | None:
    found = _versions(session, camera_id)
    return found[-1] if found else None


def _version(session: Session, actor: Actor, camera_id: str, number: int, *, lock: bool = False) -> SceneVersion:
    query = select(SceneVersion).where(SceneVersion.camera_id == camera_id, SceneVersion.number == number)
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None or not actor.sees(found.ward):
        raise NotFoundError(f"camera {camera_id!r}: there is no version {number} in the wards of {actor.name}")
    return found


def _enter(session: Session, version: SceneVersion, did: str, actor: Actor, now: datetime) -> None:
    told = {"camera_id": version.camera_id, "number": version.number, "sha256": version.sha256}
    seal(session, version, actor=actor.name, at=now, did=did, **told)

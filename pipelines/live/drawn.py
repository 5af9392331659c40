"""Scenes that were drawn and put in force in the console, for cameras whose file names no scene.

In: the cameras' ids. Out: their scenes in force, and a word when another was put in force. The database is asked every
few seconds on a thread of its own, so that one that is slow or gone holds up nothing: what was in force stays.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from threading import Event, Lock, Thread

import cv2
import numpy as np
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from cases.in_force import NotAsLedgerSaysError, numbers_in_force, version_in_force
from cases.records import SceneVersion
from detector.scene import parse_scene, scene_hash
from detector.types import CaseError, ConfigError, PhatnguoiError
from pipelines.live.journal import ERROR, INFO, WARNING, note
from pipelines.scene_file import SceneFile
from pipelines.video.source import Image

LOOK_EVERY_S = 2.0


class DrawnScenes:
    """`want` is called by the main thread, `numbers` by any."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._lock = Lock()
        self._wanted: frozenset[str] = frozenset()
        self._numbers: dict[str, int] = {}
        self._scenes: dict[str, SceneFile] = {}
        self._refused: dict[str, int] = {}
        self._failing = False
        self._over = Event()
        self._thread = Thread(target=self._run, name="scenes", daemon=True)

    def start(self) -> None:
        """From now on what is put in force is noticed."""
        self._thread.start()

    def close(self) -> None:
        """Ends."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def numbers(self) -> Mapping[str, int]:
        """The versions that `want` would give now, by camera; another mapping whenever one changed."""
        return self._numbers

    def want(self, camera_ids: Collection[str]) -> Mapping[str, SceneFile]:
        """The scenes in force of these cameras; a camera without one is missing.

        Raises:
            CaseError: the database cannot be asked about cameras not asked for before.
        """
        wanted = frozenset(camera_ids)
        news = wanted - self._wanted
        self._wanted = wanted
        if news:
            try:
                self._look()
            except SQLAlchemyError as error:
                self._wanted = wanted - news
                raise CaseError(f"the scenes in force cannot be read ({type(error).__name__})") from error
            except CaseError:
                self._wanted = wanted - news
                raise
        return {camera_id: scene for camera_id, scene in self._scenes.items() if camera_id in wanted}

    def _run(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            try:
                if self._wanted:
                    self._look()
            except (PhatnguoiError, SQLAlchemyError) as error:
                self._tell(problem=str(error).splitlines()[0])
            else:
                self._tell(problem="")

    def _look(self) -> None:
        with self._lock:
            # Read here: who waited for the lock must not forget what was wanted meanwhile.
            numbers = numbers_in_force(self._sessions, self._wanted)
            scenes = {camera_id: self._scenes[camera_id] for camera_id in numbers if camera_id in self._scenes}
            given = {camera_id: self._numbers[camera_id] for camera_id in scenes}
            try:
                for camera_id, number in numbers.items():
                    if given.get(camera_id) != number and self._refused.get(camera_id) != number:
                        self._take(camera_id, number, scenes, given)
            finally:  # a database that fails half-way: what was read stands, the rest is asked for again
                if given != self._numbers:
                    self._scenes, self._numbers = scenes, given

    def _take(self, camera_id: str, number: int, scenes: dict[str, SceneFile], given: dict[str, int]) -> None:
        """A version newly in force; one that cannot be used leaves the camera as it was.

        Raises:
            CaseError, SQLAlchemyError: the database cannot be read now, which says nothing of the version.
        """
        try:
            scenes[camera_id] = _scene_file(version_in_force(self._sessions, camera_id, number))
        except (NotAsLedgerSaysError, ConfigError) as error:
            self._refused[camera_id] = number
            note(ERROR, "scene-refused", camera_id, version=number, problem=error)
        else:
            given[camera_id] = number
            note(INFO, "scene-in-force", camera_id, version=number, sha256=scenes[camera_id].hash)

    def _tell(self, *, problem: str) -> None:
        if problem and not self._failing:
            note(WARNING, "scenes-unread", problem=problem)
        elif self._failing and not problem:
            note(INFO, "scenes-read")
        self._failing = bool(problem)


def _scene_file(version: SceneVersion) -> SceneFile:
    name = f"{version.camera_id}, version {version.number}"
    scene = parse_scene(version.text, name=name)
    view = _picture(version.reference_jpeg)
    fits = view is not None and scene.reference is not None and (view.shape[1], view.shape[0]) == scene.size
    return SceneFile(
        path=Path(name),
        text=version.text,
        scene=scene,
        hash=scene_hash(scene),
        reference=view if fits else None,
        view=view,
    )


def _picture(jpeg: bytes | None) -> Image | None:
    """The view a version was drawn on; None where there is none, or it is damaged."""
    image = None if jpeg is None else cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    return None if image is None else np.asarray(image, np.uint8)

"""The cameras being watched: started, stopped and exchanged while the others go on. Called by the main thread.

In: what the camera file says now. A camera whose entry, scene or password changed is stopped and started anew; if its
scene is the same, it goes on where it was, with its dwell.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from detector.types import ConfigError
from pipelines.live.camera_file import LiveCamera, Roster
from pipelines.live.engines import Engines, Seat
from pipelines.live.journal import ERROR, INFO, WARNING, note
from pipelines.live.overload import OverloadWatch
from pipelines.live.status import CameraStatus, Said, State, StreamStatus
from pipelines.live.tempo import Tempo, complaint, complaint_said
from pipelines.live.watch import OnFrame, Watch

NO_SCENE = "no scene in force; draw one in the console and have a second person put it in force"
Build = Callable[[LiveCamera, OnFrame], Watch]


@dataclass(slots=True, kw_only=True)
class _Post:
    """One camera at its place."""

    seat: Seat
    watch: Watch
    fingerprint: str
    overload: OverloadWatch = field(default_factory=OverloadWatch)


class Fleet:
    """See the module.

    Args:
        build: makes a watch of a camera and the taker of its frames.
        engines: what looks at them.
        tempo: how often all of them are looked at.
    """

    def __init__(self, build: Build, engines: Engines, tempo: Tempo) -> None:
        self._build = build
        self._engines = engines
        self._tempo = tempo
        self._posts: dict[str, _Post] = {}
        self._leaving: list[_Post] = []
        self._wanted: dict[str, LiveCamera] = {}
        self._undrawn: dict[str, CameraStatus] = {}

    @property
    def statuses(self) -> tuple[CameraStatus, ...]:
        """Of all cameras, in the order of the camera file; those without a scene last."""
        watched = (self._posts[camera_id].watch.status for camera_id in self._wanted if camera_id in self._posts)
        return (*watched, *self._undrawn.values())

    @property
    def ended(self) -> bool:
        """Every camera was a file and is over."""
        posts = self._posts.values()
        waited = len(posts) < len(self._wanted) or bool(self._undrawn)
        return bool(posts) and not waited and all(_is_over(post) for post in posts)

    def muster(self, roster: Roster) -> None:
        """From now on these are watched.

        Raises:
            ConfigError: another worker holds one of them; those before it are watched.
        """
        cameras = roster.cameras
        self._await(roster.undrawn)
        self._wanted = {camera.id: camera for camera in cameras}
        for camera_id, post in list(self._posts.items()):
            camera = self._wanted.get(camera_id)
            if camera is None or fingerprint(camera) != post.fingerprint:
                self._dismiss(camera_id, "changed" if camera else "removed")
        for camera in cameras:
            if camera.id not in self._posts and not self._is_leaving(camera.id):
                self._admit(camera)

    def know(self, violation_ids: Sequence[str]) -> None:
        """These acts are told already, by an earlier worker; before the engine starts."""
        for post in self._posts.values():
            post.watch.filed.update(violation_ids)

    def look(self) -> None:
        """Closes the boxes of files that have ended, and starts cameras whose predecessor has gone."""
        self._tempo.look(self.statuses)
        for post in self._posts.values():
            watch = post.watch
            post.overload.look(watch.status)
            slower = (watch.scene_file.scene, watch.camera.rate_hz, self._tempo.share)
            watch.status.slowed, watch.status.slowed_said = complaint(*slower), complaint_said(*slower)
            if _is_over(post):
                post.seat.close()
        gone = [post for post in self._leaving if post.watch.over]
        self._leaving = [post for post in self._leaving if not post.watch.over]
        for post in gone:
            camera = self._wanted.get(post.watch.camera.id)
            if camera is None or camera.id in self._posts:
                continue
            try:
                self._admit(camera)
            except ConfigError as error:
                note(ERROR, "not-started", camera.id, problem=error)

    def stop(self) -> None:
        """Stops all of them."""
        for post in self._posts.values():
            if not _is_over(post):
                post.watch.stop.set()
            post.seat.close()

    def join(self, timeout_s: float) -> None:
        """Waits for the reading threads, and lets other workers have the cameras."""
        for post in (*self._posts.values(), *self._leaving):
            for reader in post.watch.readers:
                reader.join(timeout_s)
            post.watch.checkpoint.close()

    def _await(self, camera_ids: Sequence[str]) -> None:
        """These are shown, but cannot be watched before a scene of theirs is in force."""
        for camera_id in camera_ids:
            if camera_id not in self._undrawn:
                note(WARNING, "undrawn", camera_id, problem=NO_SCENE)
        self._undrawn = {
            camera_id: CameraStatus(
                id=camera_id,
                streams=(StreamStatus(role="main", state=State.UNDRAWN, problem=NO_SCENE, said=Said(code="undrawn")),),
            )
            for camera_id in camera_ids
        }

    def _is_leaving(self, camera_id: str) -> bool:
        return any(post.watch.camera.id == camera_id for post in self._leaving)

    def _admit(self, camera: LiveCamera) -> None:
        seat = self._engines.open()
        try:
            watch = self._build(camera, seat.put)
        except Exception:
            seat.close()
            raise
        self._posts[camera.id] = _Post(seat=seat, watch=watch, fingerprint=fingerprint(camera))
        seat.take(watch)
        for reader in watch.readers:
            reader.start()

    def _dismiss(self, camera_id: str, why: str) -> None:
        post = self._posts.pop(camera_id)
        post.watch.stop.set()
        post.seat.close()
        self._leaving.append(post)
        note(INFO, "dismissed", camera_id, why=why)


def fingerprint(camera: LiveCamera) -> str:
    """Changes with anything that a camera's watch depends on."""
    reference = camera.scene_file.reference
    parts = (
        str(camera.scene_file.path),
        camera.scene_file.text,
        "" if reference is None else sha256(reference.tobytes()).hexdigest(),
        camera.scene_file.hash,
        camera.main.url,
        camera.main.transport,
        camera.detect.url if camera.detect else "",
        repr((camera.rate_hz, camera.ring_bytes, camera.main.trust)),
    )
    return sha256("\0".join(parts).encode()).hexdigest()


def folder_of(root: Path, camera_id: str) -> Path:
    """Where a camera's workers lay aside what they know; an id may consist of dots."""
    return root / f"camera-{camera_id}"


def _is_over(post: _Post) -> bool:
    return post.watch.readers[-1].ended

"""The tracks of the last two days, camera by camera, in `DATA/tracks/`: what a changed scene is tried on.

Workers write (`TrackLog`), the server reads (`stretches`). A stretch is one file of a few minutes, written whole; the
same stretch written again takes its own place. Nothing here is evidence, and no pixel: losing it costs a trial.
"""

import hashlib
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.scene import Scene, parse_scene
from detector.tape import pack, stripped
from detector.types import ConfigError, TrackedFrame, Window

KEPT_S = 48 * 3600.0
"""Files not written for so long are removed."""
STRETCH_S = 300.0
"""Stream seconds of one file: what a killed worker loses."""
STRETCH_ROWS = 5000
"""A stretch of a crowded street ends earlier: some 4 MB while it is gathered, 120 kB as a file."""
_DAMAGED = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, ConfigError)

Save = Callable[["Stretch"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Some minutes of one source's tracks and the scene they were watched by.

    Attributes:
        first_index: of its first frame within the source.
        window: the part of the picture that was looked at, None where it was the whole.
        arrays: see `detector.tape`.
    """

    camera_id: str
    source_id: str
    scene_text: str
    first_index: int
    arrays: Mapping[str, NDArray[np.generic]]
    window: Window | None = None

    @property
    def scene(self) -> Scene:
        """What the camera was watched by."""
        return parse_scene(self.scene_text, name=f"{self.camera_id}: kept tracks")


def tracks_folder(data_dir: Path) -> Path:
    """Where an installation keeps tracks."""
    return data_dir / "tracks"


def camera_folder(root: Path, camera_id: str) -> Path:
    """A camera's folder; the ending keeps one called `..` inside."""
    return root / f"{camera_id}.tracks"


def save_stretch(root: Path, stretch: Stretch) -> None:
    """Write a stretch whole, and remove what is too old of its camera.

    Raises:
        OSError: the folder cannot be written.
    """
    folder = camera_folder(root, stretch.camera_id)
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"source_id": stretch.source_id, "scene_text": stretch.scene_text}
    heads: dict[str, NDArray[np.generic]] = {
        name: np.frombuffer(text.encode(), np.uint8) for name, text in texts.items()
    }
    if stretch.window is not None:
        heads["window"] = np.array(stretch.window, np.int32)
    buffer = BytesIO()
    np.savez_compressed(buffer, **{**stretch.arrays, **heads})  # type: ignore[arg-type]
    source = hashlib.sha256(stretch.source_id.encode()).hexdigest()[:16]
    target = folder / f"{source}-{stretch.first_index:012d}.npz"
    draft = target.with_suffix(".draft")
    try:
        draft.write_bytes(buffer.getvalue())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    _forget(folder)


def stretches(root: Path, camera_id: str, *, hours: float) -> Iterator[Stretch]:
    """What was written of a camera in the last hours, source by source in order; damaged files are left out."""
    since_s = time.time() - hours * 3600
    folder = camera_folder(root, camera_id)
    for path in sorted(folder.glob("*.npz")) if folder.is_dir() else []:
        try:
            if path.stat().st_mtime >= since_s:
                yield _read(camera_id, path)
        except _DAMAGED:
            continue


def count_stretches(root: Path, camera_id: str, *, hours: float) -> int:
    """How many files a reading of these hours would look at."""
    since_s = time.time() - hours * 3600
    folder = camera_folder(root, camera_id)
    return sum(path.stat().st_mtime >= since_s for path in folder.glob("*.npz")) if folder.is_dir() else 0


def _read(camera_id: str, path: Path) -> Stretch:
    with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as file:
        arrays = dict(file)
    window = arrays.pop("window", None)
    stretch = Stretch(
        camera_id=camera_id,
        source_id=arrays.pop("source_id").tobytes().decode(),
        scene_text=arrays.pop("scene_text").tobytes().decode(),
        first_index=int(arrays["index"][0]),
        arrays=arrays,
        window=None if window is None else Window(*window.tolist()),
    )
    _ = stretch.scene  # a scene that cannot be read is damage, told here
    return stretch


def _forget(folder: Path) -> None:
    before_s = time.time() - KEPT_S
    for path in folder.glob("*.npz"):
        if path.stat().st_mtime < before_s:
            path.unlink(missing_ok=True)


@dataclass(slots=True)
class TrackLog:
    """Gathers one source's frames and gives them away stretch by stretch; used by one thread.

    Attributes:
        window: the part of the picture that is looked at, None where it is the whole.
        save: takes a stretch that is over; what it raises goes to whoever noted the frame.
    """

    camera_id: str
    source_id: str
    scene_text: str
    save: Save
    window: Window | None = None
    _frames: list[TrackedFrame] = field(default_factory=list, init=False)
    _known: set[int] = field(default_factory=set, init=False)
    _rows: int = field(default=0, init=False)

    def note(self, frame: TrackedFrame | None) -> None:
        """One more frame; None when there was none."""
        if frame is None:
            return
        first = self._frames[0].stamp if self._frames else frame.stamp
        if frame.stamp.t_s - first.t_s >= STRETCH_S or self._rows >= STRETCH_ROWS or frame.stamp.epoch != first.epoch:
            self.close()
        self._frames.append(stripped(frame, self._known))
        self._rows += len(frame.tracks)

    def close(self) -> None:
        """The stretch so far is over."""
        frames, self._frames, self._rows = self._frames, [], 0
        if frames:
            self.save(self._stretch(frames))

    def _stretch(self, frames: list[TrackedFrame]) -> Stretch:
        return Stretch(
            camera_id=self.camera_id,
            source_id=self.source_id,
            scene_text=self.scene_text,
            first_index=frames[0].stamp.index,
            arrays=pack(frames),
            window=self.window,
        )

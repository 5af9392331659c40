"""A street that tells its own time, and a backend that reads it off the picture: exact boxes over any transport.

The recording is the street of `tests.pipelines.street` at double speed (12 s); the number written into each frame says
what is in it, so that no clock of the test's has to agree with the stream's.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from pathlib import Path

import cv2
import numpy as np

from detector.inference import Backend, Letterbox, Network, Picture
from detector.types import AS_IT_IS, Detections, ObjectClass
from tests.footage_maker import number_in, write_video
from tests.pipelines.street import FPS, FRAMES, SIZE_WH, Seen, objects_at, picture, write_registry, write_scene

SPEED = 2
STREAM_FPS = FPS * SPEED
LENGTH_S = FRAMES / STREAM_FPS


class SeeingBackend:
    """A `Backend` that knows what is in a numbered frame; `look` may slow it down, `objects` be another street's."""

    network_hash = "5" * 64
    calibration = AS_IT_IS

    def __init__(
        self, look: Callable[[int], None] = lambda _: None, objects: Callable[[float], Iterable[Seen]] = objects_at
    ) -> None:
        self._look = look
        self._objects = objects

    def letterbox(self, source_wh: tuple[int, int]) -> Letterbox:
        return Letterbox.fitted(source_wh, long_side_px=640, stride_px=32)

    def submit(self, picture: Picture) -> Future[Detections]:
        box = picture.letterbox
        left, top = box.offset_xy
        number = number_in(picture.pixels[top : top + box.inner_wh[1], left : left + box.inner_wh[0]])
        self._look(number)
        done: Future[Detections] = Future()
        seen = [(ObjectClass.from_label(item.kind), 0.95, item.xyxy) for item in self._objects(number / FPS)]
        done.set_result(Detections.of(*seen))
        return done

    def close(self) -> None:
        return


def open_seeing(_network: Network) -> Backend:
    return SeeingBackend()


def make_fast_street(
    folder: Path, *, size_wh: tuple[int, int] = SIZE_WH, name: str = "fast.mp4", length_s: float = LENGTH_S
) -> Path:
    """The recording or its beginning; scaled down from the full size where another is asked for."""
    return write_video(
        folder / name,
        frames=round(length_s * STREAM_FPS),
        fps=STREAM_FPS,
        size_wh=size_wh,
        picture=lambda number, wh: np.asarray(cv2.resize(picture(number, SIZE_WH), wh), np.uint8),
        options={"bf": "2"},
    )


def write_camera(folder: Path, camera_id: str) -> Path:
    """The street's scene under another camera id."""
    path = write_scene(folder / f"{camera_id}.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace("HN-TEST-1", camera_id), encoding="utf-8")
    return path


def write_cameras(folder: Path, *entries: str, name: str = "cameras.yaml") -> Path:
    """A camera file of flow mappings, and the registry beside it."""
    write_registry(folder / "registry.toml")
    path = folder / name
    path.write_text("version: 1\ncameras:\n" + "".join(f"  - {{{entry}}}\n" for entry in entries), encoding="utf-8")
    return path

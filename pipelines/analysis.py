"""From a recording to observations: decode, detect, read loads, find lasting foreground. In order, bounded, lossless.

A reader thread decodes ahead into a small FIFO (files are never dropped; it waits), the backend works on several
pictures at once, and observations come out in the order of the frames on the thread that iterates.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from queue import Full, Queue
from threading import Event, Thread
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from detector.inference.backend import Backend
from detector.inference.load import LoadClassifier
from detector.inference.picture import Picture
from detector.lane import wants_load
from detector.scene import Scene, ZoneKind
from detector.types import Detections, FrameStamp, LoadState
from pipelines.observations import Observation, seen_at
from pipelines.sampling import SlotSampler
from pipelines.scene_file import SceneFile
from pipelines.video.source import FrameSource, Image, ReadCounters, ResumePoint, SourceFrame

DECODED_AHEAD = 4
"""Frames decoded and waiting; each holds a decoder's picture, 3 MB at 1080p."""
IN_FLIGHT = 4
"""Pictures submitted and not yet collected: enough to keep two cores busy while one result is handled."""
_WAIT_S = 0.2


class Foreground(Protocol):
    """What finds lasting foreground (see `detector.foreground`)."""

    def step(self, t_s: float, picture_bgr: Image, scale_xy: tuple[float, float], detections: Detections) -> Detections:
        """Rows of class OBJECT, full-frame px; `scale_xy` is full-frame px per px of the small picture."""
        ...

    def state(self) -> dict[str, NDArray[np.generic]]:
        """Everything it remembers, as arrays that a later `restore` takes."""
        ...

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Goes on from where `state` was taken, bit for bit."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyser:
    """What looks at the pictures of one recording; the foreground model is its only state.

    Attributes:
        scene: whose zones say where loads are read.
        start_at: UTC of stream time zero, or None.
        rate_hz: analysed frames per second.
        backend: the street-user network.
        loads: the load classifier, None when there is none.
        foreground: None when the scene has no sidewalk.
    """

    scene: Scene
    start_at: datetime | None
    rate_hz: float
    backend: Backend
    loads: LoadClassifier | None
    foreground: Foreground | None

    def observe(self, source: FrameSource, *, after: Observation | None = None) -> Iterator[Observation]:
        """The recording's observations, or those behind `after`."""
        pending: deque[tuple[_Due, Future[Detections]]] = deque()
        reader = _Reader(self, source, after)
        try:
            for due in reader:
                pending.append((due, self.backend.submit(due.picture)))
                if len(pending) >= IN_FLIGHT:
                    yield self._observed(*pending.popleft())
            while pending:
                yield self._observed(*pending.popleft())
        finally:
            reader.stop()
            for _, future in pending:
                future.cancel()

    @property
    def network_hash(self) -> str:
        """Which networks look."""
        return self.backend.network_hash + (self.loads.network_hash if self.loads else "")

    def state(self) -> dict[str, NDArray[np.generic]]:
        """The foreground model's memory after the observation yielded last."""
        return self.foreground.state() if self.foreground else {}

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Goes on behind the observation after which `state` was taken."""
        if self.foreground is not None:
            self.foreground.restore(state)

    def enriched(self, t_s: float, frame: SourceFrame, picture: Picture, detections: Detections) -> Detections:
        """The network's detections with the loads of trucks read and lasting foreground added."""
        detections = self._with_loads(frame, detections)
        if self.foreground is None:
            return detections
        box = picture.letterbox
        left, top = box.offset_xy
        inner = picture.pixels[top : top + box.inner_wh[1], left : left + box.inner_wh[0]]
        full_per_small = 1 / box.scale_xy[0], 1 / box.scale_xy[1]
        return _joined(detections, self.foreground.step(t_s, inner, full_per_small, detections))

    def _observed(self, due: "_Due", future: Future[Detections]) -> Observation:
        detections = self.enriched(due.stamp.t_s, due.frame, due.picture, future.result())
        return Observation(due.stamp, detections, due.read)

    def _with_loads(self, frame: SourceFrame, detections: Detections) -> Detections:
        if self.loads is None:
            return detections
        wanted = np.flatnonzero(wants_load(self.scene, detections))
        if not len(wanted):
            return detections
        image = frame.full()
        load = np.full((len(detections), len(LoadState)), np.nan, np.float32)
        load[wanted] = self.loads.read([_crop(image, detections.xyxy[row]) for row in wanted])
        return replace(detections, load=load)


def build_analyser(
    scene_file: SceneFile,
    *,
    start_at: datetime | None,
    rate_hz: float,
    backend: Backend,
    loads: LoadClassifier | None,
) -> Analyser:
    """The analyser of one source, with a foreground model where the scene has a sidewalk."""
    scene = scene_file.scene
    sidewalks = [zone.polygon for zone in scene.zones_of(ZoneKind.SIDEWALK)]
    foreground = None
    if sidewalks:
        from detector.foreground import StaticForeground

        foreground = StaticForeground(sidewalks, size_wh=scene.size, reference=scene_file.reference)
    return Analyser(
        scene=scene, start_at=start_at, rate_hz=rate_hz, backend=backend, loads=loads, foreground=foreground
    )


@dataclass(frozen=True, slots=True)
class _Due:
    """A frame to analyse."""

    stamp: FrameStamp
    picture: Picture
    frame: SourceFrame
    read: ReadCounters


class _Reader:
    """Decodes on its own thread; an error there comes out where the frames are taken."""

    def __init__(self, analyser: Analyser, source: FrameSource, after: Observation | None) -> None:
        self._analyser = analyser
        self._source = source
        self._after = after
        self._queue: Queue[_Due | BaseException | None] = Queue(DECODED_AHEAD)
        self._stopped = Event()
        self._thread = Thread(target=self._run, name=f"read {source.recording.name}", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[_Due]:
        while (item := self._queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item

    def stop(self) -> None:
        """Lets the thread end; waits for it, since it holds the file open."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            for due in self._due():
                if not self._put(due):
                    return
            self._put(None)
        except BaseException as error:  # carried over to the thread that iterates
            self._put(error)

    def _put(self, item: _Due | BaseException | None) -> bool:
        while not self._stopped.is_set():
            try:
                self._queue.put(item, timeout=_WAIT_S)
            except Full:
                continue
            return True
        return False

    def _due(self) -> Iterator[_Due]:
        last = self._after.stamp if self._after else None
        letterbox = self._analyser.backend.letterbox(self._source.recording.size_wh)
        sampler = SlotSampler(self._analyser.rate_hz, last_s=last.t_s if last else None)
        index = last.index + 1 if last else 0
        for frame in self._source.frames(ResumePoint(last.t_s, last.epoch) if last else None):
            if self._stopped.is_set():
                return
            if not sampler.wants(frame.t_s):
                continue
            picture = Picture.framed(frame.small(letterbox.inner_wh), letterbox, t_s=frame.t_s)
            yield _Due(self._stamp(frame, index), picture, frame, replace(self._source.counters))
            index += 1

    def _stamp(self, frame: SourceFrame, index: int) -> FrameStamp:
        return FrameStamp(
            camera_id=self._analyser.scene.camera.id,
            epoch=frame.epoch,
            index=index,
            pts=frame.pts,
            t_s=frame.t_s,
            seen_at=seen_at(self._analyser.start_at, frame.t_s),
            clock=frame.clock,
        )


def _crop(image: Image, xyxy: NDArray[np.float32]) -> Image:
    """The part of a picture inside a box, at least one pixel, clipped to the picture."""
    height, width = image.shape[:2]
    x1, y1 = (int(np.clip(v, 0, side - 1)) for v, side in zip(xyxy[:2], (width, height), strict=True))
    x2, y2 = (
        int(np.clip(np.ceil(v), low + 1, side))
        for v, low, side in zip(xyxy[2:], (x1, y1), (width, height), strict=True)
    )
    return image[y1:y2, x1:x2]


def _joined(seen: Detections, objects: Detections) -> Detections:
    """Both sets of rows; the objects' missing columns are filled as "not read"."""
    if not len(objects):
        return seen
    appearance = load = None
    if seen.appearance is not None:
        own = objects.appearance
        filler = np.zeros((len(objects), seen.appearance.shape[1]), np.uint8)
        appearance = np.concatenate([seen.appearance, filler if own is None else own])
    if seen.load is not None:
        load = np.concatenate([seen.load, np.full((len(objects), seen.load.shape[1]), np.nan, np.float32)])
    return Detections(
        xyxy=np.concatenate([seen.xyxy, objects.xyxy]),
        score=np.concatenate([seen.score, objects.score]),
        kind=np.concatenate([seen.kind, objects.kind]),
        appearance=appearance,
        load=load,
    )

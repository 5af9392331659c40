"""From a recording to observations: decode, detect, read loads, find lasting foreground. In order, bounded, lossless.

A `Looker` decodes ahead and hands pictures to the network (files are never dropped; it waits); observations come out
in the order of the frames on the thread that iterates.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from detector.gate import MotionGate, need_of
from detector.gate.memory import GateMemory, boxes_and_scores
from detector.inference.backend import Backend
from detector.inference.load import LoadClassifier
from detector.inference.picture import Picture
from detector.lane import wants_load
from detector.scene import Scene, ZoneKind, window_of
from detector.types import Detections, LoadState, Window
from pipelines.looker import IN_FLIGHT, Looker, Plan
from pipelines.observations import Observation
from pipelines.priority import BEHIND_READING, step_back
from pipelines.scene_file import SceneFile
from pipelines.video.source import FrameSource, Image, SourceFrame

GATE = "gate_"
"""Begins the names of the gate's arrays among those of the state."""
SEEN_COLUMNS = 5


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


@dataclass(slots=True, kw_only=True)
class Analyser:
    """What looks at the pictures of one recording; its state is the foreground model's and the gate's.

    Attributes:
        scene: whose zones say where loads are read.
        start_at: UTC of stream time zero, or None.
        rate_hz: frames per second that may be looked at.
        backend: the street-user network.
        window: the part of the picture that is looked at, None for the whole.
        loads: the load classifier, None when there is none.
        foreground: None when the scene has no sidewalk.
        gate: leaves out frames in which nothing has changed; None looks at all.
        yields: the thread that takes observations is theirs alone and lets the reading of pictures go first.
    """

    scene: Scene
    start_at: datetime | None
    rate_hz: float
    backend: Backend
    window: Window | None
    loads: LoadClassifier | None
    foreground: Foreground | None
    gate: MotionGate | None = None
    yields: bool = False
    _gate_then: GateMemory | None = field(default=None, init=False)
    _found: deque[Detections] = field(default_factory=lambda: deque(maxlen=IN_FLIGHT), init=False)

    def observe(self, source: FrameSource, *, after: Observation | None = None) -> Iterator[Observation]:
        """The recording's observations, or those behind `after` (and `restore` was given the state after it)."""
        looker = Looker(self._plan(after), source)
        try:
            if self.yields:
                step_back(BEHIND_READING)
            for look in looker:
                found = look.found.result()
                self._gate_then = look.gate
                self._found.append(found)
                seen = self.enriched(look.stamp.t_s, look.frame, look.picture, found)
                yield Observation(look.stamp, seen, look.read)
        finally:
            looker.stop()

    @property
    def network_hash(self) -> str:
        """Which networks look."""
        return self.backend.network_hash + (self.loads.network_hash if self.loads else "")

    def state(self) -> dict[str, NDArray[np.generic]]:
        """What the foreground model and the gate remember after the observation yielded last."""
        state = self.foreground.state() if self.foreground else {}
        if self._gate_then is not None:
            untold = list(self._found)[-len(self._gate_then.pending) :]
            rows = [np.column_stack([seen.xyxy, seen.score]) for seen in untold]
            gate = self._gate_then.arrays() | {
                "found": np.concatenate([np.zeros((0, SEEN_COLUMNS), np.float32), *rows]),
                "rows": np.array([len(seen) for seen in untold], np.int64),
            }
            state |= {GATE + name: array for name, array in gate.items()}
        return state

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Goes on behind the observation after which `state` was taken."""
        gate = {name.removeprefix(GATE): array for name, array in state.items() if name.startswith(GATE)}
        if self.gate is not None and gate:
            ends = np.cumsum(gate["rows"])
            found = [gate["found"][end - rows : end] for end, rows in zip(ends, gate["rows"], strict=True)]
            self._found.extend(boxes_and_scores(rows.astype(np.float32)) for rows in found)
            self.gate.restore(gate)
            self._gate_then = self.gate.memory
        if self.foreground is not None:
            self.foreground.restore({name: array for name, array in state.items() if not name.startswith(GATE)})

    def _plan(self, after: Observation | None) -> Plan:
        untold = len(self.gate.memory.pending) if self.gate is not None and after is not None else 0
        return Plan(
            camera_id=self.scene.camera.id,
            start_at=self.start_at,
            rate_hz=self.rate_hz,
            window=self.window,
            backend=self.backend,
            gate=self.gate,
            keeps_frames=self.loads is not None,
            after=after,
            known=tuple(self._found)[-untold:] if untold else (),
        )

    def enriched(self, t_s: float, frame: SourceFrame | None, picture: Picture, detections: Detections) -> Detections:
        """The network's detections with the loads of trucks read and lasting foreground added."""
        detections = self._with_loads(frame, detections)
        if self.foreground is None:
            return detections
        box = picture.letterbox
        left, top = box.offset_xy
        inner = picture.pixels[top : top + box.inner_wh[1], left : left + box.inner_wh[0]]
        full_per_small = 1 / box.scale_xy[0], 1 / box.scale_xy[1]
        return _joined(detections, self.foreground.step(t_s, inner, full_per_small, detections))

    def _with_loads(self, frame: SourceFrame | None, detections: Detections) -> Detections:
        if self.loads is None or frame is None:
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
    whole: bool = False,
    gated: bool = True,
    yields: bool = False,
) -> Analyser:
    """The analyser of one source, with a foreground model where the scene has a sidewalk, and a gate if wanted.

    Args:
        whole: the whole picture is looked at, wherever the scene's zones lie: it comes no larger than networks take it.
    """
    scene = scene_file.scene
    sidewalks = [zone.polygon for zone in scene.zones_of(ZoneKind.SIDEWALK)]
    foreground = None
    if sidewalks:
        from detector.foreground import StaticForeground

        foreground = StaticForeground(sidewalks, size_wh=scene.size, reference=scene_file.reference)
    return Analyser(
        scene=scene,
        start_at=start_at,
        rate_hz=rate_hz,
        backend=backend,
        window=None if whole else looked_at(scene, backend),
        loads=loads,
        foreground=foreground,
        gate=MotionGate(size_wh=scene.size, still_s=1 / need_of(scene).still_hz) if gated else None,
        yields=yields,
    )


def looked_at(scene: Scene, backend: Backend) -> Window | None:
    """The part of pictures of the scene's own size that is looked at, None for the whole."""
    return window_of(scene, finest=scene.size[0] / backend.letterbox(scene.size).inner_wh[0])


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

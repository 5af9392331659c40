"""A backend that reads what is there from a script instead of looking: rules and trackers judged on their own.

In: the boxes a renderer or a person wrote down, one JSON object a line:
`{"t_s": 0.2, "objects": [{"id": 7, "kind": "motorcycle", "xyxy": [610, 402, 655, 498], "visible": 0.93}]}`,
xyxy in full-frame px; a truck may carry `"load": "uncovered_load"`; other keys are the writer's own. Out: the
detections of the line nearest in time to each picture.
"""

import hashlib
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from detector.inference.appearance import appearance
from detector.inference.letterbox import Letterbox
from detector.inference.picture import Picture
from detector.scene.fault import faults
from detector.types.calibration import AS_IT_IS
from detector.types.classes import LoadState, ObjectClass
from detector.types.detections import Detections
from detector.types.errors import ConfigError, InferenceError
from detector.types.window import Window

VISIBLE_MIN = 0.25
"""Objects of which less is in view are left out, as a network would."""
SCORE = 0.95
INPUT = {"long_side_px": 640, "stride_px": 32}


def _kind(value: object) -> object:
    labels = [kind.label for kind in ObjectClass]
    if isinstance(value, str) and value in labels:
        return ObjectClass.from_label(value)
    raise ValueError(f"expected one of {', '.join(labels)}, got {value!r}")


class ScriptedObject(BaseModel):
    """One road user or thing at one time."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Annotated[ObjectClass, BeforeValidator(_kind)]
    xyxy: tuple[float, float, float, float]
    visible: float = Field(1.0, ge=0, le=1)
    load: LoadState | None = None


class ScriptedFrame(BaseModel):
    """Everything at one time."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    t_s: float = Field(ge=0)
    objects: tuple[ScriptedObject, ...]


class ScriptedBackend:
    """A `Backend` over written-down frames."""

    def __init__(self, frames: Sequence[ScriptedFrame]) -> None:
        """Index the frames by time.

        Raises:
            ValueError: there are none.
        """
        if not frames:
            raise ValueError("frames: expected at least one")
        self._frames = sorted(frames, key=lambda frame: frame.t_s)
        self._times_s = np.array([frame.t_s for frame in self._frames])
        steps_s = np.diff(self._times_s)
        self._reach_s = float(np.median(steps_s)) / 2 + 1e-6 if len(steps_s) else np.inf
        digest = hashlib.sha256()
        for frame in self._frames:
            digest.update(frame.model_dump_json().encode() + b"\n")
        self.network_hash = digest.hexdigest()
        self.calibration = AS_IT_IS
        self._closed = Event()

    @classmethod
    def from_file(cls, path: Path) -> "ScriptedBackend":
        """The script in a JSON-lines file.

        Raises:
            InferenceError: the file cannot be read.
            ConfigError: a line is not what is expected (named by its number), or there is none.
        """
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InferenceError(f"{path}: cannot read the script of boxes ({error}); check the path") from error
        frames = [_frame(f"{path}:{number}", line) for number, line in enumerate(lines, 1) if line.strip()]
        if not frames:
            raise ConfigError(f"{path}: no line with boxes; expected one JSON object per frame")
        return cls(frames)

    def letterbox(self, source_wh: tuple[int, int]) -> Letterbox:
        """How pictures of a source must be scaled and framed for `submit`."""
        return Letterbox.fitted(source_wh, **INPUT)

    def submit(self, picture: Picture) -> Future[Detections]:
        """The detections of the line nearest to `picture.t_s`, none if it is further than half a step away.

        Raises:
            InferenceError: the picture has no `t_s`, is not framed by `letterbox`, or the backend is closed.
        """
        if self._closed.is_set():
            raise InferenceError("scripted: closed; open a new backend to go on")
        if picture.t_s is None:
            raise InferenceError("scripted: the picture has no t_s, by which its line is found; give the frame's time")
        if replace(picture.letterbox, window=None) != self.letterbox(picture.letterbox.source_wh):
            raise InferenceError(f"scripted: unexpected {picture.letterbox}; frame the picture with `letterbox()`")
        future: Future[Detections] = Future()
        future.set_result(self._seen(picture.t_s, picture))
        return future

    def close(self) -> None:
        """Take no more pictures; a second call does nothing."""
        self._closed.set()

    def _seen(self, t_s: float, picture: Picture) -> Detections:
        distance_s = np.abs(self._times_s - t_s)
        nearest = int(distance_s.argmin())
        if distance_s[nearest] > self._reach_s:
            return _detections((), picture)
        shown = [o for o in self._frames[nearest].objects if o.visible >= VISIBLE_MIN]
        return _detections(_within(shown, picture.letterbox.window), picture)


def _frame(place: str, line: str) -> ScriptedFrame:
    try:
        return ScriptedFrame.model_validate_json(line)
    except ValidationError as error:
        raise ConfigError("\n".join(map(str, faults(error.errors(include_url=False), file=place)))) from error


def _within(objects: list[ScriptedObject], window: Window | None) -> list[ScriptedObject]:
    """What a window of the full frame shows: cut off at its edges."""
    if window is None:
        return objects
    low, high = np.array(window[:2] * 2), np.array(window[2:] * 2)
    cut = [o.model_copy(update={"xyxy": tuple(np.clip(o.xyxy, low, high).tolist())}) for o in objects]
    return [o for o in cut if o.xyxy[0] < o.xyxy[2] and o.xyxy[1] < o.xyxy[3]]


def _detections(objects: Sequence[ScriptedObject], picture: Picture) -> Detections:
    xyxy = np.array([o.xyxy for o in objects], np.float32).reshape(-1, 4)
    return Detections(
        xyxy=xyxy,
        score=np.full(len(objects), SCORE, np.float32),
        kind=np.array([o.kind for o in objects], np.uint8),
        appearance=appearance(picture.pixels, picture.letterbox.to_input(xyxy)),
        load=_loads(objects),
    )


def _loads(objects: Sequence[ScriptedObject]) -> NDArray[np.float32] | None:
    if not any(o.load for o in objects):
        return None
    scores = np.full((len(objects), len(LoadState)), np.nan, np.float32)
    for row, item in enumerate(objects):
        if item.load:
            scores[row] = [state is item.load for state in LoadState]
    return scores

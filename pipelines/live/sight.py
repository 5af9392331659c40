"""One live camera's view, looked after: small luma pictures go to the health watch, turns are told; so is whether its
pictures are two fields.

In: frames as they are taken for the network, on the look thread. Out: the camera's condition in its status and the log;
a view that was learned is kept in the camera's folder, so that a successor does not take a moved camera for a sound
one.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.health import BLIND, SAMPLE_WIDTH, Condition, HealthWatch
from pipelines.live.frozen import ThawError, freeze, replace_file, thaw
from pipelines.live.journal import INFO, WARNING, note
from pipelines.live.status import CameraStatus
from pipelines.scene_file import SceneFile
from pipelines.video.combing import Combing
from pipelines.video.source import SourceFrame

SAMPLE_EVERY_S, AT_EASE_EVERY_S = 1.0, 2.0
"""How often a picture is measured: while anything shows or the view is not known yet, and while all is well."""
WORDS = {
    Condition.BLACK: "the picture is black; check lens, lighting and power",
    Condition.COVERED: "something covers the view; clear the lens",
    Condition.FROZEN: "the picture does not change any more; restart the camera",
    Condition.BLURRED: "the picture is blurred; focus or clean the lens",
    Condition.MOVED: "the view is not the one the scene was drawn on; turn the camera back or draw the scene anew",
}


class Sight:
    """Used by the look thread.

    Args:
        scene_file: names the reference view, if there is one.
        status: where the condition is shown.
        folder: where a learned view is kept.
    """

    def __init__(self, scene_file: SceneFile, status: CameraStatus, folder: Path) -> None:
        width, height = scene_file.scene.size
        self._size_wh = SAMPLE_WIDTH, max(round(SAMPLE_WIDTH * height / width), 1)
        self._status = status
        self._path = folder / "view"
        self._key = scene_file.hash
        self._health = HealthWatch(self._reference(scene_file))
        self._sampled_s = float("-inf")
        self._learning = self._health.learned is None
        self._combing = Combing()

    @property
    def blind(self) -> bool:
        """Whether nothing may be judged now."""
        return self._health.condition in BLIND

    @property
    def interlaced(self) -> bool:
        """Whether the stream's pictures are two fields of different moments."""
        return self._combing.interlaced

    def look(self, frame: SourceFrame) -> None:
        """One more frame; those that come too soon are passed over."""
        every_s = AT_EASE_EVERY_S if self._health.at_ease else SAMPLE_EVERY_S
        if 0 <= frame.t_s - self._sampled_s < every_s:
            return
        self._sampled_s = frame.t_s
        before = self._health.condition
        now = self._health.look(frame.t_s, frame.luma(self._size_wh))
        if now is not before:
            self._tell(before, now)
        if self._learning and self._health.learned is not None:
            self._learning = False
            self._keep(self._health.learned)

    def compare(self, frame: SourceFrame) -> None:
        """One more frame in which something may have moved: only that tells two fields."""
        self._combing.follow(frame.t_s, frame.raw)

    def _tell(self, before: Condition, now: Condition) -> None:
        self._status.condition, self._status.complaint = now, WORDS.get(now, "")
        if now is Condition.FINE:
            note(INFO, "sees-again", self._status.id, was=before.value)
            return
        moved = {"shift_px": self._health.shift_px or "unknown"} if now is Condition.MOVED else {}
        note(WARNING, now.value, self._status.id, judged=now not in BLIND, problem=WORDS[now], **moved)

    def _reference(self, scene_file: SceneFile) -> NDArray[np.uint8] | None:
        drawn_on = scene_file.view if scene_file.reference is None else scene_file.reference
        if drawn_on is not None:
            grey = cv2.cvtColor(drawn_on, cv2.COLOR_BGR2GRAY)
            return np.asarray(cv2.resize(grey, self._size_wh, interpolation=cv2.INTER_AREA), np.uint8)
        try:
            kept = thaw(self._path.read_bytes())
        except (OSError, ThawError):
            return None
        fits = kept["scene"] == self._key and kept["view"].shape == self._size_wh[::-1]
        return np.asarray(kept["view"], np.uint8) if fits else None

    def _keep(self, view: NDArray[np.uint8]) -> None:
        try:
            replace_file(self._path, [freeze({"scene": self._key, "view": view})])
        except OSError as error:
            note(WARNING, "view-not-kept", self._status.id, problem=error.strerror or error)

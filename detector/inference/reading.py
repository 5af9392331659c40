"""From a detector's raw output to `Detections`: the same steps for every backend that runs a real network.

In: raw output, the picture it came from. Out: boxes in full-frame px, one per road user, with appearance.
Runs on whichever thread finished the inference; keeps no state.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.inference.appearance import appearance
from detector.inference.decode import decode, suppress
from detector.inference.letterbox import Letterbox
from detector.inference.picture import Picture
from detector.inference.registry import Network
from detector.inference.riders import unite_riders
from detector.types.detections import Detections
from detector.types.errors import InferenceError


@dataclass(frozen=True, slots=True)
class Reading:
    """How one network's input is made and its output read.

    Attributes:
        network: a network of task "detect".
        score_min: boxes below this are dropped; a tracker's second association wants 0.1.
    """

    network: Network
    score_min: float

    def letterbox(self, source_wh: tuple[int, int]) -> Letterbox:
        """How pictures of a source must be scaled and framed for the network."""
        network = self.network
        if network.input_wh is not None:
            return Letterbox.inside(source_wh, network.input_wh)
        return Letterbox.fitted(source_wh, long_side_px=network.long_side_px, stride_px=network.stride_px)

    def read(self, raw: NDArray[np.float32], picture: Picture) -> Detections:
        """The detections of one picture in `raw`, (1, 4 + classes, anchors).

        Raises:
            InferenceError: the registry's class map and the output do not fit together.
        """
        self._check_output(raw.shape)
        calibration = self.network.calibrated
        boxes = decode(raw[0], self.network.kinds, score_min=self.score_min, calibration=calibration)
        boxes = suppress(boxes, calibration=calibration)
        boxes = unite_riders(boxes, riders_apart=self.network.riders_apart)
        return Detections(
            xyxy=picture.letterbox.to_source(boxes.xyxy),
            score=boxes.score,
            kind=boxes.kind,
            appearance=appearance(picture.pixels, boxes.xyxy),
        )

    def check_picture(self, picture: Picture) -> None:
        """Refuse a picture framed for another network.

        Raises:
            InferenceError: its size is not one this network takes.
        """
        expected = self.letterbox(picture.letterbox.source_wh).input_wh
        if picture.letterbox.input_wh != expected:
            raise InferenceError(
                f"network {self.network.name}: expected a picture of {expected} px (w, h) for a source of "
                f"{picture.letterbox.source_wh}, got {picture.letterbox.input_wh}; frame it with `letterbox()`"
            )

    def _check_output(self, shape: tuple[int, ...]) -> None:
        rows = 5 + max(self.network.kinds)
        if len(shape) != 3 or shape[0] != 1 or shape[1] < rows:
            raise InferenceError(
                f"network {self.network.name}: output has shape {shape}, expected (1, {rows} or more, anchors) for the "
                "registry's classes; correct `classes` in registry.toml, or export the network without built-in NMS"
            )

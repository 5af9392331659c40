"""The finder of plates: where in the picture of a vehicle plates may be.

In: a picture, (h, w, 3) uint8 BGR of any size. Out: boxes with how sure the network (task "plate") is of each; every
plate once. What they say is read elsewhere (`plates.py`).
"""

import numpy as np
from numpy.typing import NDArray

from detector.inference.letterbox import Letterbox
from detector.inference.picture import Picture, Pixels
from detector.inference.registry import Network
from detector.types.errors import InferenceError

SAME_PLATE_IOU = 0.4


class PlateFinder:
    """Finds plates in a picture of a vehicle."""

    def __init__(self, network: Network) -> None:
        """Check and read the network's files.

        Args:
            network: of task "plate", with `input_wh` and `stride_px`.

        Raises:
            InferenceError: no `input_wh`, or a file is missing, altered or not readable.
        """
        from detector.inference.openvino_graph import OpenVinoGraph

        if network.input_wh is None:
            raise InferenceError(f"network {network.name}: a plate finder needs `input_wh` in registry.toml")
        self._network, self._input_wh = network, network.input_wh
        self._graph = OpenVinoGraph(network, streams=1)
        self.network_hash = self._graph.file.hash
        self.score_min = network.score_min

    def find(self, image: Pixels, *, least: float | None = None) -> NDArray[np.float32]:
        """Plates (n, 5) float32 `x1 y1 x2 y2 score`, px of the picture and clipped to it, surest first.

        Args:
            least: score from which a place counts; the registry's `score_min` where none is given.

        Raises:
            InferenceError: the network's output has another shape.
        """
        size_wh = (image.shape[1], image.shape[0])
        letterbox = Letterbox.inside(size_wh, self._input_wh)
        raw = self._graph.run([Picture.resized(image, letterbox).pixels], np.array)
        stride = self._network.stride_px
        expected = (1, 5, self._input_wh[1] // stride, self._input_wh[0] // stride)
        if raw.shape != expected:
            raise InferenceError(f"network {self._network.name}: expected output {expected}, got {raw.shape}")
        boxes = apart(boxes_of(raw[0], stride, self.score_min if least is None else least))
        boxes[:, :4] = np.clip(letterbox.to_source(boxes[:, :4]), 0, np.array(size_wh * 2, np.float32))
        return boxes


def boxes_of(raw: NDArray[np.float32], stride_px: int, score_min: float) -> NDArray[np.float32]:
    """Rows (n, 5) of the places that score at least `score_min`, input px, surest first, at most 200.

    Args:
        raw: (5, h, w): score and the distances to left, top, right and bottom, input px.
    """
    row, column = np.nonzero(raw[0] >= score_min)
    x, y = (column + 0.5) * stride_px, (row + 0.5) * stride_px
    left, top, right, bottom = raw[1:, row, column]
    boxes = np.stack([x - left, y - top, x + right, y + bottom, raw[0, row, column]], axis=1).astype(np.float32)
    return np.asarray(boxes[np.argsort(-boxes[:, 4], kind="stable")][:200])


def apart(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of boxes (n, 5), surest first, those that neither overlap a surer one by `SAME_PLATE_IOU` nor lie inside it."""
    kept: list[NDArray[np.float32]] = []
    for box in boxes:
        if all(_same(box, other) < SAME_PLATE_IOU for other in kept):
            kept.append(box)
    return np.array(kept, np.float32).reshape(-1, 5)


def _same(one: NDArray[np.float32], two: NDArray[np.float32]) -> float:
    wide = min(one[2], two[2]) - max(one[0], two[0])
    high = min(one[3], two[3]) - max(one[1], two[1])
    if wide <= 0 or high <= 0:
        return 0.0
    areas = [float((box[2] - box[0]) * (box[3] - box[1])) for box in (one, two)]
    shared = float(wide * high)
    # Half a plate inside a whole one is the same plate, though their overlap is small.
    return max(shared / (sum(areas) - shared), shared / min(areas) - 0.35)

"""Lines of print anywhere in a picture: names, telephone numbers, loads, painted plates; not what they say.

In: a picture, (h, w, 3) uint8 BGR of any size. Out: `PrintLine`s, turned as the print lies. The network (task "line")
gives for each pixel how likely it lies in the core of a line; a core's smallest upright or turned box is widened again
to the whole line (M. Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", 2020).
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.inference.letterbox import Letterbox
from detector.inference.picture import Picture, Pixels
from detector.inference.registry import Network
from detector.types.errors import InferenceError
from detector.types.track import Box

CORE = 0.3
"""Likelihood from which a pixel belongs to a core."""
CORE_LEAST_PX = 3
"""A core lower than this, px of the network's input, is none."""
WIDENED = 1.6
"""Of a core's area over its outline's length: how far the line reaches beyond it on each side."""
ROOM_WH = (0.3, 0.15)
"""Of a line's height, added to each end and to top and bottom before it is read: a tight cut takes strokes off."""
STEEPEST = 0.8
"""Rise over run of a line beyond which it stands rather than lies."""

Corners = NDArray[np.float32]
"""(4, 2) px: top left, top right, bottom right, bottom left."""


class PrintLine(NamedTuple):
    """One line of print: where, and how sure the network is of it, 0..1."""

    corners: Corners
    score: float

    @property
    def size_wh(self) -> tuple[float, float]:
        """Length along the print and height across it, px."""
        along, across = self.corners[1] - self.corners[0], self.corners[3] - self.corners[0]
        return float(np.hypot(*along)), float(np.hypot(*across))

    @property
    def xyxy(self) -> Box:
        """The upright box around it."""
        (x1, y1), (x2, y2) = self.corners.min(0).tolist(), self.corners.max(0).tolist()
        return x1, y1, x2, y2


class LineFinder:
    """Finds lines of print that lie rather than stand."""

    def __init__(self, network: Network) -> None:
        """Check and read the network's files.

        Args:
            network: of task "line", with `input_wh`; its output is (1, 1, height, width) of the input's size.

        Raises:
            InferenceError: no `input_wh` or one it cannot take, another output, or a file is missing, altered or not
                readable.
        """
        from detector.inference.openvino_graph import OpenVinoGraph

        if network.input_wh is None:
            raise InferenceError(f"network {network.name}: a finder of lines needs `input_wh` in registry.toml")
        self._network, self._input_wh = network, network.input_wh
        self._graph = OpenVinoGraph(network, streams=1)
        self.network_hash = self._graph.file.hash
        # What it cannot do is told at the start: told at a truck, it would hold up that act's evidence for good.
        self._check(self._graph.output_shape(self._input_wh))

    def find(self, image: Pixels) -> list[PrintLine]:
        """The lines in a picture, surest first, px of the picture and inside it."""
        size_wh = (image.shape[1], image.shape[0])
        letterbox = Letterbox.inside(size_wh, self._input_wh)
        raw = self._graph.run([Picture.resized(image, letterbox).pixels], np.array)
        found = lines_of(raw[0, 0], self._network.score_min)
        lines = [PrintLine(_inside(line.corners, letterbox), line.score) for line in found]
        return sorted(lines, key=lambda line: -line.score)

    def forget(self) -> None:
        """Free the compiled network; the next look compiles it again."""
        self._graph.forget()

    def _check(self, output_shape: tuple[int, ...]) -> None:
        expected = (1, 1, self._input_wh[1], self._input_wh[0])
        if output_shape != expected:
            raise InferenceError(f"network {self._network.name}: expected output {expected}, got {output_shape}")


def lines_of(likely: NDArray[np.float32], score_min: float) -> list[PrintLine]:
    """The lines in a map (h, w) of how likely each pixel lies in a core, px of the map.

    Args:
        score_min: mean likelihood in a core's box from which it counts.
    """
    cores, _ = cv2.findContours((likely > CORE).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for core in cores:
        middle, (wide, high), turned_deg = cv2.minAreaRect(core)
        if min(wide, high) < CORE_LEAST_PX:
            continue
        score = _mean_inside(likely, cv2.boxPoints((middle, (wide, high), turned_deg)))
        more = 2 * WIDENED * wide * high / (2 * (wide + high))
        corners = _in_order(cv2.boxPoints((middle, (wide + more, high + more), turned_deg)))
        line = PrintLine(corners, score)
        if score >= score_min and _lies(line):
            found.append(line)
    return found


def straight(image: Pixels, corners: Corners) -> Pixels:
    """What lies between four corners and a little around, laid straight: (h, w, 3) uint8, at least one pixel."""
    corners = _with_room(corners)
    wide, high = (max(1, round(side)) for side in PrintLine(corners, 1.0).size_wh)
    target = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    matrix = cv2.getPerspectiveTransform(np.asarray(corners, np.float32), target)
    how = {"flags": cv2.INTER_CUBIC, "borderMode": cv2.BORDER_REPLICATE}
    return np.asarray(cv2.warpPerspective(image, matrix, (wide, high), **how), np.uint8)


def _lies(line: PrintLine) -> bool:
    """Whether a line lies rather than stands; a core as high as wide may be one character."""
    (run, rise), (wide, high) = line.corners[1] - line.corners[0], line.size_wh
    return bool(abs(rise) <= STEEPEST * run and wide >= high)


def _with_room(corners: Corners) -> Corners:
    length, height = PrintLine(corners, 1.0).size_wh
    along = (corners[1] - corners[0]) / max(length, 1e-6) * ROOM_WH[0] * height
    across = (corners[3] - corners[0]) / max(height, 1e-6) * ROOM_WH[1] * height
    return np.asarray(corners + np.array([-along - across, along - across, along + across, across - along]), np.float32)


def _in_order(points: NDArray[np.float32]) -> Corners:
    """Corners of a turned box from top left on, clockwise; its sides turned by less than 45 degrees."""
    sums, differences = points.sum(1), points[:, 0] - points[:, 1]
    order = [sums.argmin(), differences.argmax(), sums.argmax(), differences.argmin()]
    return np.asarray(points[order], np.float32)


def _mean_inside(likely: NDArray[np.float32], points: NDArray[np.float32]) -> float:
    height, width = likely.shape
    low = np.clip(np.floor(points.min(0)), 0, [width - 1, height - 1]).astype(int)
    high = np.clip(np.ceil(points.max(0)), 0, [width - 1, height - 1]).astype(int)
    inside = np.zeros((high[1] - low[1] + 1, high[0] - low[0] + 1), np.uint8)
    cv2.fillPoly(inside, [(points - low).round().astype(np.int32)], 1)
    return float(cv2.mean(likely[low[1] : high[1] + 1, low[0] : high[0] + 1], inside)[0])


def _inside(corners: Corners, letterbox: Letterbox) -> Corners:
    """Corners in px of the picture, inside it."""
    own = letterbox.to_source(np.hstack([corners, corners]))[:, :2]
    return np.asarray(np.clip(own, 0, np.array(letterbox.source_wh, np.float32)), np.float32)

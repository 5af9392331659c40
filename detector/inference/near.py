"""A second look, from near, at whether an accused motorcycle is a bicycle.

The street detector sees a rider as some thirty pixels among many, and its labels knew no bicycles. Here the offender
alone is cut out of full frames, enlarged, and shown to a network (task "near") that still tells the two apart. In:
full frames and the offender's box. Out: a score per class, and what they say together. The look can only clear:
it never accuses, nor does it change a class.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detector.inference.letterbox import GREY, Letterbox
from detector.inference.picture import Picture, Pixels
from detector.inference.registry import Network, Registry
from detector.types.classes import ObjectClass
from detector.types.errors import InferenceError

FILL = 1 / 3
"""The offender's longer side, as a share of the crop's: what surrounds it helps to tell it."""
TAKEN_FOR = 0.45
"""IoU from which a box of the network is the offender's."""
SCORE_LEAST = 1e-3
"""Scores nearer to 0 or 1 say no more than this."""
MOTORCYCLE_LEAD = 3.5
"""Log-odds by which a motorcycle must outdo a bicycle in the middle one of the looks, to stay one: a blurred one or two
among six may say anything."""
LOOKS_LEAST = 2
"""One picture may be blurred or half hidden: it clears nobody."""
NEEDED = (ObjectClass.BICYCLE, ObjectClass.MOTORCYCLE)


class NearEyes:
    """Looks at single road users from near."""

    def __init__(self, network: Network) -> None:
        """Check and read the network's files.

        Args:
            network: of task "near", with `input_wh`, classes that list bicycle and motorcycle, and the least score at
                which a look counts as `score_min`; its output is a detector's, (1, 4 + classes, anchors).

        Raises:
            InferenceError: no `input_wh`, one of the two classes is not listed, or a file is missing, altered or not
                readable.
        """
        from detector.inference.openvino_graph import OpenVinoGraph

        if network.input_wh is None:
            raise InferenceError(f"network {network.name}: a near network needs `input_wh` in registry.toml")
        missing = [kind.label for kind in NEEDED if kind not in network.kinds.values()]
        if missing:
            raise InferenceError(
                f"network {network.name}: classes lack {missing} in registry.toml; a near network tells bicycles from "
                "motorcycles: list the numbers of both"
            )
        self._name = network.name
        self.score_min = network.score_min
        self._input_wh = network.input_wh
        self._rows = {kind: 4 + number for number, kind in network.kinds.items()}
        self._graph = OpenVinoGraph(network, streams=1)
        self.network_hash = self._graph.file.hash

    def scores(self, image: Pixels, xyxy: Sequence[float]) -> dict[ObjectClass, float]:
        """The best score, 0..1, of each class among the network's boxes of one road user; 0 where it has none.

        Args:
            image: full frame (h, w, 3) uint8 BGR.
            xyxy: the road user's box in it, px.

        Raises:
            InferenceError: the network's output has no row for every listed class.
        """
        crop, inner = _around(image, xyxy)
        letterbox = Letterbox.inside((crop.shape[1], crop.shape[0]), self._input_wh)
        box = letterbox.to_input(inner[None])[0]
        raw = self._graph.run([Picture.resized(crop, letterbox).pixels], np.array)[0]
        most = max(self._rows.values())
        if raw.ndim != 2 or raw.shape[0] <= most:
            raise InferenceError(
                f"network {self._name}: expected output (1, {most + 1} or more, anchors), got shape (1, "
                f"{', '.join(map(str, raw.shape))}); correct the numbers of its classes in registry.toml"
            )
        same = _overlap(raw[:4].T, box) > TAKEN_FOR
        return {kind: float(raw[row, same].max(initial=0.0)) for kind, row in self._rows.items()}


def is_cleared(looks: Sequence[dict[ObjectClass, float]], score_min: float) -> bool:
    """Whether looks at what was taken for a motorcycle say it is a bicycle; never by one look alone.

    Args:
        looks: scores of each, bicycle and motorcycle among them.
        score_min: a look where neither scores so much shows nothing and does not count; a bicycle must score so much
            on average, too.
    """
    told = np.array([[look[kind] for kind in NEEDED] for look in looks]).reshape(-1, len(NEEDED))
    told = told[told.max(axis=1) >= score_min]
    if len(told) < LOOKS_LEAST:
        return False
    bicycle, motorcycle = told.T
    leads = _log_odds(motorcycle) - _log_odds(bicycle)
    return bool(np.median(leads) < MOTORCYCLE_LEAD and bicycle.mean() >= score_min)


def open_near_eyes(registry: Registry) -> NearEyes | None:
    """The registry's default near network; None while it names none.

    Raises:
        InferenceError: its files are missing or altered.
    """
    network = registry.default("near")
    return NearEyes(network) if network else None


def _around(image: Pixels, xyxy: Sequence[float]) -> tuple[Pixels, NDArray[np.float32]]:
    """The square cut around a box, grey beyond the picture, and the box in it, px."""
    x1, y1, x2, y2 = xyxy
    side = max(round(max(x2 - x1, y2 - y1) / FILL), 1)
    left, top = round((x1 + x2 - side) / 2), round((y1 + y2 - side) / 2)
    crop = np.full((side, side, 3), GREY, np.uint8)
    height, width = image.shape[:2]
    rows, columns = slice(max(top, 0), min(top + side, height)), slice(max(left, 0), min(left + side, width))
    if rows.start < rows.stop and columns.start < columns.stop:
        part = image[rows, columns]
        at_y, at_x = rows.start - top, columns.start - left
        crop[at_y : at_y + part.shape[0], at_x : at_x + part.shape[1]] = part
    return crop, np.array([x1 - left, y1 - top, x2 - left, y2 - top], np.float32)


def _overlap(cxcywh: NDArray[np.float32], box: NDArray[np.float32]) -> NDArray[np.float32]:
    """IoU (n,) of boxes given by middle and sides with one given by corners."""
    half = cxcywh[:, 2:] / 2
    low, high = cxcywh[:, :2] - half, cxcywh[:, :2] + half
    shared = np.clip(np.minimum(high, box[2:]) - np.maximum(low, box[:2]), 0, None).prod(1)
    areas = (high - low).prod(1) + float((box[2:] - box[:2]).prod())
    return np.asarray(shared / np.maximum(areas - shared, 1e-9), np.float32)


def _log_odds(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    held = np.clip(scores, SCORE_LEAST, 1 - SCORE_LEAST)
    return np.asarray(np.log(held / (1 - held)))

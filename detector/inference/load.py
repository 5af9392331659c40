"""What a truck's load looks like, read from crops.

In: crops of single trucks at full resolution. Out: a score per `LoadState` and crop, agreed by four views: the crop
filling the input and somewhat smaller, each as it is and mirrored. Trucks are few, so further views cost little. The
registry names the network (task "load"); while it names none, nobody can tell, and the product says so.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from detector.inference.letterbox import Letterbox
from detector.inference.picture import Picture, Pixels
from detector.inference.registry import Network, Registry
from detector.types.classes import LoadState
from detector.types.errors import InferenceError

STATES = tuple(LoadState)
VIEW_SHARES = (1.0, 5 / 6)
"""How much of the input's sides the crop may fill in a view."""
LEAST_SCORE = 1e-6
"""What a view that rules a state out scores it when views are averaged: one view alone must not forbid a state."""


class LoadClassifier(Protocol):
    """Reads loads."""

    @property
    def network_hash(self) -> str:
        """SHA-256 hex that tells which weights judged, for the evidence."""

    def read(self, crops: Sequence[Pixels]) -> NDArray[np.float32]:
        """(n, 5) float32, 0..1, columns in the order of `LoadState`, for n crops (h, w, 3) uint8 BGR of any size."""


def told_state(scores: NDArray[np.float32], score_min: float, accusing_min: float) -> LoadState:
    """The best state of (5,) scores, or cannot_tell.

    Args:
        scores: one row of `LoadClassifier.read`.
        score_min: what the best state must score.
        accusing_min: what an uncovered load must score, if that is more: a false accusation costs most.
    """
    best = STATES[int(scores.argmax())]
    least = max(score_min, accusing_min) if best is LoadState.UNCOVERED_LOAD else score_min
    return best if scores.max() >= least else LoadState.CANNOT_TELL


def views(crop: Pixels, input_wh: tuple[int, int]) -> list[Pixels]:
    """The views of a crop (h, w, 3) uint8 BGR, each of `input_wh` px: two sizes, as it is and mirrored."""
    found = []
    for share in VIEW_SHARES:
        inner = Letterbox.inside((crop.shape[1], crop.shape[0]), (int(input_wh[0] * share), int(input_wh[1] * share)))
        picture = Picture.resized(crop, replace(inner, input_wh=input_wh)).pixels
        found += [picture, np.ascontiguousarray(picture[:, ::-1])]
    return found


def agreed(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """What views (v, n) of one crop agree on (n,): the geometric mean, which sums to 1 (the mean of their logits)."""
    mean = np.exp(np.log(np.maximum(scores, LEAST_SCORE)).mean(axis=0))
    return np.asarray(mean / mean.sum(), np.float32)


def open_load_classifier(registry: Registry) -> LoadClassifier | None:
    """The registry's default load network, None while there is none.

    Raises:
        InferenceError: its files are missing or altered.
    """
    network = registry.default("load")
    return OpenVinoLoadClassifier(network) if network else None


class OpenVinoLoadClassifier:
    """A classification network on the CPU: crops framed into `input_wh`, softmax scores out."""

    def __init__(self, network: Network) -> None:
        """Check and read the network's files.

        Args:
            network: of task "load", with `input_wh`; its classes name `LoadState`s.

        Raises:
            InferenceError: no `input_wh`, or a file is missing, altered or not readable.
        """
        from detector.inference.openvino_graph import OpenVinoGraph

        if network.input_wh is None:
            raise InferenceError(f"network {network.name}: a load network needs `input_wh` in registry.toml")
        self._network = network
        self._input_wh = network.input_wh
        self._columns = [STATES.index(LoadState(label)) for label in network.classes.values()]
        self._graph = OpenVinoGraph(network, streams=1)
        self.network_hash = self._graph.file.hash

    def read(self, crops: Sequence[Pixels]) -> NDArray[np.float32]:
        """Scores of each crop; see `LoadClassifier.read`.

        Raises:
            InferenceError: the network's output is not one score in 0..1 for every listed class.
        """
        scores = np.zeros((len(crops), len(STATES)), np.float32)
        for row, crop in enumerate(crops):
            scores[row, self._columns] = self._scores(crop)
        return scores

    def _scores(self, crop: Pixels) -> NDArray[np.float32]:
        raw = self._graph.run(views(crop, self._input_wh), np.array)
        numbers = list(self._network.classes)
        if raw.ndim != 2 or raw.shape[1] <= max(numbers) or not ((raw >= 0) & (raw <= 1)).all():
            raise InferenceError(
                f"network {self._network.name}: expected output (4, {max(numbers) + 1} or more) of scores in 0..1, "
                f"got shape {raw.shape} from {raw.min():.3g} to {raw.max():.3g}; export it with its softmax"
            )
        return agreed(raw)[numbers]

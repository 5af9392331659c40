"""What a truck's load looks like, read from crops.

In: crops of single trucks at full resolution. Out: a score per `LoadState` and crop, the mean over the crop and its
mirror image: trucks are few, so a second view costs little. The registry names the network (task "load"); while it
names none, nobody can tell, and the product says so.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from detector.inference.letterbox import Letterbox
from detector.inference.picture import Picture, Pixels
from detector.inference.registry import Network, Registry
from detector.types.classes import LoadState
from detector.types.errors import InferenceError

STATES = tuple(LoadState)


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
        letterbox = Letterbox.inside((crop.shape[1], crop.shape[0]), self._input_wh)
        picture = Picture.resized(crop, letterbox).pixels
        raw = self._graph.run([picture, np.ascontiguousarray(picture[:, ::-1])], np.array)
        numbers = list(self._network.classes)
        if raw.ndim != 2 or raw.shape[1] <= max(numbers) or not ((raw >= 0) & (raw <= 1)).all():
            raise InferenceError(
                f"network {self._network.name}: expected output (2, {max(numbers) + 1} or more) of scores in 0..1, "
                f"got shape {raw.shape} from {raw.min():.3g} to {raw.max():.3g}; export it with its softmax"
            )
        return np.asarray(raw[:, numbers].mean(axis=0))

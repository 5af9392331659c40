"""Behind `phatnguoi load`: crops of single trucks in, what is seen of each load as JSON-able rows out.

A crop whose best state scores below the network's `score_min` is `cannot_tell`, and so is an uncovered load below the
score from which the rule counts a look. A picture that cannot be read does not stop the others: its row carries
`error`, and the command line ends with exit code 2 when any row does.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from detector.inference.load import STATES, LoadClassifier, OpenVinoLoadClassifier, told_state
from detector.inference.registry import load_registry
from detector.scene.settings import LoadSettings
from detector.types import InferenceError, LoadState, SourceError
from pipelines.detect import read_image

Row = dict[str, Any]
ACCUSING_MIN = LoadSettings().score


def load_images(paths: Iterable[Path], *, registry: Path, network: str | None = None) -> list[Row]:
    """One row per path, in order: `{"image", "state", "scores"}`, `scores` by state, summing to 1.

    A picture that cannot be read has state `cannot_tell`, no scores, and `"error"` says why.

    Args:
        paths: crops of one truck each, in any format OpenCV reads.
        registry: the `registry.toml` that lists the networks.
        network: a name from it, its default load network when None.

    Raises:
        ConfigError: the registry is not valid.
        InferenceError: no such network, or its files are missing, altered or unusable.
    """
    networks = load_registry(registry)
    chosen = networks.network(network, task="load") if network else networks.default("load")
    if chosen is None:
        raise InferenceError(f"{registry}: [defaults] names no network for `load`; name one, or give its name")
    classifier = OpenVinoLoadClassifier(chosen)
    return [_row(path, classifier, chosen.score_min) for path in paths]


def _row(path: Path, classifier: LoadClassifier, score_min: float) -> Row:
    try:
        (scores,) = classifier.read([read_image(path)])
    except SourceError as error:
        return {"image": str(path), "state": LoadState.CANNOT_TELL.value, "scores": {}, "error": str(error)}
    by_state = {state.value: round(float(score), 4) for state, score in zip(STATES, scores, strict=True)}
    return {"image": str(path), "state": told_state(scores, score_min, ACCUSING_MIN).value, "scores": by_state}

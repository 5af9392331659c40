"""Choose what runs a network: an explicit table from the registry's backend name to the code.

A new backend adds its line here, its name to `registry.BackendName`, and itself to the conformance suite.
"""

from typing import Protocol

from detector.inference.backend import Backend
from detector.inference.registry import BackendName, Network


def _openvino(network: Network, score_min: float | None, *, together: bool) -> Backend:
    from detector.inference.openvino_backend import OpenVinoBackend

    return OpenVinoBackend(network, score_min=score_min, together=together)


def _ultralytics(network: Network, score_min: float | None, *, together: bool) -> Backend:  # noqa: ARG001
    from detector.inference.ultralytics_backend import UltralyticsBackend

    return UltralyticsBackend(network, score_min=score_min)


class Opener(Protocol):
    """Opens a network; see `open_backend`."""

    def __call__(self, network: Network, score_min: float | None, *, together: bool) -> Backend:
        """A backend running it."""


BACKENDS: dict[BackendName, Opener] = {
    "openvino": _openvino,
    "ultralytics": _ultralytics,
}


def open_backend(
    network: Network, *, backend: BackendName | None = None, score_min: float | None = None, together: bool = True
) -> Backend:
    """A backend running `network`.

    Args:
        network: of task "detect".
        backend: which one; by default the first of `BACKENDS` for which the network has a file.
        score_min: boxes below this are dropped, the network's own value by default; trackers ask for about 0.1.
        together: on the CPU pictures that come fast may share an inference: each takes less, and getting ready takes
            twice the time and memory.

    Raises:
        InferenceError: the network has no file for it, files are missing or altered, or a library is not installed.
    """
    return BACKENDS[backend or _default(network)](network, score_min, together=together)


def _default(network: Network) -> BackendName:
    return next(name for name in BACKENDS if any(file.backend == name for file in network.files))

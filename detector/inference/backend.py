"""What every inference backend does: tell its input, take pictures, give detections.

`submit` may be called from any thread and by several at once; it blocks while as many pictures are in flight as
the backend runs at a time, which bounds memory. Each picture has its own `Future`, so waiting for them in the
order of submission keeps that order, whichever finishes first. The same picture gives the same detections, bit
for bit, whichever request ran it. All implementations pass tests/detector/inference/test_conformance.py.
"""

from collections.abc import Iterable
from concurrent.futures import Future
from typing import Protocol

from detector.inference.letterbox import Letterbox
from detector.inference.picture import Picture
from detector.types.calibration import Calibration
from detector.types.detections import Detections


class Backend(Protocol):
    """A network at work."""

    @property
    def network_hash(self) -> str:
        """SHA-256 hex that tells which weights judged, for the evidence."""

    @property
    def calibration(self) -> Calibration:
        """What the scores it gives mean."""

    def letterbox(self, source_wh: tuple[int, int]) -> Letterbox:
        """How pictures of a source must be scaled and framed for `submit`."""

    def submit(self, picture: Picture) -> Future[Detections]:
        """Start on one picture; the detections are in full-frame px, with appearance.

        Raises:
            InferenceError: the backend is closed or cannot take a picture of this size; errors of the run itself
                come out of the future.
        """

    def close(self) -> None:
        """Finish what is in flight and free the network; a second call does nothing."""


def detect_all(backend: Backend, pictures: Iterable[Picture]) -> list[Detections]:
    """The detections of all pictures, in their order."""
    futures = [backend.submit(picture) for picture in pictures]
    return [future.result() for future in futures]

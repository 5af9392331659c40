"""Detection on the CPU through OpenVINO; nothing of this imports torch.

In: a detector's registry entry. Out: a `Backend`. One inference uses one core and as many run at a time as there
are cores: that gives the most pictures per second and, since no sum is ever split between threads, the same bits
whichever request ran it. Where pictures queue up, several share one inference (see `batches`).
"""

import os
from collections.abc import Sequence
from concurrent.futures import Future

import numpy as np
from numpy.typing import NDArray

from detector.inference.batches import MOST, Batches
from detector.inference.letterbox import Letterbox
from detector.inference.openvino_graph import OpenVinoGraph
from detector.inference.picture import Picture
from detector.inference.reading import Reading
from detector.inference.registry import Network
from detector.types.detections import Detections


class OpenVinoBackend:
    """A detector on the CPU."""

    def __init__(
        self, network: Network, *, score_min: float | None = None, streams: int | None = None, together: bool = True
    ) -> None:
        """Check and read the network's files; compiling waits for the first picture of each size.

        Args:
            network: of task "detect", with a file for backend "openvino".
            score_min: boxes below this are dropped, the network's own value by default.
            streams: inferences at a time, one core each; by default as many as this process may use.
            together: whether there is a form for several pictures besides that for one.

        Raises:
            InferenceError: no such file, missing or altered parts, or not readable as an OpenVINO network.
        """
        self._reading = Reading(network, network.score_min if score_min is None else score_min)
        self.calibration = network.calibrated
        self._streams = streams or len(os.sched_getaffinity(0))
        self._graph = OpenVinoGraph(network, streams=self._streams, batch=MOST if together else 1)
        self.network_hash = self._graph.file.hash
        self._batches = Batches(self._run, workers=self._streams, name=f"openvino {network.name}")

    def letterbox(self, source_wh: tuple[int, int]) -> Letterbox:
        """How pictures of a source must be scaled and framed for `submit`."""
        return self._reading.letterbox(source_wh)

    def submit(self, picture: Picture) -> Future[Detections]:
        """Start on one picture; see `Backend.submit`."""
        self._reading.check_picture(picture)
        return self._batches.submit(picture)

    def close(self) -> None:
        """Finish what is in flight and free the network; a second call does nothing."""
        self._batches.close()
        self._graph.forget()

    def _run(self, pictures: Sequence[Picture]) -> list[Detections]:
        def read(raw: NDArray[np.float32]) -> list[Detections]:
            return [self._reading.read(raw[i : i + 1], picture) for i, picture in enumerate(pictures)]

        return self._graph.run([picture.pixels for picture in pictures], read)

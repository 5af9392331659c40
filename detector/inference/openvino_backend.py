"""Detection on the CPU through OpenVINO; nothing of this imports torch.

In: a detector's registry entry. Out: a `Backend`. One inference uses one core and as many run at a time as there
are cores: that gives the most pictures per second and, since no sum is ever split between threads, the same bits
whichever request ran it.
"""

import os
from concurrent.futures import Future

from detector.inference.in_flight import InFlight
from detector.inference.letterbox import Letterbox
from detector.inference.openvino_graph import OpenVinoGraph
from detector.inference.picture import Picture
from detector.inference.reading import Reading
from detector.inference.registry import Network
from detector.types.detections import Detections


class OpenVinoBackend:
    """A detector on the CPU."""

    def __init__(self, network: Network, *, score_min: float | None = None, streams: int | None = None) -> None:
        """Check and read the network's files; compiling waits for the first picture of each size.

        Args:
            network: of task "detect", with a file for backend "openvino".
            score_min: boxes below this are dropped, the network's own value by default.
            streams: inferences at a time, one core each; by default as many as this process may use.

        Raises:
            InferenceError: no such file, missing or altered parts, or not readable as an OpenVINO network.
        """
        self._reading = Reading(network, network.score_min if score_min is None else score_min)
        self._streams = streams or len(os.sched_getaffinity(0))
        self._graph = OpenVinoGraph(network, streams=self._streams)
        self.network_hash = self._graph.file.hash
        # Twice the streams: while one thread reads an output, its stream already has the next picture.
        self._in_flight = InFlight(threads=2 * self._streams, name=f"openvino {network.name}")

    def letterbox(self, source_wh: tuple[int, int]) -> Letterbox:
        """How pictures of a source must be scaled and framed for `submit`."""
        return self._reading.letterbox(source_wh)

    def submit(self, picture: Picture) -> Future[Detections]:
        """Start on one picture; see `Backend.submit`."""
        self._reading.check_picture(picture)
        return self._in_flight.submit(self._run, picture)

    def close(self) -> None:
        """Finish what is in flight and free the network; a second call does nothing."""
        self._in_flight.close()
        self._graph.forget()

    def _run(self, picture: Picture) -> Detections:
        return self._graph.run(picture.pixels, lambda raw: self._reading.read(raw, picture))

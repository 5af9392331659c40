"""The worker's figures for Prometheus, read from the cameras' statuses whenever they are asked for.

Nothing here names an address or a user.
"""

import time
from collections.abc import Callable, Iterable, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pipelines.live.status import CameraStatus, State

PREFIX = "phatnguoi_live_"
COUNTERS: dict[str, tuple[str, Callable[[CameraStatus], int]]] = {
    "frames": ("Decoded frames.", lambda camera: sum(stream.frames for stream in camera.streams)),
    "analysed": ("Frames judged.", lambda camera: camera.analysed),
    "dropped": ("Frames overtaken by newer ones.", lambda camera: camera.dropped),
    "held": ("Frames not looked at because nothing had changed.", lambda camera: camera.held),
    "undecoded": ("Frames that were due and not decoded because nothing moved.", lambda camera: camera.undecoded),
    "stale": ("Frames too old to be judged as now.", lambda camera: camera.stale),
    "blind": ("Frames not judged because of the camera's condition.", lambda camera: camera.blind),
    "failed": ("Frames the network could not judge.", lambda camera: camera.failed),
    "decode_errors": (
        "Damaged packets and frames.",
        lambda camera: sum(stream.decode_errors for stream in camera.streams),
    ),
    "jumps": ("Times a stream's clock jumped.", lambda camera: sum(stream.jumps for stream in camera.streams)),
    "reconnects": ("Times a stream came back.", lambda camera: camera.reconnects),
    "violations": ("Established acts.", lambda camera: camera.violations),
    "cases": ("Cases opened.", lambda camera: camera.cases),
    "set_aside": ("Acts that a look from near cleared.", lambda camera: camera.set_aside),
    "lost": ("Acts without footage, or not stored before the end.", lambda camera: camera.lost),
}
GAUGES: dict[str, tuple[str, Callable[[CameraStatus], float]]] = {
    "lag_seconds": ("From a frame's arrival to its verdict, last frame.", lambda camera: camera.lag_s),
    "silence_seconds": (
        "Since the last packet of the quietest stream.",
        lambda camera: time.monotonic() - min(stream.heard_s for stream in camera.streams),
    ),
    "evidence_seconds": ("From the end of the post-roll to the case, last act.", lambda camera: camera.evidence_s),
    "timed_by_arrival": (
        "1 where a stream has no times of its own, or tells wrong ones.",
        lambda camera: float(any(stream.by_arrival for stream in camera.streams)),
    ),
    "ring_bytes": ("Packets in memory.", lambda camera: camera.ring_bytes),
}


class LiveCollector(Collector):
    """Reads the statuses given to `show`."""

    def __init__(self) -> None:
        self.cameras: Sequence[CameraStatus] = ()
        self.shown_s = time.monotonic()
        self._waiting = 0

    def show(self, cameras: Sequence[CameraStatus], waiting: int) -> None:
        """From now on these are told."""
        self.cameras, self._waiting, self.shown_s = cameras, waiting, time.monotonic()

    def collect(self) -> Iterable[Metric]:
        """All metrics as they stand."""
        cameras = self.cameras
        for name, (text, read) in COUNTERS.items():
            counter = CounterMetricFamily(PREFIX + name, text, labels=["camera"])
            for camera in cameras:
                counter.add_metric([camera.id], read(camera))
            yield counter
        for name, (text, measure) in GAUGES.items():
            gauge = GaugeMetricFamily(PREFIX + name, text, labels=["camera"])
            for camera in cameras:
                gauge.add_metric([camera.id], measure(camera))
            yield gauge
        yield _states(cameras)
        yield GaugeMetricFamily(PREFIX + "waiting_acts", "Acts not filed yet.", value=self._waiting)


def _states(cameras: Sequence[CameraStatus]) -> GaugeMetricFamily:
    states = GaugeMetricFamily(PREFIX + "state", "1 for the state a camera is in.", labels=["camera", "state"])
    for camera in cameras:
        now = camera.state
        for state in State:
            states.add_metric([camera.id, state.value], float(state is now))
    return states

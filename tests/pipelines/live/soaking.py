"""A soak over real RTSP servers, of which one drops a client every 5 s: `python -m tests.pipelines.live.soaking`.

Servers run in processes of their own, one for each of the streets of `phatnguoi soak`, so that CPU and memory in the
figures are the worker's alone.
"""

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from threading import Event, Thread

from detector.inference import default_registry_path
from pipelines.live.aims import table
from pipelines.live.soak import SoakRequest, run_soak
from pipelines.live.soak_footage import decoding_cost, full_hd_pairs
from tests.pipelines.live.servers import RtspServer, rtsp_server

SAMPLES = Path(__file__).parents[3] / "samples"
TIMES = 3
"""A street is over after some minutes only: it is the cuts that make it begin anew."""


@contextmanager
def cutting(servers: Sequence[RtspServer], every_s: float) -> Iterator[None]:
    """Every so often one of the servers drops a client."""
    over = Event()

    def cut() -> None:
        for server in cycle(servers):
            if over.wait(every_s):
                return
            server.signal(signal.SIGUSR1)

    thread = Thread(target=cut)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=1800.0)
    parser.add_argument("--fps", type=float, default=5.0)
    parser.add_argument("--acts-per-minute", type=float, default=0.5)
    parser.add_argument("--cut-every-s", type=float, default=5.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="phatnguoi-soak-") as name, ExitStack() as stack:
        pairs = full_hd_pairs(SAMPLES, Path(name), per_minute=arguments.acts_per_minute, times=TIMES)
        servers = [stack.enter_context(rtsp_server(Path(video))) for video, _ in pairs]
        stack.enter_context(cutting(servers, arguments.cut_every_s))
        request = SoakRequest(
            pairs=[(server.url, scene) for server, (_, scene) in zip(servers, pairs, strict=True)],
            cameras=arguments.cameras,
            seconds=arguments.seconds,
            rate_hz=arguments.fps,
            network=None,
            registry=default_registry_path(),
            decoding_s=decoding_cost([video for video, _ in pairs]),
        )
        figures = run_soak(request)
    print(json.dumps(figures, indent=1))
    print(*table(figures), sep="\n", file=sys.stderr)


if __name__ == "__main__":
    main()

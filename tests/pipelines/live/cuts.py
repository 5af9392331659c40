"""Cuts streams again and again and measures how soon each is judged anew: `python -m tests.pipelines.live.cuts`.

Four cameras of one worker: a server that is killed, one that hangs, one whose network swallows every packet, and one
whose connection is reset. A car stands at each kerb all the time, so that each must give one case in the end.
"""

import argparse
import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from cases.records import Case
from pipelines.live.endpoints import JUDGED
from pipelines.live.status import CameraStatus, State
from tests.pipelines.live.link import linked
from tests.pipelines.live.network import network
from tests.pipelines.live.parked import make_parked, open_parked, write_kerb
from tests.pipelines.live.seeing import write_cameras
from tests.pipelines.live.servers import rtsp_server
from tests.pipelines.live.test_run import Running, cases_in, running
from tests.processes import wait_until

LOOK_S = 0.05
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Source:
    """A camera whose stream can be cut; without `heal` it may be had again at once.

    `anew` says that the connection does not outlive a cut, however short.
    """

    name: str
    stream: str
    cut: Callable[[], object]
    heal: Callable[[], object] | None
    anew: bool


@dataclass(frozen=True)
class Cut:
    """One cut.

    Attributes:
        outage_s: from cut to return.
        lost: the loss was seen (shorter ones are bridged by TCP).
        back_s: from the source's return to the next frame judged.
    """

    outage_s: float
    lost: bool
    back_s: float


@dataclass(frozen=True)
class Told:
    """What came of one camera."""

    source: Source
    cuts: list[Cut]
    status: CameraStatus
    cases: list[Case]


@contextmanager
def sources(video: Path) -> Iterator[list[Source]]:
    """All of them, ready."""
    with ExitStack() as stack:
        killed, hung, behind = (stack.enter_context(rtsp_server(video)) for _ in range(3))
        link = stack.enter_context(linked(behind.port))
        stop, go = partial(hung.signal, signal.SIGSTOP), partial(hung.signal, signal.SIGCONT)
        made = [
            Source("server killed", killed.url, killed.kill, killed.start, anew=True),
            Source("server hangs", hung.url, stop, go, anew=False),
            Source("connection reset", f"rtsp://127.0.0.1:{link.port}/main", link.reset, None, anew=True),
        ]
        with suppress(pytest.skip.Exception):  # an account that may not make networks does without
            net = stack.enter_context(network())
            far = stack.enter_context(rtsp_server(video, host=net.host, inside=net.inside))
            made.append(Source("packets swallowed", far.url, net.swallow, net.pass_on, anew=False))
        yield made


def cut_all(folder: Path, cuts: int, *, outages_s: tuple[float, float], limit_s: float, seed: int = 1) -> list[Told]:
    """Cuts every camera so many times, for a random length between two; at once, but apart from each other."""
    with sources(make_parked(folder, length_s=100)) as cut:
        for number in range(len(cut)):
            write_kerb(folder, f"C{number}", limit_s=limit_s)
        entries = (f"scene: C{number}.yaml, stream: '{one.stream}'" for number, one in enumerate(cut))
        with running(write_cameras(folder, *entries), folder / "data", open_parked) as worker:
            wait_until(lambda: _all_live(worker, len(cut)), timeout_s=PATIENCE_S)
            with ThreadPoolExecutor(len(cut)) as pool:
                made = list(
                    pool.map(
                        lambda item: _cut_one(item[1], worker.camera(item[0]), cuts, outages_s, seed + item[0]),
                        enumerate(cut),
                    )
                )
            statuses = [worker.camera(number) for number in range(len(cut))]
            wait_until(lambda: all(status.cases for status in statuses), timeout_s=limit_s + PATIENCE_S)
            worker.stop()
        (folder / "log.txt").write_text("\n".join(worker.lines), encoding="utf-8")
        return [
            Told(one, made[number], statuses[number], cases_in(folder / "data", f"C{number}"))
            for number, one in enumerate(cut)
        ]


def row(told: Told) -> str:
    """A line of the table."""
    lost = [cut.back_s for cut in told.cuts if cut.lost]
    p50, p95 = (f"{np.percentile(lost, q):.1f} s" if lost else "-" for q in (50, 95))
    most = f"{max(lost):.1f} s" if lost else "-"
    status = told.status
    return (
        f"| {told.source.name} | {len(told.cuts)} | {len(lost)} | {p50} | {p95} | {most} | {status.reconnects} |"
        f" {status.violations} | {status.cases} | {status.lost} |"
    )


def _all_live(worker: Running, count: int) -> bool:
    return [status.state for status in worker.statuses] == [State.LIVE] * count


def _cut_one(source: Source, status: CameraStatus, cuts: int, outages_s: tuple[float, float], seed: int) -> list[Cut]:
    dice = random.Random(seed)
    return [_cut(source, status, dice.uniform(*outages_s), dice.uniform(1.0, 3.0)) for _ in range(cuts)]


def _cut(source: Source, status: CameraStatus, outage_s: float, calm_s: float) -> Cut:
    time.sleep(calm_s)
    connects = status.streams[0].connects
    source.cut()
    if source.heal is not None:
        time.sleep(outage_s)
    judged = _judged(status)
    if source.heal is not None:
        source.heal()
    healed_s = time.monotonic()
    lost = False
    while (
        status.state not in JUDGED
        or _judged(status) == judged
        or (source.anew and status.streams[0].connects == connects)
    ):
        lost = lost or status.state is State.LOST
        assert time.monotonic() < healed_s + PATIENCE_S, f"{source.name}: not back after {PATIENCE_S:g} s"
        time.sleep(LOOK_S)
    back_s = time.monotonic() - healed_s
    return Cut(outage_s, lost or status.streams[0].connects > connects, back_s)


def _judged(status: CameraStatus) -> int:
    return status.analysed + status.held


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--longest-s", type=float, default=15.0)
    parser.add_argument("--limit-s", type=float, default=60.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        told = cut_all(
            Path(name), -(-arguments.cuts // 4), outages_s=(3.0, arguments.longest_s), limit_s=arguments.limit_s
        )
    print("| cut | times | lost | back p50 | p95 | most | reconnects | violations | cases | lost acts |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for one in told:
        print(row(one))
    lost = [cut.back_s for one in told for cut in one.cuts if cut.lost]
    p50, p95 = np.percentile(lost, (50, 95))
    print(f"{len(lost)} lost streams were back after p50 {p50:.1f} s, p95 {p95:.1f} s, most {max(lost):.1f} s")


if __name__ == "__main__":
    main()

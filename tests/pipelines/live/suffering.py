"""One worker whose cameras are all hurt at once, and what came of it for each of them."""

import time
from dataclasses import dataclass
from pathlib import Path

from cases.records import Case
from pipelines.live.endpoints import JUDGED
from pipelines.live.metrics import COUNTERS, GAUGES
from pipelines.live.status import CameraStatus, State
from tests.pipelines.live.faults import Fault, write_sufferers
from tests.pipelines.live.parked import open_parked
from tests.pipelines.live.test_run import Running, cases_in, running
from tests.processes import wait_until

BEFORE_S = 4.0
LOOKS = 5
"""Cameras are hurt when the car has been seen to stand."""


@dataclass
class Suffered:
    """What was seen of one fault.

    Attributes:
        states: the camera was in while it was hurt and until it was judged again.
        events: in the log.
        back_s: from healing to the next judged frame.
        metric: how much its counter rose, or its gauge showed.
    """

    fault: Fault
    states: set[State]
    events: set[str]
    back_s: float | None
    metric: float
    status: CameraStatus
    cases: list[Case]


def suffer(folder: Path, faults: list[Fault], *, hurt_s: float, limit_s: float, wait_s: float) -> list[Suffered]:
    """Hurts all cameras, heals them, and waits until every parking is a case."""
    cameras = write_sufferers(folder, faults, limit_s=limit_s)
    with running(cameras, folder / "data", open_parked) as worker:
        ids = [f"C{number}" for number in range(len(faults))]
        wait_until(lambda: len(worker.statuses) == len(faults), timeout_s=20)
        statuses = [worker.camera(number) for number in range(len(faults))]
        wait_until(lambda: all(status.state is State.LIVE for status in statuses), timeout_s=40)
        seen = [status.analysed + status.held for status in statuses]
        time.sleep(BEFORE_S)
        # On a busy machine the car is seen to stand only later.
        wait_until(lambda: all(_looked(one, at) for one, at in zip(statuses, seen, strict=True)), timeout_s=60)
        states: list[set[State]] = [set() for _ in faults]
        before = [_metric(fault, status) for fault, status in zip(faults, statuses, strict=True)]
        for fault in faults:
            fault.hurt()
        _watch(statuses, states, hurt_s)
        judged = [status.analysed + status.held for status in statuses]
        healed_s = time.monotonic()
        for fault in faults:
            fault.heal()
        back_s = _back(worker, statuses, states, judged, healed_s, wait_s)
        _wait_for_cases(statuses, wait_s)
        after = [_metric(fault, status) for fault, status in zip(faults, statuses, strict=True)]
        worker.stop()
        (folder / "log.txt").write_text("\n".join(worker.lines), encoding="utf-8")
        assert not any("s3cret" in line for line in worker.lines)
        return [
            Suffered(
                fault=fault,
                states=states[n],
                events={_event(line) for line in worker.lines if f"camera={ids[n]} " in line},
                back_s=back_s[n],
                metric=after[n] - before[n],
                status=statuses[n],
                cases=cases_in(folder / "data", ids[n]),
            )
            for n, fault in enumerate(faults)
        ]


def _looked(status: CameraStatus, before: int) -> bool:
    return status.analysed + status.held >= before + LOOKS


def row(told: Suffered) -> str:
    """A line of the table."""
    troubles = told.states - {State.LIVE, State.CONNECTING, State.OVERLOADED}
    seen = ", ".join(sorted(troubles)) or "live"
    metric = f"{seen}; {told.fault.metric} {told.metric:g}" if told.fault.metric else seen
    back = "-" if told.back_s is None else f"{told.back_s:.1f} s"
    status = told.status
    return (
        f"| {told.fault.name} | {metric} | {told.fault.event or '-'} | {back} | {status.violations} | {status.cases} |"
        f" {status.lost} |"
    )


def _watch(statuses: list[CameraStatus], states: list[set[State]], for_s: float) -> None:
    end_s = time.monotonic() + for_s
    while time.monotonic() < end_s:
        for status, seen in zip(statuses, states, strict=True):
            seen.add(status.state)
        time.sleep(0.1)


def _back(
    worker: Running,
    statuses: list[CameraStatus],
    states: list[set[State]],
    judged: list[int],
    healed_s: float,
    wait_s: float,
) -> list[float | None]:
    """Seconds from healing until each camera was live and looked at again."""
    back: list[float | None] = [None] * len(statuses)
    while None in back and time.monotonic() < healed_s + wait_s and not worker.result.done():
        for n, status in enumerate(statuses):
            states[n].add(status.state)
            if back[n] is None and status.state in JUDGED and status.analysed + status.held > judged[n]:
                back[n] = time.monotonic() - healed_s
        time.sleep(0.1)
    return back


def _wait_for_cases(statuses: list[CameraStatus], wait_s: float) -> None:
    """Until every camera has its case, or for so long: what is missing is told in the table."""
    end_s = time.monotonic() + wait_s
    while time.monotonic() < end_s and not all(status.cases for status in statuses):
        time.sleep(0.2)


def _metric(fault: Fault, status: CameraStatus) -> float:
    if not fault.metric:
        return 0.0
    _, read = COUNTERS.get(fault.metric) or GAUGES[fault.metric]
    return float(read(status))


def _event(line: str) -> str:
    return line.split("event=")[1].split(maxsplit=1)[0]

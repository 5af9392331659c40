"""How a batch run shows itself: a bar with rate and ETA on a terminal, plain lines elsewhere; the result as a table."""

import sys
import time
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from pipelines.batch import BatchResult
from pipelines.desk import FiledCase

LINE_EVERY_S = 5.0


class BatchProgress:
    """Progress of several recordings on stderr; `update` may be called from any thread."""

    def __init__(self) -> None:
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%  {task.fields[speed]:.1f}x"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
        )
        self._tasks: dict[str, TaskID] = {}
        self._began: dict[str, tuple[float, float]] = {}
        self._printed = time.monotonic()
        self._lock = Lock()

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def tell_networks(self, serving: dict[str, str]) -> None:
        """Which network of which registry serves which task, as a line."""
        told = ", ".join(f"{task} {network}" for task, network in serving.items())
        print(f"mạng/networks: {told}", file=sys.stderr, flush=True)

    def update(self, name: str, t_s: float, length_s: float | None) -> None:
        """`t_s` of `length_s` stream seconds of a recording are done."""
        now = time.monotonic()
        with self._lock:
            began, first_s = self._began.setdefault(name, (now, t_s))
            speed = (t_s - first_s) / max(now - began, 1e-3)
            if not self._bars.disable:
                if name not in self._tasks:
                    self._tasks[name] = self._bars.add_task(name, total=length_s, speed=speed)
                self._bars.update(self._tasks[name], completed=t_s, speed=speed)
            elif now - self._printed >= LINE_EVERY_S:
                self._printed = now
                print(_line(name, t_s, length_s, speed), file=sys.stderr, flush=True)


def _line(name: str, t_s: float, length_s: float | None, speed: float) -> str:
    if not length_s or speed <= 0:
        return f"{name}: {t_s:.0f} s, {speed:.1f}x"
    eta_s = max(length_s - t_s, 0) / speed
    return f"{name}: {t_s:.0f}/{length_s:.0f} s ({100 * t_s / length_s:.0f} %), {speed:.1f}x, còn/ETA {eta_s:.0f} s"


def print_result(result: BatchResult, *, evidence: Path) -> None:
    """The cases as a table on stdout; what was damaged or could not be told on stderr."""
    rows = [case for one in result.results for case in one.cases]
    if sys.stdout.isatty():
        Console().print(_table(rows))
    else:
        for case in rows:
            print("\t".join(_cells(case, evidence)))
    for one in result.results:
        counters = one.counters
        doubts = ", ".join(f"{reason} {count}" for reason, count in one.cannot_tell.items()) or "-"
        print(
            f"{one.recording.name}: {len(one.cases)} hồ sơ/cases; khung hỏng/corrupt {counters.corrupt},"
            f" lỗi giờ/time faults {counters.time_faults}{', cụt/truncated' if counters.truncated else ''};"
            f" không kết luận/cannot tell: {doubts}",
            file=sys.stderr,
        )


def _cells(case: FiledCase, evidence: Path) -> tuple[str, ...]:
    event = case.event
    return (
        case.case_id,
        str(event["kind"]),
        str(event["vehicle"] or "-"),
        f"{event['start_s']:.1f}-{event['end_s']:.1f}",
        f"{event['confidence']:.2f}",
        str(event["video"]),
        str(evidence / case.evidence),
    )


def _table(rows: list[FiledCase]) -> Table:
    table = Table("Hồ sơ / Case", "Hành vi / Kind", "Xe / Vehicle", "Giây / Seconds", "Tin cậy / Conf.", "Video")
    for case in rows:
        table.add_row(*_cells(case, Path())[:6])
    return table

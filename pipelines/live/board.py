"""What the operator sees while cameras are watched: a live table on a terminal, a line every 10 s elsewhere.

Log lines appear above the table. Called by the main thread with the cameras' states; log lines come from any thread.
"""

import sys
import time
from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from pipelines.live.journal import INFO, note
from pipelines.live.status import CameraStatus, State
from pipelines.live.words import STATES

LINE_EVERY_S = 10.0
RATE_OVER_S = 5.0
STATUS_EVERY_S = 60.0
_STYLES = {State.LIVE: "green", State.CONNECTING: "yellow", State.ENDED: "dim"}
_WELL = frozenset({State.LIVE, State.ENDED})
_HEADINGS = ("Khung/s\nfps", "Trễ\nLag", "Bỏ\nDropped", "Quá hạn\nStale", "Nối lại\nReconn.", "Hồ sơ\nCases")


class Board:
    """Shows states on stderr."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, soft_wrap=True)
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._lines = not self._console.is_terminal
        self._printed_s = time.monotonic()
        self._rates = _Rates()

    def __enter__(self) -> Self:
        if not self._lines:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._lines:
            self._live.stop()

    def write(self, line: str) -> None:
        """One line of the log, above the table."""
        if self._lines:
            print(line, file=sys.stderr, flush=True)
        else:
            self._console.print(line, markup=False, highlight=False)

    def show(self, statuses: Sequence[CameraStatus], waiting: int) -> None:
        """The state of things now; `waiting` acts are being filed."""
        now_s = time.monotonic()
        self._rates.note(statuses, now_s)
        if not self._lines:
            self._live.update(self._table(statuses, waiting), refresh=True)
        elif now_s - self._printed_s >= LINE_EVERY_S:
            self._printed_s = now_s
            for status in statuses:
                self.write(self._line(status))

    def _line(self, status: CameraStatus) -> str:
        cells = dict(zip(("fps", "lag", "dropped", "stale", "reconnects", "cases"), self._figures(status), strict=True))
        figures = " ".join(f"{name}={value}" for name, value in cells.items())
        return f"{status.id}: {status.state.value} {figures} {status.problem or status.last_event}".rstrip()

    def _figures(self, status: CameraStatus) -> tuple[str, ...]:
        return (
            f"{self._rates.of(status.id):.1f}",
            f"{1000 * status.lag_s:.0f}ms",
            str(status.dropped),
            str(status.stale),
            str(status.reconnects),
            str(status.cases),
        )

    def _table(self, statuses: Sequence[CameraStatus], waiting: int) -> Table:
        table = Table(box=SIMPLE_HEAD, expand=True, title=_title(statuses, waiting), title_justify="left")
        table.add_column("Camera", no_wrap=True)
        table.add_column("Trạng thái\nState", no_wrap=True)
        for heading in _HEADINGS:
            table.add_column(heading, justify="right", no_wrap=True)
        table.add_column("Gần nhất\nLast", ratio=1, overflow="fold")
        # A terminal shows as many rows as it has lines: what needs somebody comes first.
        for status in sorted(statuses, key=lambda one: one.state in _WELL):
            # Text, not markup: the table is drawn anew with every log line, and log lines are printed as they are.
            state = Text(f"{STATES[status.state]} ({status.state.value})", style=_STYLES.get(status.state, "red"))
            table.add_row(status.id, state, *self._figures(status), Text(status.problem or status.last_event))
        return table


def _title(statuses: Sequence[CameraStatus], waiting: int) -> Text:
    """How many cameras are in which state, and what waits."""
    counts = Counter(status.state for status in statuses)
    told = ", ".join(f"{STATES[state]} ({state.value}) {count}" for state, count in counts.most_common())
    return Text(f"{len(statuses)} camera: {told}; đang lập hồ sơ / being filed: {waiting}")


class StatusLog:
    """In place of the board where logs are read by machines: an event a camera every minute."""

    def __init__(self) -> None:
        self._noted_s = time.monotonic()
        self._rates = _Rates()

    def write(self, line: str) -> None:
        """One line of the log."""
        print(line, file=sys.stderr, flush=True)

    def show(self, statuses: Sequence[CameraStatus], waiting: int) -> None:
        """The state of things now; `waiting` acts are being filed."""
        now_s = time.monotonic()
        self._rates.note(statuses, now_s)
        if now_s - self._noted_s < STATUS_EVERY_S:
            return
        self._noted_s = now_s
        for status in statuses:
            note(
                INFO,
                "status",
                status.id,
                state=status.state.value,
                fps=self._rates.of(status.id),
                lag_s=status.lag_s,
                dropped=status.dropped,
                stale=status.stale,
                reconnects=status.reconnects,
                cases=status.cases,
                set_aside=status.set_aside,
                waiting=waiting,
                problem=status.problem,
            )


class _Rates:
    """Analysed frames a second, over the last seconds."""

    def __init__(self) -> None:
        self._since: dict[str, tuple[float, int]] = {}
        self._rates: dict[str, float] = {}

    def note(self, statuses: Sequence[CameraStatus], now_s: float) -> None:
        for status in statuses:
            since_s, count = self._since.setdefault(status.id, (now_s, status.analysed))
            if now_s > since_s:
                self._rates[status.id] = (status.analysed - count) / (now_s - since_s)
            if now_s - since_s >= RATE_OVER_S:
                self._since[status.id] = (now_s, status.analysed)

    def of(self, camera_id: str) -> float:
        return self._rates.get(camera_id, 0.0)

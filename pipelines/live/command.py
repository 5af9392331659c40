"""The command `phatnguoi run` around `run_live`: signals, table, log, metrics.

SIGTERM and Ctrl-C both drain; a second one ends the process at once. SIGHUP has the camera file read anew.
"""

import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Event
from types import FrameType

from cases.heartbeat import Beat, Heart
from cases.settings import Settings
from pipelines.live.address import masked
from pipelines.live.board import Board, StatusLog
from pipelines.live.endpoints import serving
from pipelines.live.journal import INFO, WARNING, note, open_journal
from pipelines.live.metrics import LiveCollector
from pipelines.live.run import LiveRequest, run_live
from pipelines.live.status import CameraStatus


def run_command(
    request: LiveRequest, settings: Settings, *, metrics_host: str, metrics_port: int | None, as_json: bool = False
) -> bool:
    """Runs until stopped or over; True when Ctrl-C stopped it. `as_json`: logs for machines and no table.

    Raises:
        PhatnguoiError: see `run_live`.
    """
    stop = Event()
    with ExitStack() as around:
        board: Board | StatusLog = StatusLog() if as_json else around.enter_context(Board())
        around.callback(open_journal(board.write, as_json=as_json))
        collector = LiveCollector()
        heart = Heart(settings.data_dir)
        around.callback(heart.stop)
        if metrics_port is not None:
            port = around.enter_context(serving(collector, stop, host=metrics_host, port=metrics_port))
            note(INFO, "metrics", address=f"http://{metrics_host}:{port}/metrics")
        caught = around.enter_context(_stopping(stop))
        reload = around.enter_context(_reloading())

        def show(statuses: Sequence[CameraStatus], waiting: int) -> None:
            board.show(statuses, waiting)
            collector.show(statuses, waiting)
            if problem := heart.beat(map(_beat, statuses), waiting):
                note(WARNING, "untold", problem=problem)

        run_live(request, settings, stop=stop, reload=reload, on_status=show)
    return signal.SIGINT in caught


def _beat(status: CameraStatus) -> Beat:
    said = status.said
    return Beat(
        camera_id=status.id,
        state=status.state.value,
        problem=masked(status.problem),
        code=said.code if said else "",
        values={name: masked(value) for name, value in said.values.items()} if said else {},
        lag_s=round(status.lag_s, 3),
        analysed=status.analysed,
        dropped=status.dropped,
        blind=status.blind,
        reconnects=status.reconnects,
        violations=status.violations,
        cases=status.cases,
    )


@contextmanager
def _stopping(stop: Event) -> Iterator[list[int]]:
    """Sets `stop` at the first signal and then restores what was; gives the signals caught."""
    caught: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def on_signal(number: int, _frame: FrameType | None) -> None:
        caught.append(number)
        stop.set()
        restore()

    for number in before:
        signal.signal(number, on_signal)
    try:
        yield caught
    finally:
        restore()


@contextmanager
def _reloading() -> Iterator[Event]:
    """An event that SIGHUP sets."""
    reload = Event()
    before = signal.signal(signal.SIGHUP, lambda *_: reload.set())
    try:
        yield reload
    finally:
        signal.signal(signal.SIGHUP, before)

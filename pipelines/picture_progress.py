"""How a walk through many pictures shows itself on stderr: a bar and ETA on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pipelines.progress import LINE_EVERY_S


def shown(pictures: Sequence[Path], *, every_s: float = LINE_EVERY_S) -> Iterator[Path]:
    """The pictures in order; each counts as done when the next one is asked for.

    Args:
        pictures: all that will be looked at.
        every_s: least time between two plain lines, so that a few pictures print none.
    """
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:.1f} ảnh/s"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    )
    began = told = time.monotonic()
    with bars:
        task = bars.add_task("ảnh/pictures", total=len(pictures), rate=0.0)
        for done, picture in enumerate(pictures):
            now = time.monotonic()
            rate = done / max(now - began, 1e-3)
            bars.update(task, completed=done, rate=rate)
            if bars.disable and now - told >= every_s:
                told = now
                print(_line(done, len(pictures), rate), file=sys.stderr, flush=True)
            yield picture
        bars.update(task, completed=len(pictures))


def _line(done: int, count: int, rate: float) -> str:
    eta = f", còn/ETA {(count - done) / rate:.0f} s" if rate > 0 else ""
    return f"ảnh/pictures: {done}/{count} ({100 * done / count:.0f} %), {rate:.1f}/s{eta}"

"""What the server does by itself every so often: run deadlines, anchor logs, take up analyses; one of each at a time.

A run that fails is logged and tried again at its next turn; 0 seconds leaves the work to the command line.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from api.context import Context, take_up
from cases.clock import utc_now
from cases.custody import clock_behind_s, refuse_doubtful_clock, tend, trust_clock
from cases.deciding import run_deadlines
from detector.types import PhatnguoiError

_LOG = logging.getLogger(__name__)
CLOCK_S = 60.0
"""How far the clock may stand behind the last row of a log, which another machine may have written."""


@asynccontextmanager
async def tending(context: Context) -> AsyncIterator[None]:
    """Run deadlines, anchor the logs, take up analyses while the server lives; anchor once more when it ends."""
    settings = context.settings

    def deadlines() -> None:
        now = utc_now()
        refuse_doubtful_clock(context.sessions, now)
        stuck: list[str] = []
        moved = run_deadlines(context.sessions, now=now, policy=context.policy, stuck=stuck)
        trust_clock(context.sessions, now)
        if stuck:
            _LOG.warning("deadlines: %d clocks ran out and wait for a paper, first %s", len(stuck), stuck[0])
        if moved:
            _LOG.warning("deadlines: %d cases moved on because a time limit had passed", len(moved))

    def anchor() -> None:
        behind_s = clock_behind_s(context.sessions, utc_now())
        if behind_s > CLOCK_S:
            _LOG.warning("clock: stands %.0f s behind the logs; check the time service of this machine", behind_s)
        tend(context.sessions, context.store, context.keys, settings)

    async with (
        repeating("analyses", lambda: take_up(context), every_s=settings.analysis_lease_s),
        repeating("deadlines", deadlines, every_s=settings.sweep_every_s),
        repeating("anchoring", anchor, every_s=settings.anchor_every_s, at_end=True),
    ):
        yield


@asynccontextmanager
async def repeating(
    name: str, work: Callable[[], None], *, every_s: float, at_end: bool = False
) -> AsyncIterator[None]:
    """Do some work now and every so many seconds until the block ends, and `at_end` once more then; 0: never."""
    if every_s == 0:
        yield
        return

    def once() -> None:
        try:
            work()
        except PhatnguoiError as error:
            _LOG.warning("%s: not done now: %s", name, error)

    async def forever() -> None:
        while True:
            await asyncio.to_thread(once)
            await asyncio.sleep(every_s)

    task = asyncio.create_task(forever())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if at_end:
            await asyncio.to_thread(once)

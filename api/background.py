"""What the server does by itself: run the deadlines of cases every so often, in a thread of its own."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.context import Context
from cases.clock import utc_now
from cases.deciding import run_deadlines
from detector.types import CaseError

_LOG = logging.getLogger(__name__)


@asynccontextmanager
async def running_deadlines(context: Context) -> AsyncIterator[None]:
    """Run deadlines while the server lives; a setting of 0 leaves it to `phatnguoi sweep`."""
    if context.settings.sweep_every_s == 0:
        yield
        return
    task = asyncio.create_task(_forever(context))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _forever(context: Context) -> None:
    while True:
        try:
            moved = await asyncio.to_thread(run_deadlines, context.sessions, now=utc_now(), policy=context.policy)
            if moved:
                _LOG.warning("deadlines: %d cases moved on because a time limit had passed", len(moved))
        except CaseError as error:
            _LOG.warning("deadlines: not run now: %s", error)
        await asyncio.sleep(context.settings.sweep_every_s)

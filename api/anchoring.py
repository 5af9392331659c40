"""What the server does by itself for evidence: anchor the logs every so often, and have anchors time-stamped."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.context import Context
from cases.custody import tend
from detector.types import PhatnguoiError

_LOG = logging.getLogger(__name__)


@asynccontextmanager
async def anchoring(context: Context) -> AsyncIterator[None]:
    """Anchor while the server lives and once more when it ends; 0 leaves it to `phatnguoi evidence anchor`."""
    if context.settings.anchor_every_s == 0:
        yield
        return
    task = asyncio.create_task(_forever(context))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.to_thread(_once, context)


async def _forever(context: Context) -> None:
    while True:
        await asyncio.to_thread(_once, context)
        await asyncio.sleep(context.settings.anchor_every_s)


def _once(context: Context) -> None:
    try:
        tend(context.sessions, context.store, context.keys, context.settings)
    except PhatnguoiError as error:
        _LOG.warning("anchoring: not done now: %s", error)

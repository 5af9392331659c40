"""The worker's log: one line per event, `key=value` after time and level, secrets blotted out.

Called from any thread; goes to the logger `phatnguoi.live`, which `open_journal` ties to a writer of lines.
"""

import logging
import time
from collections.abc import Callable

from pipelines.live.address import masked

LOGGER = logging.getLogger("phatnguoi.live")
INFO, WARNING, ERROR = logging.INFO, logging.WARNING, logging.ERROR


def note(level: int, event: str, camera_id: str | None = None, **fields: object) -> None:
    """Writes one event, e.g. `note(INFO, "connected", "HN-1", epoch=0)`."""
    told = {"event": event} | ({} if camera_id is None else {"camera": camera_id}) | fields
    LOGGER.log(level, masked(" ".join(f"{key}={_value(value)}" for key, value in told.items())))


def open_journal(write: Callable[[str], None]) -> Callable[[], None]:
    """Passes every line to `write` until the returned function is called."""
    handler = _Lines(write)
    handler.setFormatter(_Formatter("%(asctime)sZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S"))
    level, LOGGER.propagate = LOGGER.level, False
    LOGGER.setLevel(INFO)
    LOGGER.addHandler(handler)

    def close() -> None:
        LOGGER.removeHandler(handler)
        LOGGER.setLevel(level)
        LOGGER.propagate = True

    return close


class _Formatter(logging.Formatter):
    converter = staticmethod(time.gmtime)


class _Lines(logging.Handler):
    def __init__(self, write: Callable[[str], None]) -> None:
        super().__init__()
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        self._write(self.format(record))


def _value(value: object) -> str:
    text = f"{value:.3f}" if isinstance(value, float) else str(value)
    plain = text and not any(mark in text for mark in ' "=\n')
    return text if plain else '"' + text.replace('"', "'").replace("\n", " | ") + '"'

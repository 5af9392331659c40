"""The worker's log: one line per event, secrets blotted out; `key=value` after time and level, or JSON.

Called from any thread; goes to the logger `phatnguoi.live`, which `open_journal` ties to a writer of lines.
"""

import json
import logging
import math
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from pipelines.live.address import masked

LOGGER = logging.getLogger("phatnguoi.live")
INFO, WARNING, ERROR = logging.INFO, logging.WARNING, logging.ERROR


def note(level: int, event: str, camera_id: str | None = None, **fields: object) -> None:
    """Writes one event, e.g. `note(INFO, "connected", "HN-1", epoch=0)`."""
    told = {"event": event} | ({} if camera_id is None else {"camera": camera_id}) | fields
    text = masked(" ".join(f"{key}={_value(value)}" for key, value in told.items()))
    LOGGER.log(level, "%s", text, extra={"told": told})


def open_journal(write: Callable[[str], None], *, as_json: bool = False) -> Callable[[], None]:
    """Passes every line to `write` until the returned function is called."""
    handler = _Lines(write)
    words = _Formatter("%(asctime)sZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    handler.setFormatter(_JsonFormatter() if as_json else words)
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


class _JsonFormatter(logging.Formatter):
    """An object a line: `at`, `level`, `event`, `camera` and what else was told."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = getattr(record, "told", {"event": record.getMessage()})
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        content = {"at": at.replace("+00:00", "Z"), "level": record.levelname.lower()}
        return json.dumps(content | {key: _plain(value) for key, value in told.items()}, ensure_ascii=False)


class _Lines(logging.Handler):
    def __init__(self, write: Callable[[str], None]) -> None:
        super().__init__()
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        # A log on a full disk, or that nobody reads any more, must end none of the threads that write to it.
        with suppress(OSError, ValueError):
            self._write(self.format(record))


def _plain(value: object) -> object:
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return round(value, 3) if math.isfinite(value) else str(value)
    return masked(str(value))


def _value(value: object) -> str:
    text = f"{value:.3f}" if isinstance(value, float) else str(value)
    plain = text and not any(mark in text for mark in ' "=\n')
    return text if plain else '"' + text.replace('"', "'").replace("\n", " | ") + '"'

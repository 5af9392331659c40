"""The folder of one training run: one process at a time, what it was begun with, errors of the disk in plain words.

In: the folder's path. Out: a lock that dies with its process, `run.json`, and `ConfigError`s that say how to go on.
A killed run leaves whole files only: every file is written beside its place and moved there.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from detector.types.errors import ConfigError

FULL_BELOW_BYTES = 50_000_000
"""So much free space is more than any file of a run; with less, a library's write error means a full disk."""


@contextmanager
def only_process(lock: Path, what: str) -> Iterator[None]:
    """Hold `lock` (a file beside the work, made if absent) while the block runs.

    Raises:
        ConfigError: another process holds it (its number is named), or the folder cannot be written.
    """
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(lock, os.O_CREAT | os.O_RDWR, 0o644)
    except OSError as error:
        raise unwritable(lock.parent, error) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
            raise ConfigError(
                f"{what}: another process works on it (pid {holder}); wait for it, stop it, or name another folder"
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def told_plainly(folder: Path) -> Iterator[None]:
    """Turn a disk that is full or refuses into a ConfigError with the cure; other errors stay what they are.

    Raises:
        ConfigError: the folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise unwritable(folder, error) from error
    except RuntimeError as error:
        # OpenVINO and torch tell of a full disk in words of their own.
        if shutil.disk_usage(folder).free >= FULL_BELOW_BYTES:
            raise
        raise unwritable(folder, OSError(28, "No space left on device")) from error


def unwritable(folder: Path, error: OSError) -> ConfigError:
    """Return what to tell of a folder that cannot be written."""
    return ConfigError(
        f"{error.filename or folder}: cannot be written ({error.strerror}); free space or give the right, then run the "
        "same command again: it goes on where it was"
    )


def begin(run: Path, origin: dict[str, object]) -> None:
    """Note what a run is made from, or make sure that it is the same as before.

    Raises:
        ConfigError: the run was begun with something else.
    """
    path = run / "run.json"
    if not path.is_file():
        write_json(path, origin)
        return
    before = read_run(run)
    other = [key for key, value in origin.items() if before.get(key) != value]
    if other:
        raise ConfigError(
            f"{path}: this run was begun with another {' and '.join(other)}; go on with the same, or name another --run"
        )


def write_json(path: Path, content: object) -> None:
    """Replace a JSON file at once."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(content, indent=1) + "\n")
    part.replace(path)


def read_run(run: Path) -> dict[str, Any]:
    """Return what a run was made from.

    Raises:
        ConfigError: the folder is no run's.
    """
    path = run / "run.json"
    try:
        content = json.loads(path.read_text())
    except (OSError, json.JSONDecodeError) as error:
        raise ConfigError(f"{path}: not readable ({error}); expected a folder that `phatnguoi train` wrote") from error
    if not isinstance(content, dict) or not {"network", "data", "digest"} <= set(content):
        raise ConfigError(f"{path}: lacks network, data or digest; expected a folder that `phatnguoi train` wrote")
    return content

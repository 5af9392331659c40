"""Objects laid aside on disk and taken up again: written whole or not at all, read without running foreign code.

In: plain values, numpy arrays and the types of `detector`. Out: bytes, and files that a kill or a power cut leaves
either as they were or as they are. Reading admits the types named here alone; anything else is refused.
"""

import io
import os
import pickle
from collections.abc import Iterable
from enum import Enum
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import detector
from cases.evidence.disk import sync_folder

PROTOCOL = 4
"""From 5 on, arrays are told by another function of numpy's."""
_ADMITTED = {
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("builtins", "frozenset"),
    ("builtins", "set"),
    ("collections", "deque"),
    ("datetime", "datetime"),
    ("datetime", "timedelta"),
    ("datetime", "timezone"),
}
_PARTS = ("types", "rules", "tracking", "foreground", "scene")


class ThawError(Exception):
    """The bytes are damaged, or hold what may not be in them."""


def freeze(value: object) -> bytes:
    """The value as bytes."""
    out = io.BytesIO()
    _Freezing(out, PROTOCOL).dump(value)
    return out.getvalue()


def thaw(data: bytes) -> Any:
    """The value again.

    Raises:
        ThawError: it cannot be read, or names a type that has no place here.
    """
    try:
        return _Thawing(io.BytesIO(data)).load()
    except ThawError:
        raise
    except Exception as error:  # damaged bytes make the reader fail in any way
        raise ThawError(f"damaged ({type(error).__name__})") from error


def replace_file(path: Path, parts: Iterable[bytes]) -> None:
    """Writes a file beside its place, puts it on the disk and moves it there.

    Raises:
        OSError: the disk refuses; what stood there stands.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    try:
        with draft.open("wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


@cache
def layout_hash() -> str:
    """SHA-256 over the sources of the deciding part: what other sources laid aside may mean something else."""
    root = Path(detector.__file__).parent
    sources = [root / "lane.py", *(path for part in _PARTS for path in sorted((root / part).glob("*.py")))]
    digest = sha256()
    for source in sources:
        digest.update(source.relative_to(root).as_posix().encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()


class _Freezing(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        """Members of enumerations by their value: older 3.11 names them through `getattr`, which is refused."""
        return (type(value), (value.value,)) if isinstance(value, Enum) else NotImplemented


class _Thawing(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _ADMITTED:
            return super().find_class(module, name)
        if module.startswith("detector.") and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__.startswith("detector."):
                return found
        raise ThawError(f"names {module}.{name}, which has no place in it")

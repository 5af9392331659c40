"""Which software wrote a record."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def software_version() -> str:
    """The installed version, e.g. `phatnguoi 0.1.0`; `phatnguoi (not installed)` from a bare source tree."""
    try:
        return f"phatnguoi {version('phatnguoi')}"
    except PackageNotFoundError:
        return "phatnguoi (not installed)"

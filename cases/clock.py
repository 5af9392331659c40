"""The wall clock, read in one place; everything that judges by time takes the time as an argument."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC)

"""One spelling of JSON for everything that is hashed: manifests, decisions, the access log.

Keys sorted, no blanks, UTF-8, no NaN; the same value always gives the same bytes and so the same SHA-256.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime


def canonical_json(value: object) -> bytes:
    """The one byte string that stands for a JSON value.

    Raises:
        ValueError: the value holds NaN, infinity or something JSON has no form for; the text says what.
    """
    try:
        text = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except TypeError as error:
        raise ValueError(str(error)) from error
    return text.encode()


def sha256_of(value: object) -> str:
    """SHA-256 hex of a JSON value in its canonical spelling."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def without(value: Mapping[str, object], key: str) -> dict[str, object]:
    """A copy of a JSON object lacking one key: what a hash inside an object covers."""
    return {name: item for name, item in value.items() if name != key}


def utc_text(at: datetime) -> str:
    """ISO 8601 in UTC with microseconds and `Z`, the only form in which times enter a hash.

    Raises:
        ValueError: the time has no zone, so its moment is unknown.
    """
    if at.tzinfo is None:
        raise ValueError(f"expected a time with a zone, got {at.isoformat()} without one")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

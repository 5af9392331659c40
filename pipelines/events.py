"""Violations as the event lines of the contract, and the file that holds all of them."""

import errno
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cases.evidence.disk import explain
from detector.types import Violation
from pipelines.plate_evidence import event_plate

EVENT_VERSION = 1


def event_line(violation: Violation, *, video: str) -> str:
    """One event as a JSON line (without line end); the same violation gives the same bytes."""
    finding = violation.finding
    event = {
        "v": EVENT_VERSION,
        "violation_id": violation.id,
        "kind": finding.kind.value,
        "camera_id": violation.camera_id,
        "zone_id": finding.zone_id,
        "start_s": round(finding.t_start_s, 3),
        "end_s": round(finding.t_end_s, 3),
        "vehicle": finding.vehicle.label if finding.vehicle is not None else None,
        "track_id": finding.track_id,
        "confidence": round(finding.confidence, 4),
        "path": [[round(t_s, 3), *(round(side, 1) for side in box)] for t_s, *box in finding.path],
        "facts": {key: round(value, 3) if isinstance(value, float) else value for key, value in finding.facts.items()},
        "cannot_tell": list(finding.cannot_tell),
        "reminder_only": finding.reminder_only,
        "plate": event_plate(violation.extra),
        "video": video,
    }
    return json.dumps(event, ensure_ascii=False, separators=(", ", ": "))


def check_place(path: Path) -> None:
    """Finds out whether `write_lines` will be able to write there, before hours of work depend on it.

    Raises:
        EvidenceError: the place cannot be written, or is a folder.
    """
    partial = _partial(path)
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.touch()
        partial.unlink()
    except OSError as error:
        raise explain(error, path) from error


def _partial(path: Path) -> Path:
    return path.with_name(path.name + ".partial")


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Replaces `path` by the given lines; a reader sees the old file or the new one, never half of it.

    Raises:
        EvidenceError: the place cannot be written.
    """
    partial = _partial(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise explain(error, path) from error

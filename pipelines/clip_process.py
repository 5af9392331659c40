"""Redacting clips in a process of its own, for the server: a damaged or hostile clip ends that process, not the server.

`clips_apart` is what `phatnguoi serve` hands to the API; the process reads one task as JSON and runs
`pipelines.redaction.redact_clip`. One clip at a time, at low priority.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from cases.evidence import EvidenceStore
from detector.types import PhatnguoiError, SourceError
from pipelines.redaction import Row, redact_clip, redacted_clips

LIMIT_S = 600.0
_TURN = threading.Lock()


def clips_apart(store: EvidenceStore, location: str, folder: Path) -> dict[str, Path]:
    """As `pipelines.redaction.redacted_clips`, each clip in a process of its own.

    Raises:
        SourceError: a clip cannot be decoded, its decoder died, or it took longer than `LIMIT_S`.
    """
    return redacted_clips(store, location, folder, redact=run_apart)


def run_apart(source: Path, target: Path, *, path: Sequence[Row], starts_s: float, limit_s: float = LIMIT_S) -> None:
    """One clip in a process of its own; errors as `clips_apart`."""
    task = {"source": str(source.resolve()), "target": str(target.resolve()), "path": path, "starts_s": starts_s}
    command = [sys.executable, "-m", "pipelines.clip_process"]
    try:
        with _TURN:
            ended = subprocess.run(
                command, input=json.dumps(task), text=True, capture_output=True, timeout=limit_s, check=False,
                cwd=Path(__file__).parents[1],
            )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise SourceError(f"{source}: not redacted within {limit_s:g} s; export it by the command") from error
    if ended.returncode != 0:
        said = ended.stderr.strip().splitlines()
        raise SourceError(
            said[-1] if ended.returncode == 2 and said else f"{source}: its decoder died; verify the bundle"
        )


def main() -> int:
    """Redact the clip that standard input names."""
    with suppress(OSError):  # a sandbox may forbid it
        os.nice(10)
    task = json.load(sys.stdin)
    try:
        redact_clip(Path(task["source"]), Path(task["target"]), path=task["path"], starts_s=task["starts_s"])
    except PhatnguoiError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

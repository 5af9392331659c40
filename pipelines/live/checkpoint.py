"""What a worker lays aside of one camera every few seconds, so that its successor goes on where it was killed.

In: the lane's memory, the foreground's, the place on the stream's clock, on the lane thread. Out: one file a camera,
written whole on another thread; and, on start, a `Past`, if it is fresh and made by the same scene and software.
"""

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TextIO

from cases.version import software_version
from detector.lane import LONGEST_HOLE_S
from detector.types import ConfigError
from pipelines.live.frozen import ThawError, freeze, layout_hash, replace_file, thaw
from pipelines.live.journal import INFO, WARNING, note
from pipelines.live.reel import Reel
from pipelines.live.ring import Kept

CHECKPOINT_EVERY_S = 3.0
VERSION = 1
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_MOST_HEADER_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Standpoint:
    """Where a camera's lane stands.

    Attributes:
        source_id: of the stream since it was first watched; acts keep their ids over restarts through it.
        t_s: of the frame judged last.
        now_s: stream seconds of the moment itself.
        epoch, index: of the frame judged last.
        filed: ids of the open acts that are told already.
    """

    source_id: str
    t_s: float
    now_s: float
    epoch: int
    index: int
    filed: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What was laid aside.

    Attributes:
        standpoint: see there.
        zero_s: on this process's monotonic clock, when the camera was first heard.
        lane, foreground: their memories.
        packets: keyframes of the minutes before.
    """

    standpoint: Standpoint
    zero_s: float
    lane: dict[str, Any]
    foreground: dict[str, Any]
    packets: tuple[Kept, ...]


class CheckpointFile:
    """One camera's folder; locked, so that no two workers watch a camera into the same data.

    Raises:
        ConfigError: another worker holds it, or it cannot be written at all.
    """

    def __init__(self, folder: Path, *, camera_id: str, scene_hash: str, keep_s: float) -> None:
        self._camera_id = camera_id
        self._path = folder / "state"
        self._key = sha256(f"{VERSION} {scene_hash} {software_version()} {layout_hash()}".encode()).hexdigest()
        self.reel = Reel(folder, keep_s)
        self._lock = _locked(folder, camera_id)

    def close(self) -> None:
        """Lets another worker have the camera."""
        self._lock.close()

    def frozen(self, standpoint: Standpoint, lane: dict[str, Any], foreground: dict[str, Any]) -> tuple[bytes, bytes]:
        """Header and body as `write` takes them; made where the lane cannot change meanwhile."""
        body = freeze((asdict(standpoint), lane, foreground))
        header = {
            "key": self._key,
            "boot": boot_id(),
            "monotonic_s": time.monotonic(),
            "at": datetime.now(UTC).isoformat(),
            "sha256": sha256(body).hexdigest(),
        }
        return json.dumps(header).encode() + b"\n", body

    def write(self, frozen: tuple[bytes, bytes], packets: tuple[Kept, ...]) -> None:
        """Puts it on the disk.

        Raises:
            OSError: the disk refuses; the checkpoint before stands.
        """
        self.reel.add(packets)
        replace_file(self._path, frozen)

    def clear(self) -> None:
        """The camera's stream is over for good."""
        self._path.unlink(missing_ok=True)
        self.reel.clear()

    def past(self) -> Past | None:
        """What an earlier worker laid aside; None, and cleared away, where it is of no use any more."""
        try:
            past = self._read()
        except FileNotFoundError:
            return None
        except (OSError, ThawError, ValueError, KeyError, TypeError) as error:
            note(WARNING, "checkpoint-unused", self._camera_id, problem=str(error) or type(error).__name__)
            self.clear()
            return None
        note(INFO, "resumed", self._camera_id, gap_s=past.gap_s, keyframes=len(past.past.packets))
        return past.past

    def _read(self) -> "_Aged":
        with self._path.open("rb") as file:
            header = json.loads(file.readline(_MOST_HEADER_BYTES))
            body = file.read()
        if header["key"] != self._key:
            raise ValueError("made under another scene or by another version")
        if header["sha256"] != sha256(body).hexdigest():
            raise ValueError("damaged")
        elapsed_s = _elapsed_s(header)
        if not 0 <= elapsed_s <= LONGEST_HOLE_S:
            raise ValueError(f"{elapsed_s:.0f} s old; up to {LONGEST_HOLE_S:g} s are bridged")
        stood, lane, foreground = thaw(body)
        standpoint = Standpoint(**stood)
        now_s = time.monotonic()
        past = Past(
            standpoint=standpoint,
            zero_s=now_s - standpoint.now_s - elapsed_s,
            lane=lane,
            foreground=foreground,
            packets=self.reel.read(),
        )
        return _Aged(past=past, gap_s=elapsed_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Aged:
    past: Past
    gap_s: float


def boot_id() -> str:
    """Which run of the machine this is: its monotonic clock means nothing in another."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _elapsed_s(header: dict[str, Any]) -> float:
    """Seconds since then: by the monotonic clock within one run of the machine, else by UTC."""
    if header["boot"] and header["boot"] == boot_id():
        return time.monotonic() - float(header["monotonic_s"])
    return (datetime.now(UTC) - datetime.fromisoformat(header["at"])).total_seconds()


def _locked(folder: Path, camera_id: str) -> TextIO:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w", encoding="ascii")
    except OSError as error:
        raise ConfigError(
            f"{folder}: cannot be written ({error.strerror}); give this account the right, or another --data"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise ConfigError(
            f"camera {camera_id}: another process watches it into the same data (pid {_holder(folder)}); stop that one"
            " first, or give another --data"
        ) from error
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _holder(folder: Path) -> str:
    try:
        return (folder / "lock").read_text(encoding="ascii").strip() or "unknown"
    except OSError:
        return "unknown"

"""Acts just established are put in safety before they are told: on disk with their packets, off the lane thread.

In: an act and where it comes from, from the lane thread, which waits for no disk here. Out: the act, kept in the box
and named in the log, given to the writer. Until it is kept, its camera does not lay aside that it was told, so that
after a kill a successor establishes it again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Queue
from threading import Lock, Thread
from typing import Protocol

from detector.types import Violation
from pipelines.evidence import POST_ROLL_S
from pipelines.live.acts import ActBox
from pipelines.live.footage import RingFootage
from pipelines.live.journal import INFO, WARNING, note
from pipelines.live.status import CameraStatus
from pipelines.priority import BEHIND_LOOKING, step_back
from pipelines.scene_file import SceneFile


class Origin(Protocol):
    """Where an act comes from: a watched camera, or what an earlier worker left of it."""

    @property
    def status(self) -> CameraStatus:
        """Whose counters it is added to."""
        ...

    @property
    def scene_file(self) -> SceneFile:
        """What judged it."""
        ...

    def footage(self) -> RingFootage:
        """What shows it, as far as it came in."""
        ...

    def holds_until(self, t_s: float) -> bool:
        """Whether footage reaches to a stream second, or will not any more."""
        ...

    def safe(self, violation_id: str) -> None:
        """An act is kept on disk, its case stands, or it was cleared: it may be laid aside that it was told."""
        ...


@dataclass(slots=True, kw_only=True)
class Act:
    """One violation on its way to a case; times on the monotonic clock.

    Attributes:
        origin, violation: whose and what.
        over_s: the end of its post-roll.
        footage: what shows it, once the post-roll is in; `shelved` where that lies on disk alone.
        attempts, again_s: how often it could not be stored, and when it is tried again.
    """

    origin: Origin
    violation: Violation
    over_s: float
    footage: RingFootage | None = None
    shelved: bool = False
    attempts: int = 0
    again_s: float = 0.0


class Docket:
    """One thread.

    Args:
        box: keeps acts on disk.
        hand_on: takes acts that are kept.
    """

    def __init__(self, box: ActBox, hand_on: Callable[[Act], None]) -> None:
        self._box = box
        self._hand_on = hand_on
        self._fresh: Queue[Act | None] = Queue()
        # The lock guards the first two; the thread alone counts up the last.
        self._taken, self._closed = 0, False
        self._lock = Lock()
        self._handed = 0
        self._thread = Thread(target=self._run, name="acts", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def put(self, origin: Origin, violation: Violation) -> None:
        """Takes an act over; after the end it is only kept, for a successor."""
        act = Act(origin=origin, violation=violation, over_s=time.monotonic() + POST_ROLL_S)
        with self._lock:
            if not self._closed:
                self._taken += 1
                self._fresh.put(act)
                return
        self._secure(act)

    def waiting(self) -> int:
        """Acts not handed on yet."""
        return self._taken - self._handed

    def close(self) -> None:
        """Puts in safety what waits, hands it on and ends."""
        with self._lock:
            self._closed = True
            # Nothing comes to lie behind it: who put an act before held the lock.
            self._fresh.put(None)
        self._thread.join()

    def keep(self, act: Act, footage: RingFootage) -> bool:
        """Puts an act in safety, or once more with more footage; False where the disk refuses."""
        violation, origin = act.violation, act.origin
        try:
            self._box.keep(violation, origin.scene_file, footage)
        except Exception as error:  # it is in memory all the same; only a kill before it is filed would cost more
            _complain(act, error)
            return False
        origin.safe(violation.id)
        return True

    def _secure(self, act: Act) -> None:
        """Keeps an act with what footage there is."""
        try:
            footage = act.origin.footage()
        except Exception as error:  # the thread must go on: without it all lanes come to wait
            _complain(act, error)
        else:
            self.keep(act, footage)

    def _run(self) -> None:
        step_back(BEHIND_LOOKING)
        while (act := self._fresh.get()) is not None:
            self._secure(act)
            _tell(act)
            self._hand_on(act)
            self._handed += 1


def _complain(act: Act, error: Exception) -> None:
    problem = getattr(error, "strerror", None) or str(error) or type(error).__name__
    note(WARNING, "act-not-kept", act.origin.status.id, id=act.violation.id, problem=problem)


def _tell(act: Act) -> None:
    """Told once it is safe from a kill: whoever reads the log may count on its `case`, or `set-aside`."""
    finding = act.violation.finding
    note(
        INFO,
        "violation",
        act.origin.status.id,
        id=act.violation.id,
        kind=finding.kind.value,
        zone=finding.zone_id,
        start_s=finding.t_start_s,
        confidence=finding.confidence,
    )

"""The clerk of all cameras: an act waits for its post-roll, then becomes evidence and a case, exactly once.

An act's packets are taken out of the ring as soon as its post-roll is in, so that a full disk or a missing database
may last: the act is tried again until it stands. Only where the waiting acts reach `MOST_WAITING` do lanes wait.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from queue import Empty, Queue
from threading import Event, Thread

from sqlalchemy.exc import SQLAlchemyError

from detector.types import PhatnguoiError, SourceError, Violation
from pipelines.desk import CaseDesk, FiledCase
from pipelines.evidence import POST_ROLL_S
from pipelines.live.footage import RingFootage
from pipelines.live.journal import ERROR, INFO, WARNING, note
from pipelines.live.watch import Watch

MOST_WAITING = 64
POST_ROLL_GRACE_S = 5.0
"""Packets of the post-roll that have not come so long after their time are not waited for."""
AGAIN_AFTER_S = (1.0, 2.0, 5.0, 10.0)
"""Between attempts; the last one over and over."""
_TICK_S = 0.1

OpenDesk = Callable[[Watch, RingFootage], CaseDesk]


@dataclass(slots=True, kw_only=True)
class _Act:
    """One violation on its way to a case; times on the monotonic clock."""

    watch: Watch
    violation: Violation
    due_s: float
    footage: RingFootage | None = None
    ready_s: float = 0.0
    attempts: int = 0
    again_s: float = 0.0


class Writer:
    """One thread; `put` blocks while too many acts wait."""

    def __init__(self, open_desk: OpenDesk) -> None:
        self._open_desk = open_desk
        self._inbox: Queue[_Act] = Queue(MOST_WAITING)
        self._acts: list[_Act] = []
        self._draining = Event()
        self._give_up_s = float("inf")
        self._thread = Thread(target=self._run, name="writer", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def put(self, watch: Watch, violation: Violation) -> None:
        """Takes an act over."""
        self._inbox.put(
            _Act(watch=watch, violation=violation, due_s=time.monotonic() + POST_ROLL_S + POST_ROLL_GRACE_S)
        )

    def drain(self, patience_s: float) -> Sequence[str]:
        """Files everything with what footage there is; returns the ids of acts that could not be stored in time."""
        self._give_up_s = time.monotonic() + patience_s
        self._draining.set()
        self._thread.join()
        for act in self._acts:
            self._lose(act, "not stored before the end")
        return [act.violation.id for act in self._acts]

    def waiting(self) -> int:
        """Acts not filed yet."""
        return len(self._acts) + self._inbox.qsize()

    def _run(self) -> None:
        while True:
            drained = self._draining.is_set()
            self._collect()
            for act in list(self._acts):
                if self._settled(act):
                    self._acts.remove(act)
            if drained and (self.waiting() == 0 or time.monotonic() > self._give_up_s):
                return

    def _collect(self) -> None:
        try:
            while len(self._acts) < MOST_WAITING:
                self._acts.append(self._inbox.get(timeout=_TICK_S))
        except Empty:
            return
        time.sleep(_TICK_S)

    def _settled(self, act: _Act) -> bool:
        """Does what can be done for an act now; True when nothing is left to do."""
        now_s = time.monotonic()
        if act.footage is None:
            if not self._post_roll_in(act, now_s):
                return False
            act.footage, act.ready_s = act.watch.footage(), now_s
        return now_s >= act.again_s and self._filed(act, act.footage)

    def _post_roll_in(self, act: _Act, now_s: float) -> bool:
        end_s = act.violation.finding.t_end_s + POST_ROLL_S
        return self._draining.is_set() or now_s >= act.due_s or act.watch.holds_until(end_s)

    def _filed(self, act: _Act, footage: RingFootage) -> bool:
        try:
            case = self._open_desk(act.watch, footage).file(act.violation)
        except SourceError as error:
            self._lose(act, str(error))
        except (PhatnguoiError, SQLAlchemyError, OSError) as error:
            self._postpone(act, error)
            return False
        except Exception as error:  # a defect on one act must not keep the others from being filed
            self._lose(act, f"{type(error).__name__}: {error}")
        else:
            self._tell(act, case)
        return True

    def _postpone(self, act: _Act, error: Exception) -> None:
        wait_s = AGAIN_AFTER_S[min(act.attempts, len(AGAIN_AFTER_S) - 1)]
        act.attempts += 1
        act.again_s = time.monotonic() + wait_s
        problem = str(error).splitlines()[0] if str(error) else type(error).__name__
        note(WARNING, "not-stored", act.watch.status.id, id=act.violation.id, problem=problem, again_s=wait_s)

    def _lose(self, act: _Act, problem: str) -> None:
        act.watch.status.lost += 1
        note(ERROR, "violation-lost", act.watch.status.id, id=act.violation.id, problem=problem)

    def _tell(self, act: _Act, case: FiledCase) -> None:
        status, kind = act.watch.status, act.violation.finding.kind.value
        status.cases += case.created
        status.evidence_s = time.monotonic() - act.ready_s
        status.last_event = f"{kind} {case.case_id}"
        note(
            INFO,
            "case",
            status.id,
            case=case.case_id,
            kind=kind,
            id=act.violation.id,
            evidence=case.evidence,
            took_s=status.evidence_s,
        )


def desk_opener(desk: CaseDesk) -> OpenDesk:
    """Desks of single acts made after one pattern: same store and network, the camera's own scene and footage."""

    def open_desk(watch: Watch, footage: RingFootage) -> CaseDesk:
        return replace(desk, footage=footage, scene_file=watch.camera.scene_file)

    return open_desk

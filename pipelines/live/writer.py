"""The clerk of all cameras: an act waits for its post-roll, then becomes evidence and a case, exactly once.

An act's packets are taken out of the ring as soon as its post-roll is in, so that a full disk or a missing database
may last: the act is tried again until it stands. Until then it lies on disk too, for a successor. Only where the
waiting acts reach `MOST_WAITING` do lanes wait.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Event, Thread
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from cases.evidence import EvidenceStore, NetworkRef
from detector.types import PhatnguoiError, SourceError, Violation
from pipelines.desk import CaseDesk, FiledCase
from pipelines.evidence import POST_ROLL_S
from pipelines.live.acts import ActBox, UnfiledAct
from pipelines.live.footage import RingFootage
from pipelines.live.journal import ERROR, INFO, WARNING, note
from pipelines.live.status import CameraStatus
from pipelines.plate_evidence import PlateWitness
from pipelines.scene_file import SceneFile

MOST_WAITING = 64
POST_ROLL_GRACE_S = 5.0
"""Packets of the post-roll that have not come so long after their time are not waited for."""
AGAIN_AFTER_S = (1.0, 2.0, 5.0, 10.0)
"""Between attempts; the last one over and over."""
_TICK_S = 0.1

OpenDesk = Callable[[SceneFile, RingFootage], CaseDesk]


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


@dataclass(slots=True, kw_only=True)
class _Act:
    """One violation on its way to a case; times on the monotonic clock, `over_s` is the end of its post-roll."""

    origin: Origin
    violation: Violation
    over_s: float
    footage: RingFootage | None = None
    attempts: int = 0
    again_s: float = 0.0


class Writer:
    """One thread; `put` blocks while too many acts wait."""

    def __init__(self, open_desk: OpenDesk, box: ActBox) -> None:
        self._open_desk = open_desk
        self._box = box
        self._inbox: Queue[_Act] = Queue(MOST_WAITING)
        self._acts: list[_Act] = []
        self._draining = Event()
        self._give_up_s = float("inf")
        self._thread = Thread(target=self._run, name="writer", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def put(self, origin: Origin, violation: Violation) -> None:
        """Takes an act over."""
        self._keep(origin, violation, origin.footage())
        self._inbox.put(_Act(origin=origin, violation=violation, over_s=time.monotonic() + POST_ROLL_S))

    def take_up(self, acts: Iterable[UnfiledAct], statuses: Mapping[str, CameraStatus]) -> list[str]:
        """Files what an earlier worker left, before `start`; returns the ids."""
        for act in acts:
            camera_id = act.violation.camera_id
            status = statuses.get(camera_id) or CameraStatus(id=camera_id, streams=())
            note(INFO, "taken-up", camera_id, id=act.violation.id, kind=act.violation.finding.kind.value)
            left = _Left(status=status, scene_file=act.scene_file, shown=act.footage)
            self._acts.append(_Act(origin=left, violation=act.violation, over_s=time.monotonic()))
        return [act.violation.id for act in self._acts]

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
            act.footage = act.origin.footage()
        return now_s >= act.again_s and self._filed(act, act.footage)

    def _post_roll_in(self, act: _Act, now_s: float) -> bool:
        end_s = act.violation.finding.t_end_s + POST_ROLL_S
        given_up = self._draining.is_set() or now_s >= act.over_s + POST_ROLL_GRACE_S
        return given_up or act.origin.holds_until(end_s)

    def _filed(self, act: _Act, footage: RingFootage) -> bool:
        try:
            case = self._open_desk(act.origin.scene_file, footage).file(act.violation)
        except SourceError as error:
            self._box.drop(act.violation.id)
            self._lose(act, str(error))
        except (PhatnguoiError, SQLAlchemyError, OSError) as error:
            self._postpone(act, error)
            return False
        except Exception as error:  # a defect on one act must not keep the others from being filed
            self._box.drop(act.violation.id)
            self._lose(act, f"{type(error).__name__}: {error}")
        else:
            self._box.drop(act.violation.id)
            self._tell(act, case)
        return True

    def _postpone(self, act: _Act, error: Exception) -> None:
        wait_s = AGAIN_AFTER_S[min(act.attempts, len(AGAIN_AFTER_S) - 1)]
        act.attempts += 1
        if act.attempts == 1 and act.footage is not None:
            self._keep(act.origin, act.violation, act.footage)
        act.again_s = time.monotonic() + wait_s
        problem = str(error).splitlines()[0] if str(error) else type(error).__name__
        note(WARNING, "not-stored", act.origin.status.id, id=act.violation.id, problem=problem, again_s=wait_s)

    def _keep(self, origin: Origin, violation: Violation, footage: RingFootage) -> None:
        try:
            self._box.keep(violation, origin.scene_file, footage)
        except Exception as error:  # it is in memory all the same; only a kill before it is filed would lose it
            problem = getattr(error, "strerror", None) or str(error)
            note(WARNING, "act-not-kept", origin.status.id, id=violation.id, problem=problem)

    def _lose(self, act: _Act, problem: str) -> None:
        act.origin.status.lost += 1
        note(ERROR, "violation-lost", act.origin.status.id, id=act.violation.id, problem=problem)

    def _tell(self, act: _Act, case: FiledCase) -> None:
        status, kind = act.origin.status, act.violation.finding.kind.value
        status.cases += case.created
        status.evidence_s = max(time.monotonic() - act.over_s, 0.0)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Left:
    """An act of an earlier worker: its footage is all there will be."""

    status: CameraStatus
    scene_file: SceneFile
    shown: RingFootage

    def footage(self) -> RingFootage:
        return self.shown

    def holds_until(self, _t_s: float) -> bool:
        return True


def desk_opener(
    sessions: sessionmaker[Session], store: EvidenceStore, network: NetworkRef, plates: PlateWitness | None = None
) -> OpenDesk:
    """Desks of single acts: one store, network and reader of plates, each with its own scene and footage."""

    def open_desk(scene_file: SceneFile, footage: RingFootage) -> CaseDesk:
        return CaseDesk(
            sessions=sessions,
            store=store,
            footage=footage,
            scene_file=scene_file,
            network=network,
            plates=plates,
        )

    return open_desk

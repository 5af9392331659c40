"""The clerk of all cameras: an act waits for its post-roll, then becomes evidence and a case, exactly once.

One at a time, on a thread that lets all looking go before it: under load evidence comes later, looks do not. An act's
packets are taken out of the ring as soon as its post-roll is in, so that a full disk or a missing database may last:
the act is tried again until it stands. Until then it lies on disk too, for a successor, and where many wait only there.
Only where the waiting acts reach `MOST_WAITING` do lanes wait.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Event, Thread

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from cases.evidence import EvidenceStore, NetworkRef
from detector.types import PhatnguoiError, SourceError, Violation
from pipelines.desk import CaseDesk, FiledCase, SetAside
from pipelines.evidence import POST_ROLL_S
from pipelines.live.acts import ActBox, DamagedError, UnfiledAct, of_use
from pipelines.live.docket import Act, Docket, Origin
from pipelines.live.footage import RingFootage
from pipelines.live.journal import ERROR, INFO, WARNING, note
from pipelines.live.status import CameraStatus
from pipelines.near_witness import NearWitness
from pipelines.plate_evidence import PlateWitness
from pipelines.priority import BEHIND_LOOKING, step_back
from pipelines.scene_file import SceneFile

MOST_WAITING = 512
MOST_IN_MEMORY = 8
"""Acts whose packets are held in memory; those of others are read back from disk when it is their turn."""
LOAD_AFTER_S = 10.0
"""A worker that started so long ago and has no act yet loads what its first act would wait for."""
POST_ROLL_GRACE_S = 5.0
"""Packets of the post-roll that have not come so long after their time are not waited for."""
AGAIN_AFTER_S = (1.0, 2.0, 5.0, 10.0)
"""Between attempts; the last one over and over."""
_TICK_S = 0.1

OpenDesk = Callable[[SceneFile, RingFootage], CaseDesk]


class Writer:
    """One thread beside the docket's; `put` blocks while too many acts wait, until the drain.

    Args:
        open_desk: files one act.
        box: keeps acts on disk.
        load: what the first act would wait for.
        load_after_s: when that is done, if no act came before.
    """

    def __init__(
        self,
        open_desk: OpenDesk,
        box: ActBox,
        *,
        load: Callable[[], None] = lambda: None,
        load_after_s: float = LOAD_AFTER_S,
    ) -> None:
        self._open_desk = open_desk
        self._box = box
        self._load, self._load_after_s = load, load_after_s
        self._inbox: Queue[Act | None] = Queue()
        self._docket = Docket(box, self._inbox.put)
        self._acts: list[Act] = []
        self._draining = Event()
        self._thread = Thread(target=self._run, name="writer", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._docket.start()
        self._thread.start()

    def put(self, origin: Origin, violation: Violation) -> None:
        """Takes an act over."""
        while self.waiting() >= MOST_WAITING and not self._draining.wait(_TICK_S):
            pass
        self._docket.put(origin, violation)

    def take_up(self, acts: Iterable[UnfiledAct], statuses: Mapping[str, CameraStatus]) -> list[str]:
        """Files what an earlier worker left, before `start`; returns the ids."""
        for act in acts:
            camera_id = act.violation.camera_id
            status = statuses.get(camera_id) or CameraStatus(id=camera_id, streams=())
            note(INFO, "taken-up", camera_id, id=act.violation.id, kind=act.violation.finding.kind.value)
            left = _Left(status=status, scene_file=act.scene_file, box=self._box, violation_id=act.violation.id)
            self._acts.append(Act(origin=left, violation=act.violation, over_s=time.monotonic(), shelved=True))
        return [act.violation.id for act in self._acts]

    def drain(self, patience_s: float) -> Sequence[str]:
        """Files everything with what footage there is; returns the ids of acts that could not be stored in time."""
        give_up_s = time.monotonic() + patience_s
        self._draining.set()
        self._docket.close()
        self._inbox.put(None)
        self._thread.join()
        # The thread is one that lets others go first, other processes too: what is left is filed by the caller's.
        worked = True
        self._collect(0.0)
        while self.waiting() and time.monotonic() < give_up_s:
            self._collect(0.0 if worked else _TICK_S)
            worked = self._work()
        self._collect(0.0)
        for act in self._acts:
            self._lose(act, "not stored before the end")
        return [act.violation.id for act in self._acts]

    def waiting(self) -> int:
        """Acts not filed yet."""
        return self._docket.waiting() + len(self._acts) + self._inbox.qsize()

    def _run(self) -> None:
        step_back(BEHIND_LOOKING)
        worked = False
        self._prepare()
        while not self._draining.is_set():
            # Where no act waits there is nothing to look after: to wake ten times a second costs as much as to read
            # half of a stream.
            self._collect(0.0 if worked else _TICK_S if self._acts else None)
            worked = self._work()

    def _prepare(self) -> None:
        """Loads what the first act would wait for, unless one comes or the drain begins before."""
        if self._acts:
            return
        self._collect(self._load_after_s)
        if self._acts or self._draining.is_set():
            return
        try:
            self._load()
        except Exception as error:  # told again by the act that needs it
            note(WARNING, "not-loaded", problem=str(error) or type(error).__name__)

    def _collect(self, wait_s: float | None) -> None:
        """Takes what was handed on; waits so long for the first of it, for ever where that is None."""
        with suppress(Empty):
            fresh = self._inbox.get(block=wait_s != 0, timeout=wait_s)
            while True:
                if fresh is not None:
                    self._acts.append(fresh)
                fresh = self._inbox.get_nowait()

    def _work(self) -> bool:
        """Takes out of the rings what can be, before it leaves them, and tries to file one act; False without one."""
        now_s = time.monotonic()
        for act in self._acts:
            waits = act.footage is None and not act.shelved and now_s >= act.again_s
            if waits and self._post_roll_in(act, now_s):
                self._take_out(act)
        ready = (act for act in self._acts if (act.footage is not None or act.shelved) and now_s >= act.again_s)
        first = next(ready, None)
        if first is not None and self._filed(first):
            self._acts.remove(first)
        return first is not None

    def _take_out(self, act: Act) -> None:
        """The packets that show an act leave the ring: for memory, or for the disk where many wait."""
        try:
            act.footage = of_use(act.origin.footage(), act.violation.finding)
        except Exception as error:  # one act must not end the thread that files all of them
            self._postpone(act, error)
            return
        held = sum(other.footage is not None for other in self._acts)
        if held > MOST_IN_MEMORY and self._docket.keep(act, act.footage):
            act.footage, act.shelved = None, True

    def _post_roll_in(self, act: Act, now_s: float) -> bool:
        end_s = act.violation.finding.t_end_s + POST_ROLL_S
        given_up = self._draining.is_set() or now_s >= act.over_s + POST_ROLL_GRACE_S
        return given_up or act.origin.holds_until(end_s)

    def _filed(self, act: Act) -> bool:
        try:
            footage = act.footage or self._box.footage(act.violation.id)
            filed = self._open_desk(act.origin.scene_file, footage).file(act.violation)
        except DamagedError as error:
            # Whatever is left of it may still be read by other means.
            self._let_go(act, str(error))
        except SourceError as error:
            self._box.drop(act.violation.id)
            self._let_go(act, str(error))
        except (PhatnguoiError, SQLAlchemyError, OSError) as error:
            self._postpone(act, error)
            return False
        except Exception as error:  # a defect on one act must not keep the others from being filed
            self._box.drop(act.violation.id)
            self._let_go(act, f"{type(error).__name__}: {error}")
        else:
            self._box.drop(act.violation.id)
            self._tell(act, filed)
        return True

    def _postpone(self, act: Act, error: Exception) -> None:
        wait_s = AGAIN_AFTER_S[min(act.attempts, len(AGAIN_AFTER_S) - 1)]
        act.attempts += 1
        if act.attempts == 1 and act.footage is not None:
            self._docket.keep(act, act.footage)
        act.again_s = time.monotonic() + wait_s
        problem = str(error).splitlines()[0] if str(error) else type(error).__name__
        note(WARNING, "not-stored", act.origin.status.id, id=act.violation.id, problem=problem, again_s=wait_s)

    def _let_go(self, act: Act, problem: str) -> None:
        """No case will ever come of it: its camera's standpoint does not wait for it any more."""
        act.origin.safe(act.violation.id)
        self._lose(act, problem)

    def _lose(self, act: Act, problem: str) -> None:
        act.origin.status.lost += 1
        note(ERROR, "violation-lost", act.origin.status.id, id=act.violation.id, problem=problem)

    def _tell(self, act: Act, case: FiledCase | SetAside) -> None:
        act.origin.safe(act.violation.id)
        status, kind = act.origin.status, act.violation.finding.kind.value
        if isinstance(case, SetAside):
            status.set_aside += 1
            note(INFO, "set-aside", status.id, kind=kind, id=act.violation.id, reason=case.reason)
            return
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
    """An act of an earlier worker: its footage is all there will be, and lies on disk until it is its turn."""

    status: CameraStatus
    scene_file: SceneFile
    box: ActBox
    violation_id: str

    def footage(self) -> RingFootage:
        return self.box.footage(self.violation_id)

    def holds_until(self, _t_s: float) -> bool:
        return True

    def safe(self, _violation_id: str) -> None:
        return


def desk_opener(
    sessions: sessionmaker[Session],
    store: EvidenceStore,
    network: NetworkRef,
    plates: PlateWitness | None = None,
    near: NearWitness | None = None,
) -> OpenDesk:
    """Desks of single acts: one store, network and pair of witnesses, each with its own scene and footage."""

    def open_desk(scene_file: SceneFile, footage: RingFootage) -> CaseDesk:
        return CaseDesk(
            sessions=sessions,
            store=store,
            footage=footage,
            scene_file=scene_file,
            network=network,
            plates=plates,
            near=near,
        )

    return open_desk

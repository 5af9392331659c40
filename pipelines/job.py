"""The work on one recording: replay what is known, analyse the rest, make evidence, open cases, note the events.

Everything lies in one folder named after recording, scene, network, rate and gate. Killed at any point and begun again,
a job replays its stored segments, repeats at most the unfinished one, and opens no case twice.
"""

import fcntl
import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Event

from cases.evidence.disk import explain
from cases.tracks import Stretch, TrackLog, save_stretch
from cases.version import software_version
from detector.lane import Lane
from detector.rules import RuleOutput
from detector.types import ConfigError
from pipelines.analysis import Analyser
from pipelines.desk import CaseDesk, FiledCase, SetAside
from pipelines.events import write_lines
from pipelines.observations import SEGMENT_S, Observation, Segment, SegmentStore
from pipelines.reading import reading_thrift, step_s
from pipelines.scene_file import SceneFile
from pipelines.video.recording import Recording
from pipelines.video.source import ReadCounters, open_source
from pipelines.video.thrift import Thrift

OBSERVATION_VERSION = 8
"""Raised when what is observed changes, so that stored segments of older software are not mixed in."""
FILED_AT_ONCE = 8
"""Violations whose evidence waits to be made; with more, analysis waits."""

OnProgress = Callable[[float], None]
"""Called with the stream seconds reached."""


class JobStoppedError(Exception):
    """The job was asked to stop; what is stored stands and a later run goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """What a recording gave: all its cases, old and new, by start; what was read; what could not be told."""

    recording: Recording
    cases: tuple[FiledCase, ...]
    counters: ReadCounters
    cannot_tell: dict[str, int]


@dataclass(slots=True, kw_only=True)
class Job:
    """One recording under one scene, network and rate.

    Attributes:
        recording, scene_file: what is judged, by what.
        analyser: looks at the pictures; its state is stored with each segment.
        start_at: UTC of the recording's first frame, or None.
        work_root: where job folders lie.
        tracks_root: where tracks are kept for trials of other scenes.
        desk: files violations.
        stop: set from outside to end the job early.
        segment_s: stream seconds per stored segment: what a crash costs at most.
    """

    recording: Recording
    scene_file: SceneFile
    analyser: Analyser
    start_at: datetime | None
    work_root: Path
    tracks_root: Path
    desk: CaseDesk
    stop: Event
    segment_s: float = SEGMENT_S
    _doubts: Counter[str] = field(default_factory=Counter)
    _counters: ReadCounters = field(default_factory=ReadCounters)

    @property
    def folder(self) -> Path:
        """Where this job's segments and events lie."""
        parts = (
            str(OBSERVATION_VERSION),
            self.recording.sha256,
            self.scene_file.hash,
            self.analyser.network_hash,
            f"{self.analyser.rate_hz:g}/{self.recording.nominal_fps:g}",
            "gated" if self.analyser.gate else "every picture",
        )
        return self.work_root / hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]

    def run(self, on_progress: OnProgress) -> JobResult:
        """Does what is left to do; returns all cases of the recording, old and new.

        Raises:
            JobStoppedError: `stop` was set.
            ConfigError: another process works on the same recording.
            SourceError, EvidenceError, CaseError, InferenceError: see their texts.
        """
        with self._locked():
            return self._done() or self._work(on_progress)

    def _work(self, on_progress: OnProgress) -> JobResult:
        pending: list[Future[FiledCase | SetAside]] = []
        with ThreadPoolExecutor(1, thread_name_prefix="evidence") as clerk:
            try:
                for output in self._outputs(on_progress):
                    self._doubts.update(f"{doubt.kind.value}: {doubt.reason}" for doubt in output.cannot_tell)
                    over = [violation for violation in output.violations if violation.finding.final]
                    pending += [clerk.submit(self.desk.file, violation) for violation in over]
                    if len(pending) > FILED_AT_ONCE:
                        pending[-FILED_AT_ONCE].result()
                filed = [future.result() for future in pending]
            finally:
                for future in pending:
                    future.cancel()
        cleared = [one for one in filed if isinstance(one, SetAside)]
        self._doubts.update(f"{one.violation.finding.kind.value}: {one.reason}" for one in cleared)
        cases = [one for one in filed if isinstance(one, FiledCase)]
        cases.sort(key=lambda case: (case.event["start_s"], case.event["violation_id"]))
        result = JobResult(
            recording=self.recording,
            cases=tuple(cases),
            counters=self._counters,
            cannot_tell=dict(sorted(self._doubts.items())),
        )
        self._note_done(result)
        return result

    def _outputs(self, on_progress: OnProgress) -> Iterator[RuleOutput]:
        """What the rules say over stored segments, then over new ones, then at the end of the source."""
        thrift = reading_thrift(self.scene_file.scene, self.recording, self.analyser.rate_hz)
        lane = Lane(
            self.scene_file.scene,
            self.recording.sha256,
            step_s=step_s(thrift),
            window=self.analyser.window,
            calibration=self.analyser.backend.calibration,
        )
        store = SegmentStore(self.folder, camera_id=self.scene_file.scene.camera.id, start_at=self.start_at)
        log = self._track_log()
        stored: Segment | None = None
        last: Observation | None = None
        count = 0
        for stored in store.load():
            count += 1
            for observation in stored.observations:
                yield lane.step(observation.stamp, observation.detections)
                log.note(lane.tracked)
                last = observation
            self._check_stop()
        if stored is not None:
            self._counters = replace(stored.counters)
            self.analyser.restore(stored.state)
        if last is not None:
            on_progress(last.stamp.t_s)
        if stored is None or not stored.last:
            yield from self._new_outputs(lane, log, store, count, last, on_progress, thrift)
        log.close()
        yield lane.finish()

    def _new_outputs(
        self,
        lane: Lane,
        log: TrackLog,
        store: SegmentStore,
        number: int,
        after: Observation | None,
        on_progress: OnProgress,
        thrift: Thrift,
    ) -> Iterator[RuleOutput]:
        source = open_source(self.recording, counters=self._counters, thrift=thrift)
        kept: list[Observation] = []
        state = self.analyser.state()
        for observation in self.analyser.observe(source, after=after):
            self._check_stop()
            if kept and self._segment_of(observation) != self._segment_of(kept[0]):
                read = kept[-1].read or self._counters
                store.save(number, Segment(observations=kept, state=state, counters=read, last=False))
                number, kept = number + 1, []
            kept.append(observation)
            state = self.analyser.state()
            yield lane.step(observation.stamp, observation.detections)
            log.note(lane.tracked)
            on_progress(observation.stamp.t_s)
        store.save(number, Segment(observations=kept, state=state, counters=self._counters, last=True))

    def _track_log(self) -> TrackLog:
        def save(stretch: Stretch) -> None:
            try:
                save_stretch(self.tracks_root, stretch)
            except OSError as error:
                raise explain(error, self.tracks_root) from error

        camera_id = self.scene_file.scene.camera.id
        return TrackLog(camera_id, self.recording.sha256, self.scene_file.text, save, self.analyser.window)

    def _segment_of(self, observation: Observation) -> int:
        return int(observation.stamp.t_s // self.segment_s)

    def _check_stop(self) -> None:
        if self.stop.is_set():
            raise JobStoppedError

    def _done(self) -> JobResult | None:
        """The result of an earlier whole run under the same name by this software, if all its cases still stand."""
        try:
            note = json.loads((self.folder / "done.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        known = (note["software"], note["recording"], note["start_at"])
        if known != (software_version(), self.recording.name, self._start_text):
            return None
        cases = [self.desk.known(json.loads(line)["violation_id"], line) for line in note["events"]]
        if None in cases:
            return None
        return JobResult(
            recording=self.recording,
            cases=tuple(case for case in cases if case is not None),
            counters=ReadCounters(**note["counters"]),
            cannot_tell=note["cannot_tell"],
        )

    def _note_done(self, result: JobResult) -> None:
        note = {
            "software": software_version(),
            "recording": self.recording.name,
            "start_at": self._start_text,
            "counters": {
                "frames": result.counters.frames,
                "corrupt": result.counters.corrupt,
                "time_faults": result.counters.time_faults,
                "truncated": result.counters.truncated,
            },
            "cannot_tell": result.cannot_tell,
            "events": [case.line for case in result.cases],
        }
        write_lines(self.folder / "done.json", [json.dumps(note, ensure_ascii=False, indent=1)])

    @property
    def _start_text(self) -> str | None:
        return self.start_at.isoformat() if self.start_at else None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time on a recording; the lock dies with its process."""
        path = self.folder / "lock"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
        except OSError as error:
            raise explain(error, path) from error
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise ConfigError(
                    f"{self.recording.path}: another process works on it (lock {path}); wait for it or stop it"
                ) from error
            yield
        finally:
            os.close(descriptor)

"""`phatnguoi batch`: many recordings of one camera through detector and rules into cases and an events file.

Recordings run side by side where there are cores for it (decoding and the network use two each); one that cannot be
read is reported while the others go on. Stopped or killed and started again, the work goes on where it was.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

from sqlalchemy.orm import Session, sessionmaker

from cases.database import open_database
from cases.evidence import EvidenceStore, NetworkRef
from cases.settings import Settings
from cases.stores import open_store
from cases.tracks import tracks_folder
from detector.inference import Backend, Network, load_registry_in_use, open_backend
from detector.inference.load import LoadClassifier, open_load_classifier
from detector.scene import ZoneKind
from detector.types import PhatnguoiError
from pipelines.analysis import build_analyser
from pipelines.desk import CaseDesk
from pipelines.events import check_place, write_lines
from pipelines.footage import RecordedFootage
from pipelines.job import Job, JobResult, JobStoppedError
from pipelines.near_witness import NearWitness, open_near_witness
from pipelines.observations import SEGMENT_S
from pipelines.plate_evidence import PlateWitness, open_witness
from pipelines.priority import BEHIND_READING, step_back, taking_turns
from pipelines.scene_file import SceneFile, check_size, load_scene
from pipelines.video.recording import Recording, open_recording

CORES_PER_RECORDING = 2
SCORE_FLOOR = 0.1
"""The tracker's second association lives on boxes the network is unsure about (ByteTrack)."""

OnProgress = Callable[[str, float, float | None], None]
"""Called with a recording's name, the stream seconds reached and its length if known."""
OpenNetwork = Callable[[Network], Backend]
"""Starts the network that looks at the pictures."""
OnNetworks = Callable[[dict[str, str]], None]
"""Called once with what serves each task: network and its registry's folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRequest:
    """What the command line asked for.

    Attributes:
        videos: files or folders of pictures, in order.
        scene: the scene file.
        events: where all events of the given recordings end up, or None.
        rate_hz: analysed frames per second of stream time.
        start_at: of the first recording's first frame, without an offset as a clock beside the camera shows it; later
            recordings follow without a gap, but what follows one of unknown length begins when its own container says.
        picture_fps: rate of folders of pictures.
        network: registry name, the registry's default when None.
        registry: the registry file.
        segment_s: stream seconds of analysis that a crash costs at most.
        gated: the motion gate leaves out pictures in which nothing has changed.
    """

    videos: tuple[Path, ...]
    scene: Path
    events: Path | None
    rate_hz: float
    start_at: datetime | None
    picture_fps: float | None
    network: str | None
    registry: Path
    segment_s: float = SEGMENT_S
    gated: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """What came out: one result per readable recording in the order given, and what could not be done.

    Attributes:
        faults: what is wrong with recordings, one line each.
        defects: what broke in our own code, each with a note that names its recording.
    """

    results: tuple[JobResult, ...]
    faults: tuple[str, ...]
    defects: tuple[Exception, ...] = ()


def raise_defects(defects: Sequence[Exception]) -> None:
    """Raises what broke, once everything else is told; several of them as an `ExceptionGroup`."""
    if len(defects) == 1:
        raise defects[0]
    if defects:
        raise ExceptionGroup(f"defects in {len(defects)} recordings", defects)


def open_street_network(network: Network) -> Backend:
    """The network with its unsure boxes, which the tracker can use; whoever reads pictures for it goes first."""
    with ThreadPoolExecutor(1, initializer=step_back, initargs=(BEHIND_READING,)) as behind:
        return behind.submit(open_backend, network, score_min=SCORE_FLOOR).result()


@taking_turns()
def run_batch(
    request: BatchRequest,
    settings: Settings,
    *,
    stop: Event,
    on_progress: OnProgress,
    open_network: OpenNetwork = open_street_network,
    on_networks: OnNetworks = lambda _: None,
) -> BatchResult:
    """Runs all recordings to their end; a defect in one is told beside what came of the others.

    Raises:
        JobStoppedError: `stop` was set; everything stored stands.
        ConfigError, InferenceError, CaseError, EvidenceError: nothing can be done at all.
    """
    scene_file = load_scene(request.scene)
    if request.events is not None:
        check_place(request.events)
    registry = load_registry_in_use(request.registry)
    network = registry.network(request.network or registry.defaults.get("detect", ""))
    on_networks(registry.serving(network))
    # The networks for plates are read while the recordings are: either keeps one core busy.
    aside = ThreadPoolExecutor(1, thread_name_prefix="opening")
    witness, near = aside.submit(open_witness, registry), aside.submit(open_near_witness, registry)
    aside.shutdown(wait=False)
    opened, faults = _opened(request, scene_file)
    with ExitStack() as open_things:
        database = open_database(settings.database, lock_wait_s=settings.lock_wait_s)
        open_things.callback(database.close)
        backend = open_network(network)
        open_things.callback(backend.close)
        loads = open_load_classifier(registry) if scene_file.scene.zones_of(ZoneKind.LOAD_CHECK) else None
        store = open_store(settings)
        store.clear_unfinished()
        shared = _Shared(
            sessions=database.sessions,
            store=store,
            backend=backend,
            network=_network_ref(network, backend),
            loads=loads,
            plates=witness.result(),
            near=near.result(),
            stop=stop,
        )
        jobs = [
            _job(recording, start_at, scene_file, request, settings, shared)
            for recording, start_at in _dated(opened, _utc(request.start_at, scene_file))
        ]
        outcomes = _run_all(jobs, stop, on_progress)
    results = tuple(outcome for outcome in outcomes if isinstance(outcome, JobResult))
    if request.events is not None:
        write_lines(request.events, (case.line for result in results for case in result.cases))
    failed = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    return BatchResult(
        results=results,
        faults=(*faults, *(str(error) for error in failed if isinstance(error, PhatnguoiError))),
        defects=tuple(error for error in failed if not isinstance(error, PhatnguoiError)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What all jobs of a batch use together."""

    sessions: sessionmaker[Session]
    store: EvidenceStore
    backend: Backend
    network: NetworkRef
    loads: LoadClassifier | None
    plates: PlateWitness | None
    near: NearWitness | None
    stop: Event


def _job(
    recording: Recording,
    start_at: datetime | None,
    scene_file: SceneFile,
    request: BatchRequest,
    settings: Settings,
    shared: _Shared,
) -> Job:
    return Job(
        recording=recording,
        scene_file=scene_file,
        analyser=build_analyser(
            scene_file,
            start_at=start_at,
            rate_hz=request.rate_hz,
            backend=shared.backend,
            loads=shared.loads,
            gated=request.gated,
            yields=True,
        ),
        start_at=start_at,
        work_root=settings.data_dir / "work",
        tracks_root=tracks_folder(settings.data_dir),
        desk=CaseDesk(
            sessions=shared.sessions,
            store=shared.store,
            footage=RecordedFootage(recording),
            scene_file=scene_file,
            network=shared.network,
            container_time=start_at is not None and start_at == recording.created_at,
            plates=shared.plates,
            near=shared.near,
        ),
        stop=shared.stop,
        segment_s=request.segment_s,
    )


def _opened(request: BatchRequest, scene_file: SceneFile) -> tuple[list[Recording | None], list[str]]:
    """The recordings in order, None for those that cannot be read or do not fit the scene, and what is wrong there."""
    recordings: list[Recording | None] = []
    faults: list[str] = []
    for path in request.videos:
        try:
            recording = open_recording(path, picture_fps=request.picture_fps)
            check_size(scene_file, recording)
        except PhatnguoiError as error:
            faults.append(str(error))
            recordings.append(None)
        else:
            recordings.append(recording)
    return recordings, faults


def _utc(start_at: datetime | None, scene_file: SceneFile) -> datetime | None:
    if start_at is None:
        return None
    local = start_at if start_at.tzinfo else start_at.replace(tzinfo=scene_file.scene.camera.zone_info)
    return local.astimezone(UTC)


def _dated(
    opened: Sequence[Recording | None], start_at: datetime | None
) -> Iterator[tuple[Recording, datetime | None]]:
    """When each begins: the operator's start with the recordings end to end, else each container's own time."""
    for recording in opened:
        if recording is not None:
            yield recording, start_at or recording.created_at
        length_s = recording.duration_s if recording is not None else None
        start_at = None if start_at is None or length_s is None else start_at + timedelta(seconds=length_s)


def _network_ref(network: Network, backend: Backend) -> NetworkRef:
    return NetworkRef(name=network.name, sha256=backend.network_hash)


def _run_all(jobs: Sequence[Job], stop: Event, on_progress: OnProgress) -> list[JobResult | Exception]:
    """What came of each job, in order; they run in worker threads, so that the calling one stays free for Ctrl-C."""
    outcomes: dict[int, JobResult | Exception] = {}
    alike: dict[Path, list[int]] = {}
    for number, job in enumerate(jobs):
        alike.setdefault(job.folder, []).append(number)
    side_by_side = max(1, (os.cpu_count() or 1) // CORES_PER_RECORDING)
    with ThreadPoolExecutor(side_by_side, thread_name_prefix="recording") as pool:
        futures = {
            pool.submit(_run_in_turn, [jobs[number] for number in numbers], on_progress): numbers
            for numbers in alike.values()
        }
        try:
            for future in as_completed(futures):
                outcomes.update(zip(futures[future], future.result(), strict=True))
        except BaseException:
            stop.set()
            for future in futures:
                future.cancel()
            raise
    if stop.is_set():
        raise JobStoppedError
    return [outcomes[number] for number in sorted(outcomes)]


def _run_in_turn(jobs: Sequence[Job], on_progress: OnProgress) -> list[JobResult | Exception]:
    """Jobs over the same content share a folder and must not run at once; a fault of one does not stop the next."""
    return [_run_one(job, on_progress) for job in jobs]


def _run_one(job: Job, on_progress: OnProgress) -> JobResult | Exception:
    """On a thread of its own, which may step back behind the one that it starts to read.

    What goes wrong with one recording, be it a defect, is returned: a night's other recordings are done all the same.
    """
    name, length_s = job.recording.name, job.recording.duration_s
    with ThreadPoolExecutor(1, thread_name_prefix=f"judge {name}") as own:
        done = own.submit(job.run, lambda t_s: on_progress(name, t_s, length_s))
        error = done.exception()
    if not isinstance(error, Exception) or isinstance(error, JobStoppedError):
        return done.result()
    error.add_note(f"recording: {job.recording.path}")
    return error

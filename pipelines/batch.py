"""`phatnguoi batch`: many recordings of one camera through detector and rules into cases and an events file.

Recordings run side by side where there are cores for it (decoding and the network use two each); one that cannot be
read is reported while the others go on. Stopped or killed and started again, the work goes on where it was.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

from cases.database import open_database
from cases.evidence import FolderStore, NetworkRef
from cases.settings import Settings
from detector.inference import Backend, Network, load_registry, open_backend
from detector.inference.load import LoadClassifier, open_load_classifier
from detector.scene import ZoneKind
from detector.types import PhatnguoiError
from pipelines.analysis import Analyser
from pipelines.desk import CaseDesk
from pipelines.events import write_lines
from pipelines.job import Job, JobResult, JobStoppedError
from pipelines.scene_file import SceneFile, check_size, load_scene
from pipelines.video.recording import Recording, open_recording

CORES_PER_RECORDING = 2
SCORE_FLOOR = 0.1
"""The tracker's second association lives on boxes the network is unsure about (ByteTrack)."""

OnProgress = Callable[[str, float, float | None], None]
"""Called with a recording's name, the stream seconds reached and its length if known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRequest:
    """What the command line asked for.

    Attributes:
        videos: files or folders of pictures, in order.
        scene: the scene file.
        events: where all events of the given recordings end up, or None.
        rate_hz: analysed frames per second of stream time.
        start_at: UTC of the first recording's first frame; later recordings follow without a gap.
        picture_fps: rate of folders of pictures.
        network: registry name, the registry's default when None.
        registry: the registry file.
    """

    videos: tuple[Path, ...]
    scene: Path
    events: Path | None
    rate_hz: float
    start_at: datetime | None
    picture_fps: float | None
    network: str | None
    registry: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """What came out: one result per readable recording in the order given, and what could not be done."""

    results: tuple[JobResult, ...]
    faults: tuple[str, ...]


def run_batch(request: BatchRequest, settings: Settings, *, stop: Event, on_progress: OnProgress) -> BatchResult:
    """Runs all recordings to their end.

    Raises:
        JobStoppedError: `stop` was set; everything stored stands.
        ConfigError, InferenceError, CaseError, EvidenceError: nothing can be done at all.
    """
    scene_file = load_scene(request.scene)
    registry = load_registry(request.registry)
    network = registry.network(request.network or registry.defaults["detect"])
    recordings, faults = _opened(request, scene_file)
    database = open_database(settings.database, lock_wait_s=settings.lock_wait_s)
    backend = open_backend(network, score_min=SCORE_FLOOR)
    try:
        loads = open_load_classifier(registry) if scene_file.scene.zones_of(ZoneKind.LOAD_CHECK) else None
        store = FolderStore(settings.evidence)
        store.clear_unfinished()
        starts = _starts(recordings, request.start_at)
        jobs = [
            Job(
                recording=recording,
                scene_file=scene_file,
                analyser=_analyser(scene_file, recording, start_at, request.rate_hz, backend, loads),
                start_at=start_at,
                work_root=settings.data_dir / "work",
                desk=CaseDesk(
                    sessions=database.sessions,
                    store=store,
                    recording=recording,
                    scene_file=scene_file,
                    network=_network_ref(network, backend),
                ),
                stop=stop,
            )
            for recording, start_at in zip(recordings, starts, strict=True)
        ]
        results, job_faults = _run_all(jobs, stop, on_progress)
    finally:
        backend.close()
        database.close()
    if request.events is not None:
        write_lines(request.events, (case.line for result in results for case in result.cases))
    return BatchResult(results=results, faults=(*faults, *job_faults))


def _opened(request: BatchRequest, scene_file: SceneFile) -> tuple[list[Recording], list[str]]:
    """The recordings that can be read and fit the scene, and what is wrong with the others."""
    recordings: list[Recording] = []
    faults: list[str] = []
    for path in request.videos:
        try:
            recording = open_recording(path, picture_fps=request.picture_fps)
            check_size(scene_file, recording)
        except PhatnguoiError as error:
            faults.append(str(error))
        else:
            recordings.append(recording)
    return recordings, faults


def _starts(recordings: Sequence[Recording], start_at: datetime | None) -> list[datetime | None]:
    """When each begins: the operator's start with the recordings end to end, else each container's own time."""
    if start_at is None:
        return [recording.created_at for recording in recordings]
    starts: list[datetime | None] = []
    for recording in recordings:
        starts.append(start_at)
        start_at += timedelta(seconds=recording.duration_s or 0.0)
    return starts


def _analyser(
    scene_file: SceneFile,
    recording: Recording,
    start_at: datetime | None,
    rate_hz: float,
    backend: Backend,
    loads: LoadClassifier | None,
) -> Analyser:
    sidewalks = [zone.polygon for zone in scene_file.scene.zones_of(ZoneKind.SIDEWALK)]
    foreground = None
    if sidewalks:
        from detector.foreground import StaticForeground

        foreground = StaticForeground(sidewalks, size_wh=recording.size_wh, reference=scene_file.reference)
    return Analyser(
        scene=scene_file.scene,
        start_at=start_at,
        rate_hz=rate_hz,
        backend=backend,
        loads=loads,
        foreground=foreground,
    )


def _network_ref(network: Network, backend: Backend) -> NetworkRef:
    return NetworkRef(name=network.name, sha256=backend.network_hash)


def _run_all(jobs: Sequence[Job], stop: Event, on_progress: OnProgress) -> tuple[tuple[JobResult, ...], list[str]]:
    """Runs the jobs in worker threads, so that the calling one stays free for Ctrl-C."""
    results: dict[int, JobResult] = {}
    faults: list[str] = []
    side_by_side = max(1, (os.cpu_count() or 1) // CORES_PER_RECORDING)
    with ThreadPoolExecutor(side_by_side, thread_name_prefix="recording") as pool:
        futures = {pool.submit(_run_one, job, on_progress): number for number, job in enumerate(jobs)}
        try:
            for future in as_completed(futures):
                try:
                    results[futures[future]] = future.result()
                except PhatnguoiError as error:
                    faults.append(str(error))
        except BaseException:
            stop.set()
            for future in futures:
                future.cancel()
            raise
    if stop.is_set():
        raise JobStoppedError
    return tuple(results[number] for number in sorted(results)), faults


def _run_one(job: Job, on_progress: OnProgress) -> JobResult:
    name, length_s = job.recording.name, job.recording.duration_s
    return job.run(lambda t_s: on_progress(name, t_s, length_s))

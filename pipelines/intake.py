"""`phatnguoi intake`: the videos of a citizen's report through the same batch run as any other footage.

An officer draws the scene the videos show, with `source: citizen`, so that whatever is found goes the citizens' track:
it must be verified before anything follows. Photos are for eyes; one picture shows no dwell and no direction.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from cases.citizen.reports import link_cases, media_path, report_row
from cases.clock import utc_now
from cases.database import open_database
from cases.opening import find_case_id
from cases.settings import Settings
from detector.types import ConfigError
from pipelines.batch import BatchRequest, OnProgress, OpenNetwork, open_street_network, run_batch
from pipelines.scene_file import load_scene


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeRequest:
    """A report's number and the scene its videos show; network and registry as for `batch`."""

    report_id: str
    scene: Path
    network: str | None
    registry: Path
    rate_hz: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeResult:
    """The cases the videos led to, opened now or earlier, and what could not be done, as `BatchResult` tells it."""

    videos: int
    cases: tuple[str, ...]
    faults: tuple[str, ...]
    defects: tuple[Exception, ...]


def run_intake(
    request: IntakeRequest,
    settings: Settings,
    *,
    stop: Event,
    on_progress: OnProgress,
    open_network: OpenNetwork = open_street_network,
) -> IntakeResult:
    """Analyse a report's videos and note the cases with the report; running it again opens nothing twice.

    Raises:
        ConfigError: the scene is not a citizen's, or the report holds no video.
        NotFoundError: there is no such report. Everything `run_batch` raises.
    """
    source = load_scene(request.scene).scene.camera.source
    if source != "citizen":
        raise ConfigError(
            f"{request.scene}: camera.source is {source!r}; expected citizen, such a case must be verified"
        )
    database = open_database(settings.database, lock_wait_s=settings.lock_wait_s)
    try:
        row = report_row(database.sessions, request.report_id)
        videos = [entry["name"] for entry in row.media if str(entry["media_type"]).startswith("video/")]
        if not videos:
            raise ConfigError(f"report {row.id}: holds no video; look at its photos in the console")
        with TemporaryDirectory(prefix="phatnguoi-") as folder:
            events = Path(folder) / "events.jsonl"
            batch = BatchRequest(
                videos=tuple(media_path(settings.citizen_files, row, name)[0] for name in videos),
                scene=request.scene,
                events=events,
                rate_hz=request.rate_hz,
                start_at=row.occurred_at,
                picture_fps=None,
                network=request.network,
                registry=request.registry,
            )
            done = run_batch(batch, settings, stop=stop, on_progress=on_progress, open_network=open_network)
            found = [json.loads(line)["violation_id"] for line in events.read_text(encoding="utf-8").splitlines()]
        cases = {case_id for key in found if (case_id := find_case_id(database.sessions, key)) is not None}
        link_cases(database.sessions, report_id=row.id, cases=sorted(cases), now=utc_now())
        return IntakeResult(videos=len(videos), cases=tuple(sorted(cases)), faults=done.faults, defects=done.defects)
    finally:
        database.close()

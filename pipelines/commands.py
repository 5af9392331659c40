"""Commands on recordings and pictures: batch, check, score, detect, load, plate, intake."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detector.scene.fault import Fault, FaultsError, faults_of
from detector.types import PhatnguoiError
from pipelines.options import EXIT_WRONG_INPUT, DataDir, NetworkName, Registry, Wrong, print_json, registry_of, time_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cases.settings import Settings
    from pipelines.batch import BatchRequest

commands = typer.Typer()


@commands.command(epilog="phatnguoi batch clip.mp4 --scene scene.yaml --data data --events events.jsonl")
def batch(
    videos: Annotated[list[Path], typer.Argument(help="Video hoặc thư mục ảnh / recordings or folders of pictures")],
    scene: Annotated[Path, typer.Option(help="Tệp hiện trường / scene file (YAML)")],
    data: DataDir = None,
    events: Annotated[Path | None, typer.Option(help="Tệp sự kiện / events file (JSON lines)")] = None,
    fps: Annotated[
        float, typer.Option(min=0.2, max=60, help="Số khung phân tích mỗi giây / analysed frames a second")
    ] = 5.0,
    start: Annotated[
        str | None,
        typer.Option(
            help="Giờ bắt đầu / start of the first recording, ISO 8601; without offset as the camera's clock shows it"
        ),
    ] = None,
    picture_fps: Annotated[
        float | None, typer.Option(min=0.01, max=240, help="Tốc độ của thư mục ảnh / rate of a folder of pictures")
    ] = None,
    network: NetworkName = None,
    registry: Registry = None,
    gate: Annotated[
        bool, typer.Option(help="Bỏ qua khung không có gì thay đổi / leave out frames in which nothing has changed")
    ] = True,
) -> None:
    """Xử lý video đã ghi: phát hiện, lập chứng cứ, mở hồ sơ. / Run recorded footage, write evidence, open cases."""
    from cases.settings import load_settings
    from pipelines.batch import BatchRequest

    settings = load_settings(data_dir=data)
    request = BatchRequest(
        videos=tuple(videos),
        scene=scene,
        events=events,
        rate_hz=fps,
        start_at=time_of("--start", start),
        picture_fps=picture_fps,
        network=network,
        registry=registry_of(registry),
        gated=gate,
    )
    _run_batch(request, settings)


def _run_batch(request: "BatchRequest", settings: "Settings") -> None:
    """Runs it with progress, tells what came out; Ctrl-C ends it where it stands."""
    from threading import Event

    from pipelines.batch import run_batch
    from pipelines.job import JobStoppedError
    from pipelines.progress import BatchProgress, print_result

    stop = Event()
    with BatchProgress() as progress:
        try:
            result = run_batch(
                request, settings, stop=stop, on_progress=progress.update, on_networks=progress.tell_networks
            )
        except (KeyboardInterrupt, JobStoppedError):
            stop.set()
            raise KeyboardInterrupt from None
    print_result(result, evidence=settings.evidence)
    _tell_what_failed(result.faults, result.defects)


@commands.command(epilog="phatnguoi check scene.yaml cameras.yaml")
def check(files: Annotated[list[Path], typer.Argument(help="Tệp hiện trường, camera / scene, camera files")]) -> None:
    """Kiểm tra tệp hiện trường và camera, nêu mọi lỗi. / Validate scene and camera files, name every fault."""
    from pipelines.live.camera_file import is_camera_file, load_roster
    from pipelines.scene_file import load_scene

    found: list[Fault] = []
    for path in files:
        try:
            if is_camera_file(path):
                roster = load_roster(path)
                count = len(roster.cameras) + len(roster.undrawn)
                typer.echo(f"{path}: hợp lệ / valid ({count} cameras)")
                continue
            scene = load_scene(path).scene
        except PhatnguoiError as error:
            found += faults_of(error)
        else:
            typer.echo(f"{path}: hợp lệ / valid ({len(scene.zones)} zones, {len(scene.turns)} turns)")
    if found:
        raise FaultsError(found)


@commands.command(epilog="phatnguoi score --events events.jsonl --truth truth.jsonl")
def score(
    events: Annotated[Path, typer.Option(help="Sự kiện / events (JSON lines)")],
    truth: Annotated[Path, typer.Option(help="Sự thật / truth (JSON lines)")],
) -> None:
    """So sự kiện với sự thật. / Score events against truth; JSON on stdout."""
    from pipelines.score import load_events, load_truths, score_events

    print_json(score_events(load_events(events), load_truths(truth)))


@commands.command(epilog="phatnguoi detect street.jpg")
def detect(
    images: Annotated[list[Path], typer.Argument(help="Ảnh / pictures")],
    network: NetworkName = None,
    registry: Registry = None,
    score_min: Annotated[float | None, typer.Option(min=0, max=1, help="Điểm tối thiểu / least score")] = None,
) -> None:
    """Tìm người và xe trong ảnh. / Find road users in pictures; JSON list on stdout."""
    from pipelines.detect import detect_images
    from pipelines.picture_progress import shown

    rows = detect_images(shown(images), network=network, registry=registry_of(registry), score_min=score_min)
    _tell(rows)


@commands.command(epilog="phatnguoi load truck.jpg")
def load(
    images: Annotated[list[Path], typer.Argument(help="Ảnh cắt một xe tải / crops of one truck each")],
    network: NetworkName = None,
    registry: Registry = None,
) -> None:
    """Xem thùng xe có che phủ không. / Tell whether a truck's load is covered; JSON list on stdout."""
    from pipelines.load import load_images
    from pipelines.picture_progress import shown

    rows = load_images(shown(images), network=network, registry=registry_of(registry))
    _tell(rows)


@commands.command(epilog="phatnguoi plate plate.jpg motorbike.jpg")
def plate(
    images: Annotated[list[Path], typer.Argument(help="Ảnh biển số, xe, phố / plate, vehicle or street")],
    registry: Registry = None,
) -> None:
    """Đọc biển số trong ảnh. / Read the plates in pictures; JSON list on stdout."""
    from pipelines.picture_progress import shown
    from pipelines.plates import plate_images

    rows = plate_images(shown(images), registry=registry_of(registry))
    _tell(rows)


@commands.command(epilog="phatnguoi intake PA-7K3M-Q2XD --scene scene.yaml --data data")
def intake(
    report: Annotated[str, typer.Argument(help="Số phản ánh / number of the citizen's report")],
    scene: Annotated[Path, typer.Option(help="Tệp hiện trường, source: citizen / scene file")],
    data: DataDir = None,
    network: NetworkName = None,
    registry: Registry = None,
) -> None:
    """Phân tích video người dân gửi. / Run a citizen's videos through the same detectors and link the cases."""
    from threading import Event

    from cases.settings import load_settings
    from pipelines.intake import IntakeRequest, run_intake
    from pipelines.progress import BatchProgress

    request = IntakeRequest(report_id=report, scene=scene, network=network, registry=registry_of(registry))
    with BatchProgress() as progress:
        result = run_intake(request, load_settings(data_dir=data), stop=Event(), on_progress=progress.update)
    print_json({"videos": result.videos, "cases": list(result.cases)})
    _tell_what_failed(result.faults, result.defects)


def _tell_what_failed(faults: "Sequence[str]", defects: "Sequence[Exception]") -> None:
    """Ends with what is wrong with recordings (2), or with what broke in our own code (1) once that is told."""
    from pipelines.batch import raise_defects

    for fault in faults:
        typer.echo(fault, err=True)
    raise_defects(defects)
    if faults:
        raise typer.Exit(EXIT_WRONG_INPUT)


def _tell(rows: list[dict[str, Any]]) -> None:
    """A list of what was read in pictures; pictures that could not be read are faults too."""
    print_json(rows)
    faults = [row["error"] for row in rows if "error" in row]
    if faults:
        raise Wrong("\n".join(faults))

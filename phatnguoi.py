"""The command line: `phatnguoi COMMAND --help`. Thin: every command parses, calls one function, prints its result.

Exit codes: 0 done; 2 the input or settings are wrong; 1 a defect of ours; 130 interrupted, state kept; `verify` adds
3 for altered evidence. Results go to stdout, progress and messages to stderr.
"""

import json
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, NoReturn

import typer

from cases.commands import users
from cases.evidence_commands import commands as custody
from cases.notice.commands import papers
from cases.plate_commands import commands as plates
from detector.types import PhatnguoiError
from pipelines.export_command import export as export_case

EXIT_WRONG_INPUT = 2
EXIT_ALTERED = 3
EXIT_INTERRUPTED = 130
STOPPED = "Đã dừng, dữ liệu được giữ; chạy lại để tiếp tục. / Stopped, state kept; run again to go on."

app = typer.Typer(
    name="phatnguoi",
    help="Phạt nguội: từ camera và video đến hồ sơ có chứng cứ. / Remote fining: footage in, reviewable cases out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class LogFormat(StrEnum):
    """How `run` logs."""

    TEXT = "text"
    JSON = "json"


DataDir = Annotated[Path | None, typer.Option("--data", help="Thư mục dữ liệu / data folder (default ./data)")]
Registry = Annotated[Path | None, typer.Option("--registry", help="Danh mục mạng / network registry (registry.toml)")]
NetworkName = Annotated[str | None, typer.Option("--network", help="Tên mạng / network name (registry's default)")]


@app.command(epilog="phatnguoi batch clip.mp4 --scene scene.yaml --data data --events events.jsonl")
def batch(
    videos: Annotated[list[Path], typer.Argument(help="Video hoặc thư mục ảnh / recordings or folders of pictures")],
    scene: Annotated[Path, typer.Option(help="Tệp hiện trường / scene file (YAML)")],
    data: DataDir = None,
    events: Annotated[Path | None, typer.Option(help="Tệp sự kiện / events file (JSON lines)")] = None,
    fps: Annotated[
        float, typer.Option(min=0.2, max=60, help="Số khung phân tích mỗi giây / analysed frames a second")
    ] = 5.0,
    start: Annotated[
        str | None, typer.Option(help="Giờ bắt đầu / start of the first recording, ISO 8601 with offset")
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
    from threading import Event

    from cases.settings import load_settings
    from pipelines.batch import BatchRequest, run_batch
    from pipelines.job import JobStoppedError
    from pipelines.progress import BatchProgress, print_result

    settings = load_settings(data_dir=data)
    request = BatchRequest(
        videos=tuple(videos),
        scene=scene,
        events=events,
        rate_hz=fps,
        start_at=_utc("--start", start),
        picture_fps=picture_fps,
        network=network,
        registry=_registry(registry),
        gated=gate,
    )
    stop = Event()
    with BatchProgress() as progress:
        try:
            result = run_batch(request, settings, stop=stop, on_progress=progress.update)
        except (KeyboardInterrupt, JobStoppedError):
            stop.set()
            raise KeyboardInterrupt from None
    print_result(result, evidence=settings.evidence)
    for fault in result.faults:
        typer.echo(fault, err=True)
    if result.faults:
        raise typer.Exit(EXIT_WRONG_INPUT)


@app.command(epilog="phatnguoi run cameras.yaml --data data --metrics-port 9400")
def run(
    cameras: Annotated[Path, typer.Argument(help="Tệp camera / camera file (YAML)")],
    data: DataDir = None,
    metrics_port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Cổng số liệu / port of /metrics for Prometheus")
    ] = None,
    metrics_host: Annotated[str, typer.Option(help="Địa chỉ số liệu / address of /metrics")] = "127.0.0.1",
    log: Annotated[
        LogFormat, typer.Option(help="Nhật ký cho người hay máy / log for people or machines")
    ] = LogFormat.TEXT,
    network: NetworkName = None,
    registry: Registry = None,
) -> None:
    """Theo dõi camera trực tiếp đến khi dừng. / Watch live cameras until stopped; SIGTERM and Ctrl-C drain first."""
    from cases.settings import load_settings
    from pipelines.live.command import run_command
    from pipelines.live.run import LiveRequest

    request = LiveRequest(cameras=cameras, network=network, registry=_registry(registry))
    settings = load_settings(data_dir=data)
    as_json = log is LogFormat.JSON
    if run_command(request, settings, metrics_host=metrics_host, metrics_port=metrics_port, as_json=as_json):
        raise typer.Exit(EXIT_INTERRUPTED)


@app.command(epilog="phatnguoi check scene.yaml cameras.yaml")
def check(files: Annotated[list[Path], typer.Argument(help="Tệp hiện trường, camera / scene, camera files")]) -> None:
    """Kiểm tra tệp hiện trường và camera, nêu mọi lỗi. / Validate scene and camera files, name every fault."""
    from pipelines.live.camera_file import is_camera_file, load_cameras
    from pipelines.scene_file import load_scene

    faults = []
    for path in files:
        try:
            if is_camera_file(path):
                typer.echo(f"{path}: hợp lệ / valid ({len(load_cameras(path))} cameras)")
                continue
            scene = load_scene(path).scene
        except PhatnguoiError as error:
            faults.append(str(error))
        else:
            typer.echo(f"{path}: hợp lệ / valid ({len(scene.zones)} zones, {len(scene.turns)} turns)")
    if faults:
        raise _Wrong("\n".join(faults))


@app.command(epilog="phatnguoi score --events events.jsonl --truth truth.jsonl")
def score(
    events: Annotated[Path, typer.Option(help="Sự kiện / events (JSON lines)")],
    truth: Annotated[Path, typer.Option(help="Sự thật / truth (JSON lines)")],
) -> None:
    """So sự kiện với sự thật. / Score events against truth; JSON on stdout."""
    from pipelines.score import load_events, load_truths, score_events

    _print_json(score_events(load_events(events), load_truths(truth)))


@app.command(epilog="phatnguoi verify PN-7K3M-Q2XD --data data; phatnguoi verify case.zip; phatnguoi verify data")
def verify(
    target: Annotated[
        str, typer.Argument(help="Mã hồ sơ, zip, thư mục dữ liệu, all / case id, bundle or export, data folder, all")
    ],
    data: DataDir = None,
) -> None:
    """Kiểm tra chứng cứ có nguyên vẹn: 0 nguyên vẹn, 3 bị sửa. / Re-check evidence: 0 intact, 3 altered."""
    from cases.inspection import verify_target
    from cases.settings import load_settings

    report = verify_target(target, load_settings(data_dir=data))
    typer.echo(str(report))
    if not report.intact:
        raise typer.Exit(EXIT_ALTERED)


@app.command(epilog="phatnguoi detect street.jpg")
def detect(
    images: Annotated[list[Path], typer.Argument(help="Ảnh / pictures")],
    network: NetworkName = None,
    registry: Registry = None,
    score_min: Annotated[float | None, typer.Option(min=0, max=1, help="Điểm tối thiểu / least score")] = None,
) -> None:
    """Tìm người và xe trong ảnh. / Find road users in pictures; JSON list on stdout."""
    from pipelines.detect import detect_images

    rows = detect_images(images, network=network, registry=_registry(registry), score_min=score_min)
    _print_json(rows)
    faults = [row["error"] for row in rows if "error" in row]
    if faults:
        raise _Wrong("\n".join(faults))


@app.command(epilog="phatnguoi load truck.jpg")
def load(
    images: Annotated[list[Path], typer.Argument(help="Ảnh cắt một xe tải / crops of one truck each")],
    network: NetworkName = None,
    registry: Registry = None,
) -> None:
    """Xem thùng xe có che phủ không. / Tell whether a truck's load is covered; JSON list on stdout."""
    from pipelines.load import load_images

    rows = load_images(images, network=network, registry=_registry(registry))
    _print_json(rows)
    faults = [row["error"] for row in rows if "error" in row]
    if faults:
        raise _Wrong("\n".join(faults))


@app.command(epilog="phatnguoi plate plate.jpg motorbike.jpg")
def plate(
    images: Annotated[list[Path], typer.Argument(help="Ảnh biển số, xe, phố / plate, vehicle or street")],
    registry: Registry = None,
) -> None:
    """Đọc biển số trong ảnh. / Read the plates in pictures; JSON list on stdout."""
    from pipelines.plates import plate_images

    rows = plate_images(images, registry=_registry(registry))
    _print_json(rows)
    faults = [row["error"] for row in rows if "error" in row]
    if faults:
        raise _Wrong("\n".join(faults))


@app.command(epilog="phatnguoi serve --data data --port 8000")
def serve(
    data: DataDir = None,
    host: Annotated[str, typer.Option(help="Địa chỉ / address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Cổng / port")] = 8000,
) -> None:
    """Mở giao diện duyệt và API. / Serve the officers' console and the API."""
    from api.serve import serve as run_server
    from pipelines.clip_process import clips_apart

    # Stopping is how a server ends: no fault, whoever asks for it.
    with suppress(KeyboardInterrupt):
        run_server(data, host=host, port=port, clips=clips_apart)


@app.command(
    epilog="phatnguoi discover --user viewer > cameras.yaml; phatnguoi discover --subnet 10.1.0.0/24 --user viewer"
)
def discover(
    address: Annotated[list[str] | None, typer.Option(help="Máy / host or host:port (repeatable)")] = None,
    subnet: Annotated[list[str] | None, typer.Option(help="Dải mạng / subnet to try, CIDR (repeatable)")] = None,
    port: Annotated[
        list[int] | None, typer.Option(min=1, max=65535, help="Cổng thử / ports tried on subnets (repeatable)")
    ] = None,
    user: Annotated[str | None, typer.Option(help="Người dùng của camera / the cameras' user")] = None,
    password_env: Annotated[
        str, typer.Option(help="Biến môi trường giữ mật khẩu / variable that holds the password, else it is asked for")
    ] = "PHATNGUOI_CAMERA_PASSWORD",
    wait: Annotated[float, typer.Option(min=1, max=60, help="Chờ trả lời / seconds to wait for answers")] = 4.0,
) -> None:
    """Tìm camera ONVIF và luồng, in tệp camera. / Find ONVIF cameras and their streams; prints a camera file."""
    _with_onvif()
    from pipelines.live.discover import DiscoverRequest, camera_file, discover
    from pipelines.live.discovery import PORTS

    request = DiscoverRequest(
        addresses=address or (),
        subnets=subnet or (),
        ports=port or PORTS,
        user=user,
        password=_camera_password(user, password_env),
        password_env=password_env,
        wait_s=wait,
    )
    told = discover(request)
    for fault in told.faults:
        typer.echo(fault, err=True)
    entries = camera_file(told.devices, user=user, password_env=password_env)
    if not entries:
        raise _Wrong("Không tìm thấy luồng nào. / no camera told its streams; give --address, --subnet or --user")
    typer.echo(entries, nl=False)


@app.command(epilog="phatnguoi soak --cameras 16 --seconds 1800; phatnguoi soak street.mp4 --scene scene.yaml")
def soak(
    videos: Annotated[
        list[str] | None, typer.Argument(help="Video, địa chỉ, mặc định mẫu / recordings, addresses, else samples")
    ] = None,
    scene: Annotated[Path | None, typer.Option(help="Tệp hiện trường của video / the recordings' scene")] = None,
    full_hd: Annotated[bool, typer.Option(help="Mẫu 1080p25, bận 40 % / samples as 1080p25, busy 40 %")] = True,
    cameras: Annotated[int, typer.Option(min=1, max=256, help="Số camera / how many cameras")] = 16,
    seconds: Annotated[float, typer.Option(min=5, help="Bao lâu / how long, seconds")] = 600.0,
    fps: Annotated[
        float, typer.Option(min=0.2, max=30, help="Khung phân tích mỗi giây / analysed frames a second")
    ] = 5.0,
    network: NetworkName = None,
    registry: Registry = None,
) -> None:
    """Chạy nhiều camera từ vài video, đo tải. / Watch many cameras from few recordings; figures as JSON on stdout."""
    from tempfile import TemporaryDirectory

    from pipelines.live.soak import SoakRequest, run_soak
    from pipelines.live.soak_footage import full_hd_pairs, sample_pairs

    if videos and scene is None:
        raise _Wrong("--scene: missing; recordings need the scene that judges them")
    samples = Path(__file__).parent / "samples"
    with TemporaryDirectory(prefix="phatnguoi-soak-") as folder:
        pairs = [(video, scene) for video in videos or () if scene is not None]
        pairs = pairs or (full_hd_pairs(samples, Path(folder)) if full_hd else sample_pairs(samples))
        request = SoakRequest(
            pairs=pairs, cameras=cameras, seconds=seconds, rate_hz=fps, network=network, registry=_registry(registry)
        )
        _print_json(run_soak(request))


@app.command(epilog="phatnguoi bench --quick")
def bench(
    quick: Annotated[bool, typer.Option("--quick", help="Dưới 50 giây / within 50 s on two cores")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="In JSON / print JSON")] = False,
    video: Annotated[Path | None, typer.Option(help="Video của bạn / your own 1080p25 recording")] = None,
    network: NetworkName = None,
    registry: Registry = None,
) -> None:
    """Đo tốc độ cạnh Ultralytics. / Measure speed, latency and memory beside Ultralytics in one run."""
    from pipelines.bench import BenchRequest, print_bench, run_bench

    request = BenchRequest(quick=quick, video=video, network=network, registry=_registry(registry))
    result = run_bench(request)
    if as_json:
        _print_json(result)
    else:
        print_bench(result)


@app.command(epilog="phatnguoi train my-data --run run --minutes 120")
def train(
    data: Annotated[Path, typer.Argument(help="Thư mục kiểu YOLO / YOLO-format folder with data.yaml")],
    run: Annotated[Path, typer.Option(help="Thư mục lượt chạy, chạy lại để tiếp tục / run folder; run again to go on")],
    minutes: Annotated[float, typer.Option(min=0.01, help="Thời gian huấn luyện / minutes of training")],
    network: NetworkName = None,
    registry: Registry = None,
) -> None:
    """Huấn luyện tiếp mạng phát hiện bằng ảnh đã duyệt. / Fine-tune the detector with one's own pictures."""
    _with_recipes()
    from models.recipes.city import train_city

    _print_json(train_city(data, run, registry=_registry(registry), name=network, minutes=minutes))
    typer.echo(f"Tiếp theo / next: phatnguoi export {run} --name NAME --registry REGISTRY", err=True)


@app.command(epilog="phatnguoi evaluate my-data --network street-n --network street-city --registry city/registry.toml")
def evaluate(
    data: Annotated[Path, typer.Argument(help="Thư mục kiểu YOLO / YOLO-format folder with data.yaml")],
    network: Annotated[list[str] | None, typer.Option(help="Tên mạng / network names (repeatable)")] = None,
    registry: Registry = None,
) -> None:
    """Đo mạng phát hiện trên phần val. / Measure detectors on a data set's val pictures; JSON on stdout."""
    _with_recipes()
    from models.recipes.city import evaluate_city

    _print_json(evaluate_city(data, registry=_registry(registry), names=network or []))


@app.command(epilog="phatnguoi export run --name street-city --registry city/registry.toml")
def export(
    run: Annotated[Path, typer.Argument(help="Thư mục lượt chạy / run folder of phatnguoi train")],
    name: Annotated[str, typer.Option(help="Tên mạng mới / name of the new network")],
    registry: Annotated[Path, typer.Option(help="Danh mục mạng nhận nó / registry that receives it (made if absent)")],
) -> None:
    """Xuất mạng đã huấn luyện vào danh mục. / Export a trained network: OpenVINO, INT8, .pt, card, registry entry."""
    _with_recipes()
    from models.recipes.city import export_city

    typer.echo(str(export_city(run, registry=registry, name=name)))


@app.command("bench-cases", epilog="phatnguoi bench-cases --cases 100000 --officers 200 --data /tmp/bench")
def bench_cases(
    cases: Annotated[int, typer.Option(min=100, max=10_000_000, help="Số hồ sơ / cases in the store")] = 100_000,
    officers: Annotated[int, typer.Option(min=1, max=1000, help="Số cán bộ cùng lúc / officers at once")] = 20,
    decisions: Annotated[int, typer.Option(min=1, help="Quyết định mỗi cán bộ / decisions of each")] = 5,
    pause: Annotated[float, typer.Option(min=0, help="Giây xem mỗi hồ sơ / seconds each looks at a case")] = 0.0,
    data: DataDir = None,
) -> None:
    """Đo thời gian chờ của cán bộ duyệt. / Measure how long officers wait, many cases, many at once; JSON."""
    from api.bench import BenchRequest, run_bench
    from cases.settings import load_settings

    how = {"cases": cases, "officers": officers, "decisions": decisions, "pause_s": pause}
    _print_json(run_bench(BenchRequest(settings=load_settings(data_dir=data), **how)))  # type: ignore[arg-type]


@app.command(epilog="phatnguoi sweep --data data")
def sweep(data: DataDir = None) -> None:
    """Chạy các thời hạn, nêu việc sắp hết hạn. / Run deadlines and name what presses; fit for a nightly timer."""
    from cases.commands import run_sweep

    run_sweep(data)


app.add_typer(users, name="user")
custody.command(
    "export", epilog='phatnguoi evidence export PN-7K3M-Q2XD --for court --as chi.huy --reason "CV 12" --out case.zip'
)(export_case)
app.add_typer(custody, name="evidence")
app.add_typer(papers, name="paper")
app.add_typer(plates, name="plates")


@app.command(epilog="phatnguoi intake PA-7K3M-Q2XD --scene scene.yaml --data data")
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

    request = IntakeRequest(report_id=report, scene=scene, network=network, registry=_registry(registry))
    with BatchProgress() as progress:
        result = run_intake(request, load_settings(data_dir=data), stop=Event(), on_progress=progress.update)
    _print_json({"videos": result.videos, "cases": list(result.cases)})
    if result.faults:
        raise _Wrong("\n".join(result.faults))


class _Wrong(typer.Exit):
    """Wrong input: prints its lines to stderr and ends with the code for it."""

    def __init__(self, text: str) -> None:
        typer.echo(text, err=True)
        super().__init__(EXIT_WRONG_INPUT)


def _with_onvif() -> None:
    """Says what `discover` lacks."""
    from importlib.util import find_spec

    missing = [name for name in ("onvif", "wsdiscovery") if find_spec(name) is None]
    if missing:
        raise _Wrong("Thiếu gói / missing packages, install them: pip install 'phatnguoi[onvif]'")


def _camera_password(user: str | None, variable: str) -> str | None:
    """From the environment, else asked for on the terminal; never from the command line, which others can read."""
    import os

    if user is None or variable in os.environ:
        return os.environ.get(variable)
    if not sys.stdin.isatty():
        raise _Wrong(f"{variable}: chưa đặt / not set, and there is no terminal to ask on; put the password there")
    return str(typer.prompt("Mật khẩu / password", hide_input=True, err=True))


def _with_recipes() -> None:
    """Makes `models.recipes` importable, or says what it lacks."""
    from importlib.util import find_spec

    root = Path(__file__).resolve().parent
    if not (root / "models" / "recipes").is_dir():
        raise _Wrong(
            "Huấn luyện cần mã nguồn đầy đủ. / Training needs the source tree: clone it and run phatnguoi from there."
        )
    missing = [name for name in ("torch", "torchvision", "ultralytics", "nncf") if find_spec(name) is None]
    if missing:
        raise _Wrong(
            f"Thiếu gói / missing packages: {', '.join(missing)}; install them: pip install -e '{root}[torch]'"
        )
    if str(root) not in sys.path:
        sys.path.append(str(root))


def _registry(given: Path | None) -> Path:
    import os

    from detector.inference import default_registry_path

    named = os.environ.get("PHATNGUOI_MODELS")
    return given or (Path(named) / "registry.toml" if named else default_registry_path())


def _utc(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _Wrong(f'{option}: {text!r} is no ISO 8601 time; write e.g. "2026-11-22T08:00:00+07:00"') from error
    if moment.tzinfo is None:
        raise _Wrong(f'{option}: {text!r} has no offset; add it, e.g. "{text}+07:00" for Hanoi')
    return moment.astimezone(UTC)


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def main() -> None:
    """Runs the command line; maps errors to the contract's exit codes."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app()
    except PhatnguoiError as error:
        typer.echo(str(error), err=True)
        sys.exit(EXIT_WRONG_INPUT)
    except SystemExit as ended:
        if ended.code == EXIT_INTERRUPTED:
            typer.echo(STOPPED, err=True)
        raise


if __name__ == "__main__":
    main()

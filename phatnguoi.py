"""The command line: `phatnguoi COMMAND --help`. Thin: every command parses, calls one function, prints its result.

Exit codes: 0 done; 2 the input or settings are wrong; 1 a defect of ours; 130 interrupted, state kept; `verify` adds
3 for altered evidence. Results go to stdout, progress and messages to stderr.
"""

import signal
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from cases.commands import users
from cases.evidence_commands import commands as custody
from cases.notice.commands import papers
from cases.plate_commands import commands as plates
from detector.types import PhatnguoiError
from pipelines.commands import commands as recorded
from pipelines.export_command import export as export_case
from pipelines.live.commands import commands as live
from pipelines.options import (
    EXIT_INTERRUPTED,
    EXIT_WRONG_INPUT,
    DataDir,
    NetworkName,
    Registry,
    Wrong,
    print_json,
    registry_of,
)

EXIT_ALTERED = 3
STOPPED = "Đã dừng, dữ liệu được giữ; chạy lại để tiếp tục. / Stopped, state kept; run again to go on."

app = typer.Typer(
    name="phatnguoi",
    help="Phạt nguội: từ camera và video đến hồ sơ có chứng cứ. / Remote fining: footage in, reviewable cases out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(recorded)
app.add_typer(live)


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

    request = BenchRequest(quick=quick, video=video, network=network, registry=registry_of(registry))
    result = run_bench(request)
    if as_json:
        print_json(result)
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

    print_json(train_city(data, run, registry=registry_of(registry), name=network, minutes=minutes))
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

    print_json(evaluate_city(data, registry=registry_of(registry), names=network or []))


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
    print_json(run_bench(BenchRequest(settings=load_settings(data_dir=data), **how)))  # type: ignore[arg-type]


@app.command(epilog="phatnguoi sweep --data data")
def sweep(
    data: DataDir = None,
    clock_is_right: Annotated[
        bool, typer.Option("--clock-is-right", help="Đã kiểm tra đồng hồ / the clock was checked, go on by it")
    ] = False,
) -> None:
    """Chạy các thời hạn, nêu việc sắp hết hạn. / Run deadlines and name what presses; fit for a nightly timer."""
    from cases.commands import run_sweep

    run_sweep(data, clock_is_right=clock_is_right)


app.add_typer(users, name="user")
custody.command(
    "export", epilog='phatnguoi evidence export PN-7K3M-Q2XD --for court --as chi.huy --reason "CV 12" --out case.zip'
)(export_case)
app.add_typer(custody, name="evidence")
app.add_typer(papers, name="paper")
app.add_typer(plates, name="plates")


def _with_recipes() -> None:
    """Makes `models.recipes` importable, or says what it lacks."""
    from importlib.util import find_spec

    root = Path(__file__).resolve().parent
    if not (root / "models" / "recipes").is_dir():
        raise Wrong(
            "Huấn luyện cần mã nguồn đầy đủ. / Training needs the source tree: clone it and run phatnguoi from there."
        )
    missing = [name for name in ("torch", "torchvision", "ultralytics", "nncf") if find_spec(name) is None]
    if missing:
        raise Wrong(f"Thiếu gói / missing packages: {', '.join(missing)}; install them: pip install -e '{root}[torch]'")
    if str(root) not in sys.path:
        sys.path.append(str(root))


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def main() -> None:
    """Runs the command line; maps errors to the contract's exit codes."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app()
    except PhatnguoiError as error:
        from api.fault_words import lines

        typer.echo(lines(error), err=True)
        sys.exit(EXIT_WRONG_INPUT)
    except SystemExit as ended:
        if ended.code == EXIT_INTERRUPTED:
            typer.echo(STOPPED, err=True)
        raise


if __name__ == "__main__":
    main()

"""Commands on live cameras: run, soak, discover."""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.options import EXIT_INTERRUPTED, DataDir, NetworkName, Registry, Wrong, print_json, registry_of

if TYPE_CHECKING:
    from pipelines.live.trust import Trust

commands = typer.Typer()


class LogFormat(StrEnum):
    """How `run` logs."""

    TEXT = "text"
    JSON = "json"


@commands.command(epilog="phatnguoi run cameras.yaml --data data --metrics-port 9400")
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

    request = LiveRequest(cameras=cameras, network=network, registry=registry_of(registry))
    settings = load_settings(data_dir=data)
    as_json = log is LogFormat.JSON
    if run_command(request, settings, metrics_host=metrics_host, metrics_port=metrics_port, as_json=as_json):
        raise typer.Exit(EXIT_INTERRUPTED)


@commands.command(epilog="phatnguoi soak --cameras 16 --seconds 1800; phatnguoi soak street.mp4 --scene scene.yaml")
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
    acts_per_minute: Annotated[
        float,
        typer.Option(min=0, help="Vi phạm mỗi camera mỗi phút, khoảng / acts a camera and minute, about; samples"),
    ] = 0.5,
    network: NetworkName = None,
    registry: Registry = None,
) -> None:
    """Chạy nhiều camera từ vài video, đo tải. / Watch many cameras from few recordings: JSON, a table."""
    from tempfile import TemporaryDirectory

    from pipelines.live.aims import table
    from pipelines.live.soak import SoakRequest, run_soak
    from pipelines.live.soak_footage import MOST_PER_MINUTE, decoding_cost, full_hd_pairs, sample_pairs

    if acts_per_minute > MOST_PER_MINUTE:
        raise Wrong(f"--acts-per-minute: {acts_per_minute:g}; the sample streets hold at most {MOST_PER_MINUTE:g}")
    if videos and scene is None:
        raise Wrong("--scene: missing; recordings need the scene that judges them")
    samples = Path(__file__).parents[2] / "samples"
    with TemporaryDirectory(prefix="phatnguoi-soak-") as folder:
        pairs = [(video, scene) for video in videos or () if scene is not None]
        if not pairs and full_hd:
            pairs = full_hd_pairs(samples, Path(folder), per_minute=acts_per_minute)
        pairs = pairs or sample_pairs(samples)
        request = SoakRequest(
            pairs=pairs,
            cameras=cameras,
            seconds=seconds,
            rate_hz=fps,
            network=network,
            registry=registry_of(registry),
            decoding_s=decoding_cost([video for video, _ in pairs]),
        )
        figures = run_soak(request)
    print_json(figures)
    for line in table(figures):
        typer.echo(line, err=True)


@commands.command(
    epilog="phatnguoi discover --user viewer > cameras.yaml; phatnguoi discover --subnet 10.1.0.0/24 --user viewer"
)
def discover(
    address: Annotated[list[str] | None, typer.Option(help="Máy / host, host:port, https://host (repeatable)")] = None,
    subnet: Annotated[list[str] | None, typer.Option(help="Dải mạng / subnet to try, CIDR (repeatable)")] = None,
    port: Annotated[
        list[int] | None, typer.Option(min=1, max=65535, help="Cổng thử / ports tried on subnets (repeatable)")
    ] = None,
    user: Annotated[str | None, typer.Option(help="Người dùng của camera / the cameras' user")] = None,
    password_env: Annotated[
        str, typer.Option(help="Biến môi trường giữ mật khẩu / variable that holds the password, else it is asked for")
    ] = "PHATNGUOI_CAMERA_PASSWORD",
    wait: Annotated[float, typer.Option(min=1, max=60, help="Chờ trả lời / seconds to wait for answers")] = 4.0,
    ca: Annotated[Path | None, typer.Option(help="Nơi cấp chứng thư / authority of the certificates, PEM")] = None,
    fingerprint: Annotated[
        str | None, typer.Option(help="Vân tay chứng thư / SHA-256 of the one camera's certificate")
    ] = None,
    insecure: Annotated[bool, typer.Option("--insecure", help="Không kiểm chứng thư / check no certificate")] = False,
) -> None:
    """Tìm camera ONVIF và luồng, in tệp camera. / Find ONVIF cameras and their streams; prints a camera file."""
    _with_onvif()
    from pipelines.live.discover import DiscoverRequest, camera_file, discover
    from pipelines.live.discovery import PORTS

    trust = _trust(ca, fingerprint, insecure=insecure)
    request = DiscoverRequest(
        addresses=address or (),
        subnets=subnet or (),
        ports=port or PORTS,
        user=user,
        password=_camera_password(user, password_env),
        password_env=password_env,
        wait_s=wait,
        trust=trust,
    )
    typer.echo("Đang tìm camera / searching for cameras ...", err=True)
    told = discover(request)
    for fault in told.faults:
        typer.echo(fault, err=True)
    entries = camera_file(told.devices, user=user, password_env=password_env, trust=trust)
    if not entries:
        raise Wrong("Không tìm thấy luồng nào. / no camera told its streams; give --address, --subnet or --user")
    typer.echo(entries, nl=False)


def _with_onvif() -> None:
    """Says what `discover` lacks."""
    from importlib.util import find_spec

    missing = [name for name in ("onvif", "wsdiscovery") if find_spec(name) is None]
    if missing:
        raise Wrong("Thiếu gói / missing packages, install them: pip install 'phatnguoi[onvif]'")


def _trust(ca: Path | None, fingerprint: str | None, *, insecure: bool) -> "Trust":
    """By what cameras over TLS are known."""
    from pipelines.live.trust import Trust, check_authorities, parse_fingerprint

    if sum((ca is not None, fingerprint is not None, insecure)) > 1:
        raise Wrong("--ca, --fingerprint, --insecure: chỉ một thứ / give one of them")
    option = "--ca"
    try:
        if ca is not None:
            check_authorities(ca)
        option = "--fingerprint"
        digits = None if fingerprint is None else parse_fingerprint(fingerprint)
    except ValueError as error:
        raise Wrong(f"{option}: không dùng được / {error}") from error
    return Trust(ca=ca, fingerprint=digits, insecure=insecure)


def _camera_password(user: str | None, variable: str) -> str | None:
    """From the environment, else asked for on the terminal; never from the command line, which others can read."""
    if user is None or variable in os.environ:
        return os.environ.get(variable)
    if not sys.stdin.isatty():
        raise Wrong(f"{variable}: chưa đặt / not set, and there is no terminal to ask on; put the password there")
    return str(typer.prompt("Mật khẩu / password", hide_input=True, err=True))

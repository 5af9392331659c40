"""`serve` as a process of its own: address, first account, clean end, refusals."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.serve import serve
from cases.settings import Settings
from detector.types import CaseError, ConfigError, EvidenceError

SERVE = """
import signal, sys
from pathlib import Path
from api.serve import serve
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are started without
serve(Path(sys.argv[1]), port=0)
"""


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_serves_until_stopped(tmp_path: Path, stop: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(tmp_path)], stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    assert process.stderr is not None
    with process.stderr:
        assert "phatnguoi user add" in process.stderr.readline()
        address = re.fullmatch(r"(http://127\.0\.0\.1:\d+/)\n", process.stderr.readline())
        assert address
        assert httpx.get(f"{address[1]}health/live").json() == {"status": "ok"}
        assert httpx.get(f"{address[1]}api/v1/cases").status_code == 401
        process.send_signal(stop)
        process.wait(30)
        said = process.stderr.read()
        assert said == "" if stop is signal.SIGTERM else said.endswith("\nKeyboardInterrupt\n")
    assert (tmp_path / "phatnguoi.db").is_file()
    assert (tmp_path / "evidence").is_dir()


def test_address_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"address 127\.0\.0\.1:{port}: .*choose another"):
            serve(tmp_path, port=port)


@pytest.mark.parametrize(("label", "port"), [("below", -1), ("above", 70_000)])
def test_impossible_ports_are_named(tmp_path: Path, label: str, port: int) -> None:
    with pytest.raises(ConfigError, match=rf"address 127\.0\.0\.1:{port}: a port lies between"):
        serve(tmp_path, port=port)


def test_unusable_data_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(CaseError, match="file: cannot be made"):
        create_app(Settings(data_dir=tmp_path / "file"))
    with pytest.raises(EvidenceError, match="a file stands where a folder is needed"):
        create_app(Settings(data_dir=tmp_path, evidence_root=tmp_path / "file"))

"""The systemd units: well-formed, and what they start is a command line that exists."""

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer.testing

import phatnguoi

UNITS = sorted((Path(__file__).parents[3] / "docs" / "systemd").glob("*.service"))


def settings_of(unit: Path) -> dict[str, str]:
    lines = (line.split("=", 1) for line in unit.read_text(encoding="utf-8").splitlines())
    return {parts[0]: parts[1] for parts in lines if len(parts) == 2 and not parts[0].startswith("#")}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_the_command_exists_with_its_options(unit: Path) -> None:
    command = shlex.split(settings_of(unit)["ExecStart"])
    told = typer.testing.CliRunner().invoke(phatnguoi.app, [command[1], "--help"])
    assert told.exit_code == 0
    for option in (word for word in command if word.startswith("--")):
        assert option in told.stdout, option


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_finds_nothing_wrong(unit: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed: apt-get install systemd")
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text(encoding="utf-8").replace("/opt/phatnguoi/.venv/bin/phatnguoi", "/bin/true"))
    told = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False)
    assert [line for line in told.stderr.splitlines() if unit.stem in line] == []


def test_the_worker_drains_before_systemd_loses_patience() -> None:
    from pipelines.live.run import PATIENCE_S

    (unit,) = (unit for unit in UNITS if unit.stem == "phatnguoi-run")
    assert settings_of(unit)["KillSignal"] == "SIGTERM"
    assert float(settings_of(unit)["TimeoutStopSec"]) >= PATIENCE_S + 20

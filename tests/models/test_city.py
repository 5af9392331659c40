"""A city fine-tunes: broken data is refused, a run goes on, figures come out, a registry entry of its own runs."""

import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

pytest.importorskip("torch", reason="recipes need the extra [torch]")
pytest.importorskip("ultralytics", reason="recipes need the extra [torch]")
pytest.importorskip("nncf", reason="recipes need the extra [torch]")

import torch

import phatnguoi
from detector.inference.registry import load_registry
from detector.types.errors import ConfigError
from models.recipes.city import export_city
from models.recipes.run_folder import only_process
from tests.models.city_data import write_data_set

MINUTES = "0.01"


class City(NamedTuple):
    """A data set, the run that was trained on it, and what the command printed."""

    data: Path
    run: Path
    printed: dict[str, dict[str, dict[str, dict[str, float]]]]


def call(*arguments: str | Path) -> str:
    """The standard output of one command that must succeed."""
    result = CliRunner().invoke(phatnguoi.app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    root = tmp_path_factory.mktemp("city")
    data, run = write_data_set(root), root / "run"
    return City(data, run, json.loads(call("train", data, "--run", run, "--minutes", MINUTES)))


def test_training_writes_what_it_was_made_from_and_figures_before_and_after(city: City) -> None:
    assert sorted(city.printed["networks"]) == ["result", "start"]
    assert city.printed["networks"]["result"]["car"]["boxes"] == 2
    assert json.loads((city.run / "figures.json").read_text()) == city.printed
    origin = json.loads((city.run / "run.json").read_text())
    assert (origin["network"], origin["data"], origin["seed"]) == ("street-n", str(city.data), 20)


def test_a_finished_run_goes_on_when_given_more_time(city: City, tmp_path: Path) -> None:
    run = Path(shutil.copytree(city.run, tmp_path / "run"))
    before = torch.load(run / "last.pt", weights_only=True)
    call("train", city.data, "--run", run, "--minutes", str(2 * before["spent_s"] / 60 + 0.001))
    after = torch.load(run / "last.pt", weights_only=True)
    assert after["step"] > before["step"]
    assert after["spent_s"] > before["spent_s"]


def test_a_run_does_not_go_on_with_other_data(city: City, tmp_path: Path) -> None:
    other = write_data_set(tmp_path)
    with pytest.raises(ConfigError, match="begun with another data and digest; go on with the same"):
        call("train", other, "--run", city.run, "--minutes", MINUTES)


def test_two_processes_do_not_share_a_run(city: City, tmp_path: Path) -> None:
    run = Path(shutil.copytree(city.run, tmp_path / "run"))
    held = (
        f"import sys; from models.recipes.run_folder import *\nwith only_process(Path({str(run / 'lock')!r}), 'x'):\n"
    )
    code = f"{held}    print('held', flush=True); sys.stdin.read()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(ConfigError, match=rf"another process works on it \(pid {other.pid}\)"):
            call("train", city.data, "--run", run, "--minutes", MINUTES)
        with pytest.raises(ConfigError, match="another process works on it"):
            export_city(run, registry=tmp_path / "registry.toml", name="street-city")
        other.kill()
    with only_process(run / "lock", "run"):
        assert (run / "lock").read_text() == f"{os.getpid()}\n"


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 cut"], ids=["empty", "text", "cut"])
def test_a_damaged_checkpoint_is_named_with_the_cure(city: City, tmp_path: Path, content: bytes) -> None:
    run = Path(shutil.copytree(city.run, tmp_path / "run"))
    (run / "last.pt").write_bytes(content)
    with pytest.raises(ConfigError, match=r"last\.pt: not a checkpoint of this run; remove it to begin anew"):
        call("train", city.data, "--run", run, "--minutes", MINUTES)


def test_a_run_folder_that_is_a_file_or_somebody_elses_is_refused(city: City, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here already")
    with pytest.raises(ConfigError, match=r"file.*: cannot be written"):
        call("train", city.data, "--run", tmp_path / "file", "--minutes", MINUTES)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "run.json").write_text("[]")
    with pytest.raises(ConfigError, match=r"run\.json: lacks network, data or digest"):
        call("train", city.data, "--run", tmp_path / "other", "--minutes", MINUTES)


def test_a_full_disk_is_told_plainly_and_leaves_whole_files(city: City, tmp_path: Path) -> None:
    run = Path(shutil.copytree(city.run, tmp_path / "run"))
    before = {path.name: path.read_bytes() for path in run.iterdir() if path.name != "lock"}
    was = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Files may not grow beyond a megabyte: to a program the same as a disk that fills while it writes.
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, was[1]))
    try:
        with pytest.raises(ConfigError, match=r"cannot be written .*run the same command again"):
            call("train", city.data, "--run", run, "--minutes", MINUTES)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, was)
    assert {path.name: path.read_bytes() for path in run.iterdir() if path.name != "lock"} == before


def test_broken_labels_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    data = write_data_set(tmp_path)
    (data / "labels" / "val" / "street_1.txt").write_text("0 0.5 0.5 0.2 nan\n")
    with pytest.raises(ConfigError, match=r"labels/val/street_1\.txt:1: a value is NaN"):
        call("train", data, "--run", tmp_path / "run", "--minutes", MINUTES)
    assert not (tmp_path / "run").exists()


@pytest.mark.filterwarnings("ignore:`torch.jit:FutureWarning", "ignore::torch.jit.TracerWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_an_export_is_a_registry_entry_that_detects_and_can_be_measured(city: City) -> None:
    registry = city.run.parent / "networks" / "registry.toml"
    call("export", city.run, "--name", "street-city", "--registry", registry)
    entry = load_registry(registry).default("detect")
    assert entry is not None
    assert [(file.backend, file.precision) for file in entry.files] == [
        ("openvino", "int8"),
        ("openvino", "fp16"),
        ("openvino", "fp32"),
        ("ultralytics", "fp16"),
    ]
    assert all(entry.verified_path(file).is_file() for file in entry.files)
    assert sorted(entry.calibration) == ["bus", "car", "motorcycle", "truck"]
    assert entry.calibration["bus"] == (1.0, 0.0), "no bus was seen: its scores stay"
    assert "| car | result |" in (registry.parent / str(entry.card)).read_text()
    picture = next((city.data / "images" / "val").iterdir())
    (row,) = json.loads(call("detect", picture, "--registry", registry))
    assert "error" not in row
    figures = json.loads(call("evaluate", city.data, "--registry", registry))
    assert sorted(figures["networks"]) == ["street-city fp16", "street-city fp32", "street-city int8"]


def test_an_unfinished_run_and_the_products_own_name_are_not_exported(city: City, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"run\.json: not readable"):
        export_city(tmp_path, registry=tmp_path / "registry.toml", name="street-city")
    with pytest.raises(ConfigError, match="--name street-n: is the network the run began with"):
        export_city(city.run, registry=Path("models/registry.toml"), name="street-n")
    for name in ("a b", "../up", "", "Street"):
        with pytest.raises(ConfigError, match="expected small letters, digits and hyphens"):
            export_city(city.run, registry=tmp_path / "registry.toml", name=name)
    (unfinished := Path(shutil.copytree(city.run, tmp_path / "run")) / "figures.json").unlink()
    with pytest.raises(ConfigError, match="the run is not finished"):
        export_city(unfinished.parent, registry=tmp_path / "registry.toml", name="street-city")


def test_without_the_extra_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "nncf" else object())
    result = CliRunner().invoke(phatnguoi.app, ["evaluate", str(tmp_path)])
    assert result.exit_code == 2
    assert "nncf" in result.output
    assert "[torch]" in result.output

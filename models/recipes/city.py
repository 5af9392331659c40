"""A city's own network: train a registered street network on reviewed pictures, measure it, export it.

In: a YOLO-format folder (`dataset.py`) and a network of a registry that carries a .pt. Out: a run folder with
`last.pt` (to go on from), `average.pt` (the result), `run.json` (what it was made from) and `figures.json` (before
and after, on the data set's `val` pictures); then exports and an entry in a registry of the city's choice.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from ultralytics.nn.tasks import DetectionModel

from detector.inference.registry import Network, load_registry
from detector.types.errors import ConfigError
from models.recipes.blend import blend
from models.recipes.calibrate import HeldOut, put_in, rounded
from models.recipes.card import BEGIN, END, table, with_tables
from models.recipes.dataset import read_data_set
from models.recipes.evaluate import Detector, Truth, measure, product_detector, torch_detector
from models.recipes.export import write_exports
from models.recipes.frames import Frame
from models.recipes.network import build_network, load_network, save_network
from models.recipes.run_folder import begin, only_process, read_run, told_plainly, write_json
from models.recipes.timed_run import SEED
from models.recipes.train import Trainer

LONG_SIDE_PX = 640
RATE = 2e-4
SHARE = 0.7
"""How much of what was learnt enters the result; the rest stays as in the network it began with (see `blend.py`)."""
NONE = np.zeros((0, 5), np.float32)
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def registered_network(registry: Path, name: str | None) -> tuple[Network, DetectionModel]:
    """Return the entry and the torch network of `name`, or of the registry's default for "detect".

    Raises:
        ConfigError: no network is named and the registry has no default.
        InferenceError: it has no .pt, or its file is missing or altered.
    """
    entry = _entry(registry, name)
    path = entry.verified_path(entry.file_for("ultralytics"))
    # A pickle, opened only after its SHA-256 was found to be the registry's.
    stored = torch.load(path, map_location="cpu", weights_only=False)["model"]
    network = build_network(stored.model[-1].nc)
    network.load_state_dict(stored.float().state_dict())
    return entry, network.eval()


def _entry(registry: Path, name: str | None) -> Network:
    networks = load_registry(registry)
    entry = networks.network(name) if name else networks.default("detect")
    if entry is None:
        raise ConfigError(f"{registry}: [defaults] names no detect network; name one with --network")
    return entry


def train_city(data: Path, run: Path, *, registry: Path, name: str | None, minutes: float) -> dict[str, Any]:
    """Train until `minutes` of work are spent, going on with an unfinished run; return figures before and after.

    Raises:
        ConfigError: the data set has faults, the run folder belongs to other data or another network or is in use,
            or it cannot be written.
    """
    found = read_data_set(data)
    entry, start = registered_network(registry, name)
    origin = {"network": entry.name, "hash": entry.file_for("ultralytics").hash, "data": str(data.resolve())}
    with only_process(run / "lock", str(run)), told_plainly(run):
        begin(run, origin | {"digest": found.digest, "seed": SEED})
        _learn(found.frames["train"], start, run, minutes)
        detectors = {part: torch_detector(run / f"{part}.pt", LONG_SIDE_PX) for part in ("start", "result")}
        figures = _figures(found.frames["val"], detectors)
        write_json(run / "figures.json", figures)
    return figures


def _learn(frames: list[Frame], start: DetectionModel, run: Path, minutes: float) -> None:
    torch.manual_seed(SEED)
    save_network(run / "start.pt", start, start.nc)
    trainer = Trainer(load_network(run / "start.pt"), start, RATE, minutes * 60)
    try:
        trainer.go_on(run)
    except (RuntimeError, UnpicklingError, EOFError, KeyError, ValueError) as error:
        raise ConfigError(f"{run / 'last.pt'}: not a checkpoint of this run; remove it to begin anew") from error
    trainer.train(frames, run, workers=0)
    result = blend(load_network(run / "start.pt"), load_network(run / "average.pt"), SHARE)
    save_network(run / "result.pt", result, result.nc)


def evaluate_city(data: Path, *, registry: Path, names: list[str]) -> dict[str, Any]:
    """Return the figures of registered networks, OpenVINO as the product runs them, on the data set's `val` pictures.

    Raises:
        ConfigError: the data set has faults.
        InferenceError: a network is unknown, or its file missing or altered.
    """
    frames = read_data_set(data).frames["val"]
    detectors: dict[str, Detector] = {}
    for entry in [_entry(registry, name) for name in names] or [_entry(registry, None)]:
        for file in entry.files:
            if file.backend == "openvino":
                detectors[f"{entry.name} {file.precision}"] = product_detector(entry, file)
    return _figures(frames, detectors)


def _figures(frames: list[Frame], detectors: dict[str, Detector]) -> dict[str, Any]:
    truths = [_truth(frame) for frame in frames]
    networks = {name: measure([run(truth.image) for truth in truths], truths) for name, run in detectors.items()}
    return {"images": len(frames), "networks": networks}


def _truth(frame: Frame) -> Truth:
    scale = np.array([1, *frame.size_wh, *frame.size_wh], np.float32)
    return Truth(frame.image, frame.boxes * scale, frame.unsure * scale, NONE)


def export_city(run: Path, *, registry: Path, name: str) -> Path:
    """Export the result of a finished run beside `registry`, enter it there with a card, return the weights' folder.

    Raises:
        ConfigError: the folder holds no finished run or is in use, its data has changed, the name is one of the
            product's own, or the disk refuses.
    """
    if not NAME.fullmatch(name):
        raise ConfigError(f"--name {name!r}: expected small letters, digits and hyphens, e.g. street-hoan-kiem")
    origin = read_run(run)
    known = load_registry(registry).networks if registry.is_file() else {}
    if not (run / "figures.json").is_file():
        raise ConfigError(f"{run}: the run is not finished; run `phatnguoi train` on it again until it ends")
    if name == origin["network"] and name in known:
        raise ConfigError(f"--name {name}: is the network the run began with; choose a name of your own")
    found = read_data_set(Path(origin["data"]))
    if found.digest != origin["digest"]:
        raise ConfigError(f"{origin['data']}: has changed since the run; restore it, or train anew")
    made = f"Trained from {origin['network']} on pictures of one's own ({len(found.frames['train'])} pictures)"
    with (
        only_process(run / "lock", str(run)),
        only_process(registry.with_suffix(".lock"), str(registry)),
        told_plainly(registry.parent),
    ):
        folder = write_exports(load_network(run / "result.pt"), found.frames["train"], registry, name, made)
        _calibrate(registry, name, found.frames["val"])
        figures = json.loads((run / "figures.json").read_text())
        _write_card(registry.parent / "cards" / f"{name}.md", made, figures)
    return folder


def _calibrate(registry: Path, name: str, frames: list[Frame]) -> None:
    """Fit what the exported network's scores mean to the boxes drawn on the `val` pictures."""
    entry = load_registry(registry).network(name)
    clips = [frame.clip for frame in frames]
    pictures = HeldOut(entry, entry.file_for("openvino", prefer=["fp16"]), [_truth(frame) for frame in frames], clips)
    put_in(registry, name, rounded(pictures.fit(sorted(set(clips)))))


def _write_card(path: Path, made: str, figures: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    body = f"# {path.stem}\n\n{made}. Licence: AGPL-3.0-or-later, as the network it began with.\n\n{BEGIN}\n{END}\n"
    path.write_text(
        with_tables(body, [table("The data set's val pictures, before (start) and after (result)", figures)])
    )

"""Re-make the figures of street-n's card with one command, and write them into it.

In: the folder with the measuring data (`detection/vn_streets`, `footage`, `weights`) and a folder for what is made on
the way (COCO network in floating point, label files); what is there already is used again. Out: the tables between
the card's marks, every export beside the COCO network: held-out clips by class as Ultralytics counts and as the product
tells it, calibration, imitated conditions and a night recording, persons and bicycles of other recordings; and the plot
of reliability.

    python -m models.recipes.street_card --data ../shared/data --work WORK
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from detector.inference.registry import Network, Precision, load_registry
from models.recipes.calibrate import HeldOut, curves, held_out, measured
from models.recipes.card import calibration_table, table, with_tables
from models.recipes.conditions import agreement_truths, by_condition, condition_table
from models.recipes.evaluate import Detector, measure, openvino_detector, product_detector, read_truths
from models.recipes.export import LONG_SIDE_PX, MODELS
from models.recipes.intervals import interval_table
from models.recipes.label import label_footage, label_source
from models.recipes.network import CLASSES, Boxes, load_network
from models.recipes.reliability import plot
from models.recipes.stills import preferring, still_tables

PEOPLE = {
    "pedestrian_street": 15,
    "junction_cyclist": 6,
    "low_junction_720p": 50,
    "hanoi_hangbai_6fps_64s": 12,
    "haiphong_junction": 40,
}
"""Recordings with persons and bicycles, and of how many frames one is taken."""
NIGHT, NIGHT_EVERY = "night_dual_carriageway", 15
COCO = "yolo11n_coco_int8_openvino_model"
NAME, PEER = "street-n", "yolo11n-coco"
PRECISIONS: tuple[Precision, ...] = ("fp16", "int8")
TEST = "Held-out clips, un-squeezed"
PEOPLE_HEADING = "Persons and bicycles on other recordings, against the COCO network at larger sizes"
UNMEASURED = ("person", "bicycle")
"""On the held-out clips riders have no box, while the raw output names them persons until `detector/inference` unites
them with their motorcycle."""


def prepare(data: Path, work: Path) -> None:
    """Make what is missing in `work`: `coco.pt`, `test.jsonl` and `people.jsonl`."""
    work.mkdir(parents=True, exist_ok=True)
    if not (work / "coco.pt").is_file():
        command = [sys.executable, "-m", "models.recipes.dequantise", "--source", str(data / "weights" / COCO)]
        subprocess.run([*command, "--out", str(work)], check=True)
    teacher = load_network(work / "coco.pt")
    if not (work / "test.jsonl").is_file():
        lines = [line for _, line in label_source(data / "detection" / "vn_streets", teacher, ("test",))]
        (work / "test.jsonl").write_text("\n".join(lines) + "\n")
    if not (work / "people.jsonl").is_file():
        lines = []
        for name, every in PEOPLE.items():
            lines += label_footage([data / "footage" / f"{name}.mp4"], every, work, teacher, None)
        (work / "people.jsonl").write_text("\n".join(lines) + "\n")


def results_of(labels: Path, detectors: dict[str, Detector], unmeasured: tuple[str, ...]) -> dict[str, Any]:
    """Return the figures of detectors on one label file, but for classes it cannot measure."""
    truths = read_truths(labels, squeezed=False)
    figures = {}
    for name, run in detectors.items():
        found = measure([run(truth.image) for truth in truths], truths)
        figures[name] = {key: value for key, value in found.items() if key not in unmeasured}
    return {"images": len(truths), "networks": figures}


def as_told(pictures: HeldOut, ours: Network, peer: Network) -> dict[str, Any]:
    """Return the figures of what the product tells: under the registry's fits, and under fits to other cameras."""
    truths = pictures.truths
    _, _, across = pictures.across_cameras
    theirs = product_detector(peer, peer.files[0])
    found = {"COCO int8": [theirs(truth.image) for truth in truths]}
    found["street-n fp16"] = pictures.boxes(
        {CLASSES.index(label): fit for label, fit in ours.calibration.items()}, sorted(set(pictures.cameras))
    )
    found["street-n fp16, fits to other cameras"] = across
    int8 = product_detector(ours, ours.file_for("openvino", prefer=["int8"]))
    found["street-n int8"] = [int8(truth.image) for truth in truths]
    figures = {name: measure(boxes, truths) for name, boxes in found.items()}
    shown = {name: {key: one[key] for key in one if key not in UNMEASURED} for name, one in figures.items()}
    return {"images": len(truths), "networks": shown}


def how_sure(pictures: HeldOut, raw: Detector) -> str:
    """Return the table of intervals, of the raw output and of what the product tells under fits to other cameras."""
    found: dict[str, Sequence[Boxes]] = {"raw output": [raw(truth.image) for truth in pictures.truths]}
    found["as told"] = pictures.across_cameras[2]
    return interval_table("How far street-n fp16 may be off by the choice of frames", found, pictures.truths)


def conditions(data: Path, work: Path, ours: Network, peer: Network) -> list[str]:
    """Return the tables of imitated conditions and of the night recording."""
    truths = read_truths(work / "test.jsonl", squeezed=False)
    detectors = {
        "COCO int8": product_detector(peer, peer.files[0]),
        "street-n fp16": product_detector(ours, ours.file_for("openvino", prefer=["fp16"])),
    }
    night = agreement_truths(data / "footage" / f"{NIGHT}.mp4", NIGHT_EVERY, load_network(work / "coco.pt"))
    seen = {name: measure([run(truth.image) for truth in night], night) for name, run in detectors.items()}
    imitated = by_condition(truths, detectors)
    (work / "conditions.json").write_text(json.dumps(imitated | {NIGHT: seen}, indent=1) + "\n")
    return [
        condition_table(f"The held-out clips under imitated conditions ({len(truths)} images each)", imitated),
        condition_table(
            f"A night recording, against the COCO network at larger sizes ({len(night)} frames)", {"as recorded": seen}
        ),
    ]


def tables(data: Path, work: Path, plot_path: Path) -> list[str]:
    """Return all tables of the card, and write the plot."""
    registry = load_registry(MODELS / "registry.toml")
    ours, peer = registry.network(NAME), registry.network(PEER)
    files = {"COCO int8": peer.verified_path(peer.files[0])}
    files |= {f"{NAME} {one}": ours.verified_path(ours.file_for("openvino", prefer=[one])) for one in PRECISIONS}
    raw = {name: openvino_detector(path, LONG_SIDE_PX) for name, path in files.items()}
    pictures = held_out(work / "test.jsonl", ours, ours.file_for("openvino", prefer=["fp16"]))
    calibration = measured(pictures)
    plot_path.write_text(plot(curves(calibration)))
    (work / "calibration.json").write_text(json.dumps(calibration, indent=1) + "\n")
    return [
        table(f"{TEST}, raw output", results_of(work / "test.jsonl", raw, UNMEASURED)),
        table(f"{TEST}, as the product tells it", as_told(pictures, ours, peer)),
        how_sure(pictures, raw[f"{NAME} fp16"]),
        calibration_table(calibration),
        *conditions(data, work, ours, peer),
        table(PEOPLE_HEADING, results_of(work / "people.jsonl", raw, ())),
        *still_tables(preferring(ours, "int8"), registry.second(ours), peer, work),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    args = parser.parse_args()
    if not (args.data / "detection" / "vn_streets" / "classes.txt").is_file():
        parser.error(f"--data {args.data}: no detection/vn_streets there; the figures need the measuring data")
    prepare(args.data, args.work)
    card = MODELS / "cards" / f"{NAME}.md"
    found = tables(args.data, args.work, card.with_name(f"{NAME}-reliability.svg"))
    card.write_text(with_tables(card.read_text(), found))
    print(f"wrote {card}")


if __name__ == "__main__":
    main()

"""Re-make the figures of street-n's card with one command, and write them into it.

In: the folder with the measuring data (`detection/vn_streets`, `footage`, `weights`) and a folder for what is made on
the way (COCO network in floating point, label files); what is there already is used again. Out: the tables between
the card's marks: held-out clips, and persons and bicycles of other recordings, every export beside the COCO network.

    python -m models.recipes.street_card --data ../shared/data --work WORK
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from models.recipes.card import table, with_tables
from models.recipes.evaluate import measure, openvino_detector, read_truths
from models.recipes.export import LONG_SIDE_PX, MODELS
from models.recipes.label import label_footage, label_source
from models.recipes.network import load_network

PEOPLE = {
    "pedestrian_street": 15,
    "junction_cyclist": 6,
    "low_junction_720p": 50,
    "hanoi_hangbai_6fps_64s": 12,
    "haiphong_junction": 40,
}
"""Recordings with persons and bicycles, and of how many frames one is taken."""
COCO = "yolo11n_coco_int8_openvino_model"
HEADINGS = {
    "test": "Held-out clips, un-squeezed",
    "people": "Persons and bicycles on other recordings, against the COCO network at larger sizes",
}
UNMEASURED: dict[str, tuple[str, ...]] = {"test": ("person", "bicycle"), "people": ()}
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


def measured(labels: Path, networks: list[Path], unmeasured: tuple[str, ...]) -> dict[str, object]:
    """Return the figures of OpenVINO files on one label file, but for classes it cannot measure."""
    truths = read_truths(labels, squeezed=False)
    figures = {}
    for path in networks:
        run = openvino_detector(path, LONG_SIDE_PX)
        found = measure([run(truth.image) for truth in truths], truths)
        figures[str(path)] = {key: value for key, value in found.items() if key not in unmeasured}
    return {"images": len(truths), "networks": figures}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    args = parser.parse_args()
    if not (args.data / "detection" / "vn_streets" / "classes.txt").is_file():
        parser.error(f"--data {args.data}: no detection/vn_streets there; the figures need the measuring data")
    prepare(args.data, args.work)
    weights = MODELS / "weights" / "street-n"
    networks = [args.data / "weights" / COCO / "yolo11n.xml"]
    networks += [weights / precision / "street-n.xml" for precision in ("fp16", "int8")]
    tables = []
    for part, heading in HEADINGS.items():
        results = measured(args.work / f"{part}.jsonl", networks, UNMEASURED[part])
        (args.work / f"{part}.json").write_text(json.dumps(results, indent=1) + "\n")
        tables.append(table(heading, results))
    card = MODELS / "cards" / "street-n.md"
    card.write_text(with_tables(card.read_text(), tables))
    print(f"wrote {card}")


if __name__ == "__main__":
    main()

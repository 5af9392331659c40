"""Export the near network (`near.py`), enter it in the registry, and measure what it says of labelled road users.

In: `RUN/near.pt` and the label file it learnt from, whose crops calibrate INT8. Out: `models/weights/near-n/int8/` for
inputs of 320 x 320 px, its hashes in the registry. With --measure, for each class of a held-out label file
(`label.py`): how many of its road users one look would clear.

    python -m models.recipes.near_export --network RUN/near.pt --labels train.jsonl
    python -m models.recipes.near_export --measure test.jsonl
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator
from pathlib import Path

import nncf
import numpy as np

from detector.inference.near import LOOKS_LEAST, NearEyes, is_cleared, open_near_eyes
from detector.inference.registry import load_registry
from detector.types import ObjectClass
from models.recipes.export import FLOAT_HEAD, MODELS, enter, file_entry, openvino_model, save_openvino
from models.recipes.frames import read_frames
from models.recipes.intervals import wilson
from models.recipes.near import FILL, INPUT_PX, SEED, Subject, crop_around, subjects_of
from models.recipes.network import load_network, to_tensor

NAME = "near-n"
CALIBRATION_CROPS = 240
MOST = 400
"""Road users of a class that are measured, drawn with a fixed seed."""


def calibration_crops(labels: Path) -> Iterator[np.ndarray]:
    """Yield crops (1, 3, 320, 320) in 0..1 around labelled road users, drawn with a fixed seed."""
    subjects = subjects_of(read_frames(labels))
    for index in np.random.default_rng(SEED).permutation(len(subjects))[:CALIBRATION_CROPS]:
        yield to_tensor(crop_around(subjects[int(index)], FILL, mirrored=False)[0]).numpy()


def write_export(network: Path, labels: Path, registry: Path) -> Path:
    """Write the network beside `registry`, calibrated on crops of `labels`, enter its hashes there, return the file.

    Raises ValueError if the registry does not describe the network.
    """
    model = openvino_model(load_network(network))
    model.reshape([1, 3, INPUT_PX, INPUT_PX])
    scope = nncf.IgnoredScope(patterns=[*FLOAT_HEAD, r".*model\.23\.dfl.*"], types=["Sigmoid"], validate=False)
    data = nncf.Dataset(list(calibration_crops(labels)))
    model = nncf.quantize(
        model, data, preset=nncf.QuantizationPreset.MIXED, subset_size=CALIBRATION_CROPS, ignored_scope=scope
    )
    folder = registry.parent / "weights" / NAME / "int8"
    part = folder.with_name("int8.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    save_openvino(model, part / f"{NAME}.xml")
    shutil.rmtree(folder, ignore_errors=True)
    part.replace(folder)
    file = folder / f"{NAME}.xml"
    enter(registry, NAME, [file_entry(registry.parent, "openvino", "int8", [file, file.with_suffix(".bin")])])
    return file


def cleared_by_one_look(eyes: NearEyes, subject: Subject) -> bool:
    """Whether one look at a road user, taken for a motorcycle, would clear it if the others were like it."""
    size = np.array(subject.frame.image.shape[1::-1] * 2)
    true = np.array(subject.frame.size_wh * 2)
    if (size == true).all():
        look = eyes.scores(subject.frame.image, (np.array(subject.box) * size).tolist())
    else:
        crop, box = crop_around(subject, 1 / 4, mirrored=False)
        look = eyes.scores(crop, box.tolist())
    return is_cleared([look] * LOOKS_LEAST, eyes.score_min)


def measure(labels: Path) -> None:
    """Print a row per class: cleared, of how many, Wilson's interval at 95 %."""
    eyes = open_near_eyes(load_registry(MODELS / "registry.toml"))
    if eyes is None:
        raise SystemExit("models/registry.toml names no network for `near`; export one first")
    subjects = subjects_of(read_frames(labels))
    print("| class by label | cleared by one look |\n|---|---|")
    for kind in sorted({subject.kind for subject in subjects}):
        of_kind = [subject for subject in subjects if subject.kind == kind]
        drawn = np.random.default_rng(SEED).permutation(len(of_kind))[:MOST]
        cleared = sum(cleared_by_one_look(eyes, of_kind[int(index)]) for index in drawn)
        low, high = wilson(cleared, len(drawn))
        print(f"| {ObjectClass(kind).label} | {cleared}/{len(drawn)} ({low:.3f}-{high:.3f}) |")


def main() -> None:
    """Export, measure, or both, as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", type=Path, help="checkpoint of models.recipes.near")
    parser.add_argument("--labels", type=Path, help="label file of training, whose crops calibrate INT8")
    parser.add_argument("--registry", type=Path, default=MODELS / "registry.toml")
    parser.add_argument("--measure", type=Path, metavar="LABELS")
    arguments = parser.parse_args()
    if arguments.network is not None:
        if arguments.labels is None:
            parser.error("--network needs --labels, whose crops calibrate it")
        print(f"wrote {write_export(arguments.network, arguments.labels, arguments.registry)}")
    if arguments.measure is not None:
        measure(arguments.measure)


if __name__ == "__main__":
    main()

"""Export a trained street network and enter it in the registry: OpenVINO FP16 and INT8, ONNX, a .pt for Ultralytics.

In: a checkpoint of `train.py` or `blend.py` and the training label file, whose frames calibrate INT8. Out, under
`models/weights/NAME/`: `fp16/NAME.xml`, `int8/NAME.xml`, `NAME.onnx` in float32, its weights stored in float16 (height,
width and batch free, raw output (n, 4 + classes, anchors), xywh in input pixels and sigmoid scores, no suppression
inside) and `NAME.pt`; the registry's entry gets the new hashes. OpenVINO reads the .onnx too, so that it is a
registered file as any other.
Anchors are made from the input's shape, so any multiple of 32 px works.

    python -m models.recipes.export --network final.pt --labels train.jsonl --name street-n
    python -m models.recipes.export --network broad.pt --labels train.jsonl --name broad-n --int8-alone
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import shutil
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import cv2
import nncf
import numpy as np
import torch
import ultralytics
from torch import Tensor
from ultralytics.nn.tasks import DetectionModel

from detector.inference.private_openvino import ov
from models.recipes.degrade import degrade
from models.recipes.frames import Frame, read_frames
from models.recipes.network import CLASSES, STRIDE_PX, Image, input_size, letterbox, load_network, to_tensor
from models.recipes.onnx_halves import store_halves

MODELS = Path(__file__).resolve().parents[1]
LONG_SIDE_PX = 640
CALIBRATION_FRAMES = 240
SCORE_MIN = 0.25
STILLS = "long_sides_px = [512, 640, 768, 896]\nlook_score_min = 0.1\nscore_min = 0.05"
"""How single pictures are looked at: as street-n looks; without fits the mean of looks promises too little."""
FLOAT_HEAD = [rf".*model\.23/.*{kind}" for kind in ("Add", "Sub", "Mul", "Div", "Subtract", "Multiply", "Divide")]
"""Decoding of boxes stays in floating point, as in Ultralytics' own INT8 export."""
ONNX_OPSET = 17
SEED = 20


def exportable(network: DetectionModel, format_name: str) -> tuple[DetectionModel, Tensor]:
    """Return a copy of `network` that can be traced at any input size, and an example input it has seen."""
    network = copy.deepcopy(network).float().eval()
    head = network.model[-1]
    head.export, head.dynamic, head.format = True, True, format_name
    example = torch.zeros(1, 3, 384, LONG_SIDE_PX)
    with torch.inference_mode(False), torch.no_grad():
        network(example)
    return network, example


def save_onnx(network: DetectionModel, path: Path) -> None:
    """Write `network` as ONNX whose batch, height and width are free; it computes in float32, from float16 weights.

    Torch's older exporter is used: the newer one asks for one more library, onnxscript.
    """
    network, example = exportable(network, "onnx")
    axes = {"images": {0: "batch", 2: "height", 3: "width"}, "output0": {0: "batch", 2: "anchors"}}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (example,),
            str(path),
            dynamo=False,
            opset_version=ONNX_OPSET,
            input_names=["images"],
            output_names=["output0"],
            dynamic_axes=axes,
        )
    store_halves(path)


def openvino_model(network: DetectionModel) -> ov.Model:
    """Return `network` as an OpenVINO model whose batch, height and width are free."""
    network, example = exportable(network, "openvino")
    with torch.inference_mode(False), torch.no_grad():
        model = ov.convert_model(network, example_input=example, input=[("x", [-1, 3, -1, -1])])
    model.outputs[0].get_tensor().set_names({"output0"})
    model.set_rt_info("detect", ["model_info", "task"])
    model.set_rt_info(" ".join(CLASSES), ["model_info", "labels"])
    return model


def calibration_inputs(frames: list[Frame]) -> Iterator[np.ndarray]:
    """Yield letterboxed street frames (1, 3, h, w), a third of them degraded, wide and square in turn."""
    rng = np.random.default_rng(SEED)
    for number, index in enumerate(rng.choice(len(frames), min(CALIBRATION_FRAMES, len(frames)), replace=False)):
        frame = frames[index]
        image: Image = np.asarray(cv2.resize(frame.image, frame.size_wh), np.uint8)
        if number % 3 == 0:
            image = degrade(image, rng)
        size_wh = (LONG_SIDE_PX, LONG_SIDE_PX) if number % 4 == 0 else input_size(image, LONG_SIDE_PX)
        yield to_tensor(letterbox(image, size_wh)[0]).numpy()


def quantised(model: ov.Model, frames: list[Frame]) -> ov.Model:
    """Return `model` with INT8 weights and activations, calibrated on `frames`."""
    scope = nncf.IgnoredScope(patterns=[*FLOAT_HEAD, r".*model\.23\.dfl.*"], types=["Sigmoid"], validate=False)
    data = nncf.Dataset(list(calibration_inputs(frames)))
    return nncf.quantize(
        model, data, preset=nncf.QuantizationPreset.MIXED, subset_size=CALIBRATION_FRAMES, ignored_scope=scope
    )


def save_openvino(model: ov.Model, path: Path) -> None:
    """Write `model` as `path` (.xml) and .bin, floating point in half precision, without the white space that is a
    sixth of the .xml."""
    ov.save_model(model, path, compress_to_fp16=True)
    tree = ET.parse(path)
    for element in tree.iter():
        element.tail = None
        if element.text is not None and not element.text.strip():
            element.text = None
    tree.write(path, encoding="utf-8", xml_declaration=True)


def save_ultralytics(network: DetectionModel, path: Path) -> None:
    """Write the checkpoint that `ultralytics.YOLO(path)` loads: half precision, without optimiser state."""
    network = copy.deepcopy(network).half().eval()
    network.names = dict(enumerate(CLASSES))
    network.task = "detect"
    torch.save(
        {
            "model": network,
            "train_args": {"task": "detect", "imgsz": LONG_SIDE_PX},
            "version": ultralytics.__version__,
            "license": "AGPL-3.0-or-later",
        },
        path,
    )


def file_entry(folder: Path, backend: str, precision: str, files: list[Path]) -> str:
    """Return the registry's table of one export; the first of `files` is what a backend opens, from `folder` on."""
    hashes = ", ".join(f'"{file.name}" = "{hashlib.sha256(file.read_bytes()).hexdigest()}"' for file in files)
    return (
        f'[[networks.{files[0].stem}.files]]\nbackend = "{backend}"\nprecision = "{precision}"\n'
        f'path = "{files[0].relative_to(folder).as_posix()}"\nsha256 = {{{hashes}}}\n'
    )


def described(text: str, name: str, origin: str) -> str:
    """Return the registry's text with a description of street network `name`, if it has none yet."""
    if f"[networks.{name}]" in text:
        return text
    classes = "\n".join(f'{number} = "{kind}"' for number, kind in enumerate(CLASSES))
    return (
        f'{text.rstrip()}\n\n[networks.{name}]\ntask = "detect"\nlicence = "AGPL-3.0-or-later"\n'
        f'origin = "{origin}"\ncard = "cards/{name}.md"\nlong_side_px = {LONG_SIDE_PX}\nstride_px = {STRIDE_PX}\n'
        f"score_min = {SCORE_MIN}\n\n[networks.{name}.stills]\n{STILLS}\n\n[networks.{name}.classes]\n{classes}\n"
    )


def entered(text: str, name: str, entries: list[str]) -> str:
    """Return the registry's text with the file tables of network `name` replaced; everything else stays as it is.

    Raises ValueError if there is no table of that network.
    """
    header = f"[networks.{name}.classes]\n"
    if header not in text:
        raise ValueError(f"no {header.strip()} in the registry; write the network's description there first")
    blocks = text.split("\n\n")
    kept = [block for block in blocks if not block.startswith(f"[[networks.{name}.files]]")]
    place = next(n for n, block in enumerate(kept) if block.startswith(header.strip()))
    kept[place] = kept[place].rstrip("\n")
    kept[place + 1 : place + 1] = [entry.rstrip("\n") for entry in entries]
    return "\n\n".join(kept).rstrip("\n") + "\n"


def enter(registry: Path, name: str, entries: list[str], origin: str | None = None) -> None:
    """Put the file tables of network `name` into the registry at once, so that it is whole at every moment.

    With `origin`, a network the registry does not know is described, and a registry that does not exist begun.
    Raises ValueError if the registry does not describe the network.
    """
    new = not registry.is_file() and origin is not None
    text = f'version = 1\n\n[defaults]\ndetect = "{name}"\n' if new else registry.read_text()
    text = entered(described(text, name, origin) if origin is not None else text, name, entries)
    part = registry.with_suffix(".part")
    part.write_text(text)
    part.replace(registry)


def write_exports(
    network: DetectionModel,
    frames: list[Frame],
    registry: Path,
    name: str,
    origin: str | None = None,
    *,
    int8_alone: bool = False,
) -> Path:
    """Write every export of `network`, or INT8 alone, beside `registry`, enter them there, and return their folder.

    The files take their place together, once all are written: a run killed meanwhile leaves the network that was there.

    Raises ValueError if the registry does not describe the network and no `origin` is given.
    """
    folder = registry.parent / "weights" / name
    part = folder.with_name(f"{name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        exports = list(_written(network, frames, part, name, int8_alone=int8_alone))
        shutil.rmtree(folder, ignore_errors=True)
        part.replace(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    entries = [
        file_entry(registry.parent, backend, precision, [folder / file.relative_to(part) for file in files])
        for backend, precision, files in exports
    ]
    enter(registry, name, entries, origin)
    return folder


def _written(
    network: DetectionModel, frames: list[Frame], folder: Path, name: str, *, int8_alone: bool
) -> Iterator[tuple[str, str, list[Path]]]:
    """Write the exports into `folder`; yield backend, precision and files of each, in the registry's order."""
    model = openvino_model(network)
    halves, bytes_ = (folder / precision / f"{name}.xml" for precision in ("fp16", "int8"))
    bytes_.parent.mkdir(parents=True)
    save_openvino(quantised(model, frames), bytes_)
    yield "openvino", "int8", [bytes_, bytes_.with_suffix(".bin")]
    if int8_alone:
        return
    halves.parent.mkdir()
    save_openvino(model, halves)
    yield "openvino", "fp16", [halves, halves.with_suffix(".bin")]
    save_onnx(network, folder / f"{name}.onnx")
    yield "openvino", "fp32", [folder / f"{name}.onnx"]
    save_ultralytics(network, folder / f"{name}.pt")
    yield "ultralytics", "fp16", [folder / f"{name}.pt"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", type=Path, required=True, help="checkpoint of models.recipes.train")
    parser.add_argument("--labels", type=Path, required=True, help="train.jsonl; its frames calibrate INT8")
    parser.add_argument("--registry", type=Path, default=MODELS / "registry.toml")
    parser.add_argument("--name", default="street-n")
    parser.add_argument("--int8-alone", action="store_true", help="for a network that nobody but this product runs")
    args = parser.parse_args()
    network, frames = load_network(args.network), read_frames(args.labels)
    folder = write_exports(network, frames, args.registry, args.name, int8_alone=args.int8_alone)
    print(f"wrote {folder} and its entry in {args.registry}")


if __name__ == "__main__":
    main()

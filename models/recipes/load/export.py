"""Export the trained load network to OpenVINO (FP16 and INT8) and enter both in the registry with their hashes.

In: the mixture of `blend.py`; licensed crops and renders calibrate INT8. Out: `models/weights/load-n/{fp16,int8}/`,
input (n, 3, 192, 192) RGB 0..1, output (n, 5) calibrated probabilities in the order of `LoadState`.

    python -m models.recipes.load.export --network mixture.pt --coco coco.pt \
        --loads ../shared/data/loads --streets ../shared/data/detection/vn_streets --renders renders
"""

from __future__ import annotations

import argparse
from pathlib import Path

import nncf
import numpy as np
import torch

from detector.inference.private_openvino import ov
from models.recipes.export import MODELS, enter, file_entry, save_openvino
from models.recipes.load.augment import look
from models.recipes.load.data import Sample
from models.recipes.load.network import SIDE_PX, LoadMixture, read_mixture
from models.recipes.load.train import training_samples
from models.recipes.network import to_tensor

NAME = "load-n"
CALIBRATION_LOOKS = 240
SEED = 11


def openvino_model(network: LoadMixture) -> ov.Model:
    """The network with its softmax and temperature inside; batch free."""
    example = torch.zeros(1, 3, SIDE_PX, SIDE_PX)
    with torch.no_grad():
        model = ov.convert_model(
            network.eval(), example_input=example, input=[ov.PartialShape([-1, 3, SIDE_PX, SIDE_PX])]
        )
    model.outputs[0].get_tensor().set_names({"output0"})
    return model


def quantised(model: ov.Model, samples: list[Sample]) -> ov.Model:
    """The model with INT8 weights and activations, its head left in floating point."""
    rng = np.random.default_rng(SEED)
    chosen = rng.choice(len(samples), min(CALIBRATION_LOOKS, len(samples)), replace=False)
    looks = [to_tensor(look(samples[n], samples[n].pixels(), rng)[0]).numpy() for n in chosen]
    scope = nncf.IgnoredScope(types=["MatMul", "SoftMax", "Sigmoid"], validate=False)
    return nncf.quantize(
        model, nncf.Dataset(looks), preset=nncf.QuantizationPreset.MIXED, subset_size=len(looks), ignored_scope=scope
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", type=Path, required=True)
    parser.add_argument("--coco", type=Path, required=True)
    parser.add_argument("--loads", type=Path, required=True)
    parser.add_argument("--streets", type=Path, required=True, help="the folder vn_streets")
    parser.add_argument("--renders", type=Path, required=True)
    args = parser.parse_args()
    model, entries = openvino_model(read_mixture(args.network, args.coco)), []
    samples = training_samples(args.loads, args.streets, args.renders)
    small = quantised(openvino_model(read_mixture(args.network, args.coco)), samples)
    for precision, made in (("int8", small), ("fp16", model)):
        path = MODELS / "weights" / NAME / precision / f"{NAME}.xml"
        path.parent.mkdir(parents=True, exist_ok=True)
        save_openvino(made, path)
        entries.append(file_entry(MODELS, "openvino", precision, [path, path.with_suffix(".bin")]))
    enter(MODELS / "registry.toml", NAME, entries)
    print(f"wrote {MODELS / 'weights' / NAME} and its entry in the registry")


if __name__ == "__main__":
    main()

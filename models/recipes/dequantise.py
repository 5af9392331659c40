"""Turn the INT8 OpenVINO export of the COCO network back into a float torch network.

In: the OpenVINO file of Ultralytics' YOLO11n (AGPL-3.0). Out: two checkpoints for `load_network`: `coco.pt` with
all 80 classes (the teacher) and `start.pt` with the six classes of the product, from which training starts.
The file names each convolution like the torch module it came from; its weight input, evaluated, gives float
weights with BatchNorm already folded in, and the constant of the addition behind it is the bias.

    python -m models.recipes.dequantise --source ../shared/data/weights/yolo11n_coco_int8_openvino_model
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from detector.inference.private_openvino import ov
from models.recipes.network import build_network, load_network, save_network, street_head

NAME = re.compile(r"^__module\.(model\..*?)/aten::_convolution/(?:Group)?Convolution$")


def evaluate(output: ov.Output) -> np.ndarray:
    """Return the value of a constant sub-graph, such as a scaled and shifted INT8 weight."""
    compiled = ov.Core().compile_model(ov.Model([output], []), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return np.array(compiled({})[0])


def bias_behind(convolution: ov.Node) -> np.ndarray:
    """Return the constant added to the output of `convolution`."""
    (target,) = convolution.output(0).get_target_inputs()
    addition = target.get_node()
    return evaluate(addition.input(1 - target.get_index()).get_source_output()).reshape(-1)


def float_state(xml: Path) -> dict[str, Tensor]:
    """Return the torch state of a BatchNorm-free YOLO11n read from the OpenVINO file `xml`."""
    if not xml.is_file():
        raise FileNotFoundError(f"{xml}: the bootstrap network is not here; give its folder with --source")
    state: dict[str, Tensor] = {}
    for node in ov.Core().read_model(xml).get_ordered_ops():
        match = NAME.match(node.get_friendly_name())
        if match is None or ".dfl." in match[1]:
            continue
        weight = evaluate(node.input(1).get_source_output()).astype(np.float32)
        if node.get_type_name() == "GroupConvolution":
            weight = weight.reshape(-1, *weight.shape[2:])
        key = match[1] if match[1].endswith(".conv") or re.search(r"cv[23]\.\d\.2$", match[1]) else f"{match[1]}.conv"
        state[f"{key}.weight"] = torch.from_numpy(weight)
        state[f"{key}.bias"] = torch.from_numpy(bias_behind(node).astype(np.float32))
    return state


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path, required=True, help="folder of the INT8 OpenVINO export")
    parser.add_argument("--out", type=Path, required=True, help="folder for coco.pt and start.pt")
    args = parser.parse_args()
    coco = build_network(80)
    state = float_state(args.source / "yolo11n.xml") | {"model.23.dfl.conv.weight": coco.model[-1].dfl.conv.weight}
    coco.load_state_dict(state)
    save_network(args.out / "coco.pt", coco, 80)
    start = build_network()
    start.load_state_dict(street_head(coco.state_dict()))
    save_network(args.out / "start.pt", start, start.nc)
    load_network(args.out / "start.pt")
    print(f"{len(state) // 2} convolutions read; wrote {args.out / 'coco.pt'} and {args.out / 'start.pt'}")


if __name__ == "__main__":
    main()

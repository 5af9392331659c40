"""Export both plate networks to OpenVINO and enter them in the registry with their hashes.

In: one or more `reader.pt` of `train.py`, `finder.pt` of `train_finder.py`. Out: `models/weights/plate-n/` (finder) and
`models/weights/plate-text-n/` (reader), half precision. Several readers become one graph that answers with the mean of
their probabilities; its temperature, found on fresh renders by `calibrate.py`, is part of the graph.

    python -m models.recipes.plate.export --reader runs/plate/a/reader.pt runs/plate/b/reader.pt --temperature 1.3 \
        --finder runs/plate/find/finder.pt
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from detector.inference.private_openvino import ov
from models.recipes.export import MODELS, enter, file_entry, save_openvino
from models.recipes.plate.finder import SIDE_PX, Finder
from models.recipes.plate.network import INPUT_WH, Reader

READER, FINDER = "plate-text-n", "plate-n"
LEAST = 1e-7
"""Probability that half precision still holds."""


class Jury(nn.Module):
    """Readers whose probabilities at each place are averaged, flattened by a temperature.

    Only readers grown from one another (`network.grown`) put a character at the same place, as a mean needs.
    """

    def __init__(self, readers: Sequence[Reader], temperature: float = 1.0) -> None:
        super().__init__()
        self.readers, self.temperature = nn.ModuleList(readers), temperature

    def forward(self, x: Tensor) -> Tensor:
        """Log-probabilities (n, 2, 40, 34)."""
        mean = torch.stack([reader(x).exp() for reader in self.readers]).mean(0)
        return nn.functional.log_softmax(mean.clamp(min=LEAST).log() / self.temperature, dim=3)


def openvino_model(network: nn.Module, size_wh: tuple[int, int]) -> ov.Model:
    """The network as an OpenVINO model for one picture of that size."""
    example = torch.zeros(1, 3, size_wh[1], size_wh[0])
    with torch.no_grad():
        model = ov.convert_model(network.eval(), example_input=example, input=[ov.PartialShape(list(example.shape))])
    model.outputs[0].get_tensor().set_names({"output0"})
    return model


def read_reader(path: Path) -> Reader:
    state = torch.load(path, weights_only=True)
    reader = Reader(state["trunk.0.convolution.weight"].shape[0])
    reader.load_state_dict(state)
    return reader.eval()


def read_finder(path: Path) -> Finder:
    state = torch.load(path, weights_only=True)
    finder = Finder(state["trunk.0.0.weight"].shape[0])
    finder.load_state_dict(state)
    return finder.eval()


def save(model: ov.Model, name: str) -> None:
    path = MODELS / "weights" / name / "fp16" / f"{name}.xml"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_openvino(model, path)
    entry = file_entry(MODELS, "openvino", "fp16", [path, path.with_suffix(".bin")])
    enter(MODELS / "registry.toml", name, [entry])
    print(f"wrote {path.parent} and its entry in the registry")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reader", type=Path, nargs="*", default=[])
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--finder", type=Path)
    args = parser.parse_args()
    if args.reader:
        readers = [read_reader(path) for path in args.reader]
        save(openvino_model(Jury(readers, args.temperature), INPUT_WH), READER)
    if args.finder:
        save(openvino_model(read_finder(args.finder), (SIDE_PX, SIDE_PX)), FINDER)


if __name__ == "__main__":
    main()

"""A reader to train on, out of the graph that ships: for a city that goes on from the product's own weights.

In: the OpenVINO graph of `plate-text-n` and which of its readers. Out: `reader.pt`, as `train.py --start` takes it. The
graph holds each normalisation folded into its convolution, so training could not go on from it as it is: here the
normalisation is taken out again with the mean and spread that rendered plates have behind each convolution, and then
answers the same.

    python -m models.recipes.plate.unfold --number 1 --out runs/plate/shipped/reader.pt
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from detector.inference.private_openvino import ov
from models.recipes.export import MODELS
from models.recipes.plate.export import READER
from models.recipes.plate.glyphs import FONT_FOLDERS, Glyphs
from models.recipes.plate.network import Reader
from models.recipes.plate.train import Renders

GRAPH = MODELS / "weights" / READER / "fp16" / f"{READER}.xml"
SEED = 61
SEEN = 512
"""Rendered crops that the mean and the spread are taken over."""


def unfolded(graph: Path, number: int, crops: Tensor) -> Reader:
    """Reader `number` of the graph, ready to be trained on, answering as it does in the graph.

    Args:
        crops: (n, 3, 64, 160) RGB 0..1.

    Raises:
        ValueError: the graph has no such reader.
    """
    held = list(_constants(graph, number))
    if not held:
        raise ValueError(f"{graph}: reader {number}: the graph has no such reader; count from 0")
    reader = Reader(held[0].shape[0]).eval()
    for layer, normal in _folded(reader):
        weight, bias = held.pop(0), held.pop(0)
        layer.weight.data.copy_(weight)
        normal.bias.data.copy_(bias.flatten())
        if layer is reader.trunk[-1].convolution:
            _attention(reader, held)
    last = reader.along[-1]
    last.weight.data.copy_(held.pop(0))
    last.bias.data.copy_(held.pop(0).flatten())
    _normalise(reader, crops)
    return reader


def _attention(reader: Reader, held: list[Tensor]) -> None:
    """The look's own offset is a part of the heights' in the graph, and stays there."""
    reader.look.weight.data.copy_(held.pop(0))
    nn.init.zeros_(reader.look.bias)
    reader.height.data.copy_(held.pop(0)[0])
    reader.own.data.copy_(held.pop(0)[0])


def _folded(reader: Reader) -> Iterator[tuple[nn.Conv1d | nn.Conv2d, nn.BatchNorm1d | nn.BatchNorm2d]]:
    for block in reader.trunk:
        yield block.convolution, block.normal
    for at in (0, 4):
        yield reader.along[at], reader.along[at + 1]


@torch.no_grad()
def _normalise(reader: Reader, crops: Tensor) -> None:
    """Each normalisation gets what it sees on the crops, and undoes it: what follows is as before."""
    for layer, normal in _folded(reader):
        seen: list[Tensor] = []
        hook = layer.register_forward_hook(lambda _layer, _taken, given, seen=seen: seen.append(given))
        normal.running_mean.zero_()
        normal.running_var.fill_(1 - normal.eps)
        reader(crops)
        hook.remove()
        apart = [number for number in range(seen[0].dim()) if number != 1]
        mean, spread = seen[0].mean(apart), seen[0].var(apart)
        normal.running_mean.copy_(mean)
        normal.running_var.copy_(spread)
        normal.weight.data.copy_((spread + normal.eps).sqrt())
        normal.bias.data.add_(mean)


def _constants(graph: Path, number: int) -> Iterator[Tensor]:
    """The weights of one reader in the order in which it reckons."""
    readers = -1
    for operation in ov.Core().read_model(graph).get_ordered_ops():
        if operation.get_type_name() != "Constant" or not operation.get_element_type().is_real():
            continue
        value = np.array(operation.data, np.float32)
        readers += value.ndim == 4 and value.shape[1] == 3
        if value.size > 1 and readers == number:
            yield torch.from_numpy(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graph", type=Path, default=GRAPH)
    parser.add_argument("--number", type=int, default=1, help="of the reader in the graph, from 0")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    renders = Renders(Glyphs(FONT_FOLDERS), np.random.default_rng(SEED))
    crops, _, _ = renders.batch(SEEN)
    try:
        reader = unfolded(args.graph, args.number, crops)
    except ValueError as fault:
        parser.error(str(fault))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save(reader.state_dict(), args.out)
    print(f"wrote {args.out}")


if __name__ == "__main__":
    main()

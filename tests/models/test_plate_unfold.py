"""Readers out of the graph that ships: to be trained on, answering as they do in it."""

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch")

from detector.inference.private_openvino import ov  # noqa: E402
from models.recipes.plate.export import Jury  # noqa: E402
from models.recipes.plate.glyphs import Glyphs  # noqa: E402
from models.recipes.plate.network import Reader  # noqa: E402
from models.recipes.plate.train import Renders, loss_of  # noqa: E402
from models.recipes.plate.unfold import GRAPH, unfolded  # noqa: E402


def renders(seed: int) -> Renders:
    return Renders(Glyphs(()), np.random.default_rng(seed))


def answers(graph: ov.Model, crops: NDArray[np.float32]) -> NDArray[np.float32]:
    compiled = ov.Core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return np.concatenate([np.array(compiled(crop[None])[0]) for crop in crops])


def test_the_shipped_readers_come_back_and_answer_alike() -> None:
    crops, _, _ = renders(3).batch(48)
    shipped = answers(ov.Core().read_model(GRAPH), crops[:6].numpy())
    back = [unfolded(GRAPH, number, crops) for number in (0, 1)]
    with torch.inference_mode():
        again = Jury(back).eval()(crops[:6]).numpy()
    # Runtimes round differently where a place lies between two characters; elsewhere they agree.
    assert np.abs(np.exp(shipped) - np.exp(again)).mean() < 2e-4
    with torch.inference_mode():
        other = Jury(back[:1]).eval()(crops[:6]).numpy()
    assert np.abs(np.exp(shipped) - np.exp(other)).mean() > 2e-4, "one reader alone answers otherwise"


def test_training_goes_on_from_what_it_knows() -> None:
    drawn = renders(4)
    crops, _, _ = drawn.batch(128)
    reader = unfolded(GRAPH, 1, crops)
    inputs, rows, _ = drawn.batch(32)
    with torch.no_grad():
        asleep = float(loss_of(reader(inputs), rows))
        awake = float(loss_of(reader.train()(inputs), rows))
        new = float(loss_of(Reader(32)(inputs), rows))
    assert awake < asleep + 0.3 < new


def test_a_reader_that_the_graph_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="the graph has no such reader; count from 0"):
        unfolded(GRAPH, 9, renders(5).batch(2)[0])

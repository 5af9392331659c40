"""The plates' training loop: taken up where it was left, and a wider reader that begins as the narrow one."""

from pathlib import Path

import torch
from torch import Tensor, nn

from models.recipes.plate.loop import Run
from models.recipes.plate.network import Reader, grown


def sitting(out: Path, seconds: float) -> Run:
    torch.manual_seed(3)
    network = nn.Linear(2, 1)

    def loss_at(_part: float) -> Tensor:
        points = torch.randn(8, 2)
        return ((network(points) - points.sum(1, keepdim=True)) ** 2).mean()  # type: ignore[no-any-return]

    run = Run(network, out, name="line", rate=0.05, warm_steps=1)
    run.train(loss_at, seconds)
    return run


def test_a_run_goes_on_where_it_was_left_and_does_nothing_once_its_time_is_spent(tmp_path: Path) -> None:
    first = sitting(tmp_path, 0.3)
    assert first.step > 0
    kept = torch.load(tmp_path / "line.pt", weights_only=True)
    idle = sitting(tmp_path, 0.2)
    assert (idle.step, idle.spent_s) == (first.step, first.spent_s)
    assert all(torch.equal(kept[key], now) for key, now in torch.load(tmp_path / "line.pt", weights_only=True).items())
    longer = sitting(tmp_path, first.spent_s + 0.3)
    assert longer.step > first.step
    assert not list(tmp_path.glob("*.part"))


def test_a_wider_reader_answers_as_the_narrow_one_it_grew_from() -> None:
    torch.manual_seed(0)
    narrow, wide = Reader(8).eval(), Reader(12).eval()
    wide.load_state_dict(grown(narrow.state_dict(), 12))
    pictures = torch.rand(2, 3, 64, 160)
    with torch.inference_mode():
        assert torch.allclose(narrow(pictures), wide(pictures), atol=1e-4)

"""A standpoint is not laid aside before the acts that are over are: a kill in between would lose them."""

from pathlib import Path

import pytest

from detector.types import Detections
from pipelines.live.journal import open_journal
from pipelines.live.keeper import Keeper
from pipelines.live.watch import Watch
from tests.builders import stamp
from tests.pipelines.live.watching import kerb_watch


def step(watch: Watch, keeper: Keeper, t_s: float) -> None:
    watch.lane.step(stamp(t_s), Detections.empty())
    keeper.look(watch)


def laid_aside(folder: Path, *, unsafe: bool, put_off_s: float) -> tuple[bool, list[str]]:
    """Whether a standpoint lay on disk after an act had come, been kept or not, and what the log said."""
    keeper, lines = Keeper(every_s=0.0, put_off_s=put_off_s), list[str]()
    close = open_journal(lines.append)
    with kerb_watch(folder) as watch:
        watch.unsafe.add("act")
        step(watch, keeper, 0.2)
        if not unsafe:
            watch.safe("act")
        step(watch, keeper, 0.4)
        step(watch, keeper, 0.6)
        keeper.start()
        keeper.close()
    close()
    return (folder / "camera-KERB" / "state").exists(), lines


@pytest.mark.parametrize(
    ("label", "unsafe", "put_off_s", "written", "warnings"),
    [
        ("the act is in memory alone", True, 30.0, False, 0),
        ("the act is kept", False, 30.0, True, 0),
        ("the disk has taken no act for too long", True, 0.0, True, 1),
    ],
)
def test_a_standpoint_waits_for_acts_to_be_kept(
    tmp_path: Path, label: str, unsafe: bool, put_off_s: float, written: bool, warnings: int
) -> None:
    laid, lines = laid_aside(tmp_path, unsafe=unsafe, put_off_s=put_off_s)
    assert laid is written, label
    assert sum("event=acts-unsafe camera=KERB" in line for line in lines) == warnings, label

"""Overload is told when it lasts, and when it is over."""

import pytest

from pipelines.live.journal import open_journal
from pipelines.live.overload import OverloadWatch
from pipelines.live.status import CameraStatus, State, StreamStatus


@pytest.mark.parametrize(
    ("label", "dropped", "stale", "analysed", "overloaded"),
    [
        ("keeps up", 0, 0, 5, False),
        ("loses some", 1, 1, 3, False),
        ("overtaken", 4, 0, 1, True),
        ("too old", 0, 4, 1, True),
        ("nothing comes at all", 0, 0, 0, False),
    ],
)
def test_lost_frames_a_second_for_half_a_minute(
    label: str, dropped: int, stale: int, analysed: int, overloaded: bool
) -> None:
    status = CameraStatus(id="A", streams=(StreamStatus(role="main", state=State.LIVE),))
    watch, lines = OverloadWatch(), list[str]()
    close = open_journal(lines.append)
    for second in range(30):
        watch.look(status, float(second))
        status.dropped, status.stale = status.dropped + dropped, status.stale + stale
        status.analysed += analysed
    assert status.overloaded is overloaded, label
    for second in range(30, 60):
        watch.look(status, float(second))
        status.analysed += 5
    close()
    assert not status.overloaded
    told = [line.split("event=")[1].split()[0] for line in lines]
    assert told == (["overloaded", "keeps-up"] if overloaded else [])

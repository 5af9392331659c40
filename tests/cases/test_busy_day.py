"""Ten minutes of the busy day that `tests.cases.busy_day` makes at length: what a trial finds."""

from pathlib import Path

from tests.cases.busy_day import keep, tried


def test_a_wrong_drawing_over_a_busy_street_is_counted(tmp_path: Path) -> None:
    keep(tmp_path, tracks=120, hours=1 / 6)
    told = tried(tmp_path)
    counts = told["counts"]
    assert isinstance(counts, dict)
    assert counts["appears"] > 0 < counts["vanishes"], "cars that stand appear, riders against the lane vanish"
    assert told["listed"] == sum(counts.values())

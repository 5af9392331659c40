"""Streams cut once in four ways: each is judged again by itself, and its parking becomes one case."""

from pathlib import Path

from tests.pipelines.live.cuts import cut_all, row


def test_every_cut_is_over_by_itself_and_no_parking_is_lost(tmp_path: Path) -> None:
    told = cut_all(tmp_path, 1, outages_s=(6.0, 6.0), limit_s=12)
    print(*map(row, told), sep="\n")
    for one in told:
        (cut,) = one.cuts
        assert cut.lost or not one.source.anew, row(one)
        assert one.status.violations == one.status.cases == len(one.cases) == 1, row(one)
        assert one.status.lost == 0, row(one)

"""Workers killed with SIGKILL over and over: a parking that outlasts them is found, once, with its evidence."""

from pathlib import Path

import pytest

from cases.evidence import FolderStore, verify_bundle
from tests.pipelines.live.killing import killed_worker
from tests.pipelines.live.parked import make_parked
from tests.pipelines.live.servers import rtsp_server
from tests.pipelines.live.test_run import cases_in


@pytest.mark.parametrize("kills", [1])
def test_a_parking_outlasts_killed_workers_and_becomes_one_case(tmp_path: Path, kills: int) -> None:
    with rtsp_server(make_parked(tmp_path)) as server:
        log = killed_worker(tmp_path, server.url, kills=kills, lives_s=8.0, limit_s=14.0)
    (case,) = cases_in(tmp_path / "data", "KERB")
    assert case.kind == "illegal_parking"
    assert case.facts["gaps"] >= 1 and case.facts["gap_s"] > 0
    assert "stream_gap" in case.cannot_tell
    assert case.facts["dwell_s"] >= 14.0
    assert log.count("event=resumed") == kills + 1
    assert log.count("event=taken-up") == 1, "killed between violation and case"
    assert "event=violation-lost" not in log
    folder = FolderStore(tmp_path / "data" / "evidence").root / case.evidence_location
    assert verify_bundle(folder).faults == ()
    assert not list((tmp_path / "data" / "live" / "acts").glob("*")), "nothing waits any more"

"""A camera that goes black: seen in state, metrics and log, judged no more, and a parking outlasts it."""

import urllib.request
from pathlib import Path
from threading import Event

from pipelines.live.endpoints import serving
from pipelines.live.status import State
from tests.pipelines.live.parked import make_parked, open_parked, write_kerb
from tests.pipelines.live.seeing import write_cameras
from tests.pipelines.live.test_run import cases_in, running
from tests.processes import wait_until


def test_a_black_camera_is_told_not_judged_and_costs_no_parking(tmp_path: Path) -> None:
    video = make_parked(tmp_path, length_s=21, black_s=(6, 14))
    write_kerb(tmp_path, "KERB", limit_s=14)
    with running(
        write_cameras(tmp_path, f"scene: KERB.yaml, stream: {video}"), tmp_path / "data", open_parked
    ) as worker:
        camera = worker.camera()
        wait_until(lambda: camera.state is State.BLACK, timeout_s=60)
        with serving(worker.collector, Event(), host="127.0.0.1", port=0) as port:
            text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
        assert 'phatnguoi_live_state{camera="KERB",state="black"} 1.0' in text
        assert "check lens" in camera.problem
        assert camera.said is not None and camera.said.code == "black"
        judged = camera.analysed
        wait_until(lambda: camera.blind >= 3, timeout_s=60)
        assert camera.analysed <= judged + 2
        wait_until(worker.result.done, timeout_s=60)
        (status,) = worker.result.result()
        told = [line.split("event=")[1].split()[0] for line in worker.lines]
    assert [event for event in told if event in ("black", "sees-again", "violation")] == [
        "black",
        "sees-again",
        "violation",
    ]
    assert (status.cases, status.lost) == (1, 0)
    (case,) = cases_in(tmp_path / "data", "KERB")
    assert case.facts["gaps"] == 1 and 2 < case.facts["gap_s"] < 14
    assert case.facts["dwell_s"] >= 14
    assert (tmp_path / "data" / "live" / "camera-KERB" / "view").exists(), "the view that was learned"
    assert not (tmp_path / "data" / "live" / "camera-KERB" / "state").exists(), "the file is over for good"

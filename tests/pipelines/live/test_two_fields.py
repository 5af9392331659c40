"""A live stream of two fields: told by its pictures, looked at and kept as evidence by one field."""

import time
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from av import VideoFrame
from numpy.typing import NDArray

from detector.types import ClockGrade
from pipelines.live.acts import ActBox
from pipelines.live.clock import Reading
from pipelines.live.footage import RingFootage
from pipelines.live.frozen import freeze, replace_file, thaw
from pipelines.live.reader import LiveFrame
from pipelines.scene_file import load_scene
from pipelines.video import open_recording, stills_at
from tests.footage_maker import write_video
from tests.pipelines.live.parked import SIZE_WH as KERB_WH
from tests.pipelines.live.seeing import STREAM_FPS, write_camera, write_cameras
from tests.pipelines.live.test_reel import packets_of
from tests.pipelines.live.test_run import cases_in, running
from tests.pipelines.live.watching import kerb_watch
from tests.pipelines.street import FRAMES, RIDES_S, SIZE_WH, picture, write_scene
from tests.pipelines.test_evidence import act
from tests.pipelines.video.fields import FLAGGED, combed, film, street, woven
from tests.processes import wait_until

LOOK_S = 0.2


def come(image: NDArray[np.uint8], t_s: float) -> LiveFrame:
    width, height = KERB_WH
    raw = VideoFrame.from_ndarray(np.ascontiguousarray(image[:height, :width]), "bgr24").reformat(format="yuv420p")
    reading = Reading(t_s=t_s, epoch=0, late_s=0.0, grade=ClockGrade.PTS)
    return LiveFrame(raw=raw, reading=reading, arrived_s=time.monotonic())


def test_a_stream_is_told_by_what_moves_in_it(tmp_path: Path) -> None:
    with kerb_watch(tmp_path) as watch:
        for number in range(30):
            shown = watch.frame(come(street(number * LOOK_S), number * LOOK_S))
            watch.sight.compare(shown)
            assert not shown.one_field
        assert not watch.footage().interlaced
    with kerb_watch(tmp_path) as watch:
        fields = []
        for number in range(30):
            shown = watch.frame(come(combed(number * LOOK_S), number * LOOK_S))
            watch.sight.compare(shown)
            fields.append(shown.one_field)
        assert fields == sorted(fields) and sum(fields) >= 20, "told within two seconds, and for good"
        assert watch.footage().interlaced
        watch.camera = replace(watch.camera, detect=watch.camera.main)
        assert not watch.footage().interlaced, "of another stream than the one looked at nothing is known"


def test_stills_of_the_ring_are_those_of_the_recording(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", two_fields=True)
    wanted_s = [0.4, 1.0, 2.0]
    (true, kept) = stills_at(open_recording(path), wanted_s), tuple(packets_of(path, since_s=0.0))
    for still, other in zip(RingFootage(name="camera", kept=kept, interlaced=True).stills(wanted_s), true, strict=True):
        assert still.one_field
        assert np.array_equal(still.image, other.image)


def test_stills_of_a_stream_that_says_so_show_one_field_whatever_is_known(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", two_fields=True, options=FLAGGED)
    (still,) = RingFootage(name="camera", kept=tuple(packets_of(path, since_s=0.0))).stills([1.0])
    assert still.one_field
    assert np.array_equal(still.image, stills_at(open_recording(path), [1.0])[0].image)


@pytest.mark.parametrize("interlaced", [False, True])
def test_an_act_that_waits_on_disk_keeps_what_is_known(tmp_path: Path, interlaced: bool) -> None:
    path = write_video(tmp_path / "a.mp4", frames=50)
    footage = RingFootage(name="camera", kept=tuple(packets_of(path, since_s=0.0)), interlaced=interlaced)
    box, violation = ActBox(tmp_path / "acts"), act(0.5, 1.5)
    box.keep(violation, load_scene(write_scene(tmp_path / "scene.yaml")), footage)
    assert box.footage(violation.id).interlaced is interlaced


def test_an_act_kept_by_older_software_is_read(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", frames=50)
    box, violation = ActBox(tmp_path / "acts"), act(0.5, 1.5)
    kept = RingFootage(name="camera", kept=tuple(packets_of(path, since_s=0.0)), interlaced=True)
    box.keep(violation, load_scene(write_scene(tmp_path / "scene.yaml")), kept)
    (file,) = (tmp_path / "acts").glob("*/act")
    content = thaw(file.read_bytes())
    del content["interlaced"]
    replace_file(file, [freeze(content)])
    assert not box.footage(violation.id).interlaced


@pytest.mark.parametrize("options", [FLAGGED, {}], ids=["said", "not said"])
def test_live_finds_every_ride_of_a_street_of_two_fields(tmp_path: Path, options: dict[str, str]) -> None:
    def both(number: int, _: tuple[int, int]) -> NDArray[np.uint8]:
        return woven(picture(number, SIZE_WH), picture(number + 1, SIZE_WH))

    video = write_video(
        tmp_path / "fast.mp4", frames=FRAMES, fps=STREAM_FPS, size_wh=SIZE_WH, picture=both, options=options
    )
    write_camera(tmp_path, "FIELDS")
    with running(write_cameras(tmp_path, f"scene: FIELDS.yaml, stream: {video}"), tmp_path / "data") as worker:
        wait_until(worker.result.done, timeout_s=90)
    found = cases_in(tmp_path / "data", "FIELDS")
    assert [case.kind for case in found] == ["wrong_way"] * len(RIDES_S)
    assert all(case.facts["interlaced"] is True for case in islice(found, 1, None))

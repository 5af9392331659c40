"""A recording is decoded as little as its scene allows; whoever parks is found from keyframes alone."""

from pathlib import Path
from threading import Event

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.inference import Backend, Network
from detector.inference.scripted import ScriptedBackend, ScriptedFrame
from detector.types import ViolationKind
from pipelines.reading import reading_thrift
from pipelines.video import ReadCounters, Recording, Thrift, open_recording, open_source
from pipelines.video.keyframes import longest_gap_s
from tests.builders import scene_of
from tests.footage_maker import numbered, write_video
from tests.pipelines.street import run

SIZE_WH = (640, 360)
FPS = 25
SQUARE = "polygon: [[0, 0], [640, 0], [640, 360], [0, 360]]"
PARKS_S, LEAVES_S, LENGTH_S = 6.0, 46.0, 60.0
LIMIT_S = 20


def street(number: int, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
    image = numbered(0, size_wh)
    # A camera's noise, new with each keyframe: one picture again and again would be a source that hangs.
    noise = np.random.default_rng(number // (2 * FPS)).integers(0, 4, (size_wh[1] // 20, size_wh[0] // 20, 1), np.uint8)
    image += np.kron(noise, np.ones((20, 20, 1), np.uint8))
    box = parked(number / FPS)
    if box is not None:
        x1, y1, x2, y2 = (round(side) for side in box)
        image[y1:y2, max(x1, 0) : x2] = (40, 60, 200)
    return image


def parked(t_s: float) -> tuple[float, float, float, float] | None:
    """A car drives in, stands from `PARKS_S` to `LEAVES_S` and drives off."""
    x = 300.0 - 100 * max(PARKS_S - t_s, 0) + 100 * max(t_s - LEAVES_S, 0)
    return (x, 220, x + 90, 280) if 0 < x < 560 else None


def script(_network: Network) -> Backend:
    frames = []
    for number in range(round(LENGTH_S * FPS)):
        box = parked(number / FPS)
        objects = [] if box is None else [{"kind": "car", "xyxy": box}]
        frames.append(ScriptedFrame.model_validate({"t_s": number / FPS, "objects": objects}))
    return ScriptedBackend(tuple(frames))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    path = tmp_path_factory.mktemp("parked") / "parked.mp4"
    options = {"g": str(2 * FPS), "sc_threshold": "0"}
    frames = round(LENGTH_S * FPS)
    return open_recording(write_video(path, frames=frames, fps=FPS, size_wh=SIZE_WH, picture=street, options=options))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return open_recording(write_video(tmp_path_factory.mktemp("large") / "a.mp4", frames=30, size_wh=(1280, 720)))


RULES = {
    "parking alone": ("no_parking", True),
    "a blocked road": ("carriageway", True),
    "a pavement, for who rides on it": ("sidewalk", False),
    "a one-way lane": ("one_way, direction: [[0, 0], [0, 300]]", False),
    "loads": ("load_check", False),
}


@pytest.mark.parametrize("label", RULES)
def test_keyframes_do_where_only_standing_counts(recorded: Recording, label: str) -> None:
    kind, alone = RULES[label]
    thrift = reading_thrift(scene_of(f"{{id: a, kind: {kind}, {SQUARE}}}", size=SIZE_WH), recorded, 5.0)
    assert thrift.keyframes == alone


def test_keyframes_do_not_do_where_they_are_rare(tmp_path: Path) -> None:
    path = write_video(
        tmp_path / "rare.mp4", frames=90, fps=25, size_wh=(64, 64), options={"g": "75", "sc_threshold": "0"}
    )
    recording = open_recording(path)
    assert longest_gap_s(recording) == pytest.approx(3.0)
    assert not reading_thrift(
        scene_of(f"{{id: a, kind: no_parking, {SQUARE}}}", size=(640, 360)), recording, 5
    ).keyframes


def test_the_last_stretch_counts_as_a_gap_too(tmp_path: Path) -> None:
    recording = open_recording(
        write_video(
            tmp_path / "tail.mp4", frames=80, fps=25, size_wh=(64, 64), options={"g": "1000", "sc_threshold": "0"}
        )
    )
    assert longest_gap_s(recording) == pytest.approx(79 / 25)


@pytest.mark.parametrize(("kind", "unfiltered"), [("no_entry", True), ("load_check", False)])
def test_only_large_pictures_whose_texture_nobody_reads_are_left_unfiltered(
    recorded: Recording, large: Recording, kind: str, unfiltered: bool
) -> None:
    scene = scene_of(f"{{id: a, kind: {kind}, {SQUARE}}}", size=SIZE_WH)
    assert reading_thrift(scene, large, 5.0).unfiltered == unfiltered
    assert not reading_thrift(scene, recorded, 5.0).unfiltered


def test_only_keyframes_are_decoded_and_the_recording_is_not_taken_for_cut(recorded: Recording) -> None:
    counters = ReadCounters()
    times = [f.t_s for f in open_source(recorded, counters=counters, thrift=Thrift(keyframes=True)).frames()]
    assert times == pytest.approx(np.arange(0, LENGTH_S, 2.0))
    assert counters == ReadCounters(frames=len(times))


@pytest.mark.parametrize("gated", [True, False], ids=["gated", "every picture"])
def test_a_parked_car_is_found_from_keyframes_at_the_time_it_stopped(
    recorded: Recording, tmp_path: Path, gated: bool
) -> None:
    scene = tmp_path / "scene.yaml"
    scene.write_text(
        f"version: 1\ncamera: {{id: HN-KEY}}\nsize: [640, 360]\n"
        f"zones: [{{id: kerb, kind: no_parking, limit_s: {LIMIT_S}, {SQUARE}}}]\n"
    )
    result = run(recorded.path, scene=scene, data=tmp_path / "data", stop=Event(), open_network=script, gated=gated)
    (case,) = result.results[0].cases
    assert case.event["kind"] == ViolationKind.ILLEGAL_PARKING.value
    assert case.event["start_s"] == pytest.approx(PARKS_S, abs=2.0)
    assert case.event["end_s"] == pytest.approx(LEAVES_S, abs=2.0)
    assert result.results[0].counters.frames == LENGTH_S / 2

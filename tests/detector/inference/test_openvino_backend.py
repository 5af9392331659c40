"""The CPU backend: where it finds painted things, what it refuses, what it does not load."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from detector.inference import Picture, default_registry_path, load_registry
from detector.inference.openvino_backend import OpenVinoBackend
from detector.inference.openvino_graph import OpenVinoGraph
from detector.inference.processor import fastest_file, has_bf16_tiles
from detector.types import InferenceError, ObjectClass
from tests.detector.inference.networks import BLUE, GREEN, RED, colour_finder, entry, painted

PAINTED = [
    ("wide, halved", (1280, 720), (200, 100, 600, 500)),
    ("wide, thirded", (1920, 1080), (900, 300, 1500, 900)),
    ("4:3", (1600, 1200), (1200, 800, 1600, 1200)),
    ("upright", (720, 1280), (0, 0, 300, 300)),
    ("odd", (1001, 613), (333, 127, 701, 555)),
    ("small, enlarged", (333, 217), (100, 60, 200, 160)),
    ("a strip", (1500, 130), (700, 0, 1000, 130)),
]
COLOURS = [(RED, ObjectClass.TRUCK), (GREEN, ObjectClass.STALL), (BLUE, ObjectClass.PERSON)]


@pytest.mark.parametrize(("label", "size_wh", "xyxy"), PAINTED, ids=[row[0] for row in PAINTED])
@pytest.mark.parametrize(("colour", "kind"), COLOURS, ids=["red", "green", "blue"])
def test_painted_things_come_back_in_full_frame_pixels_with_class_and_colour(
    tmp_path: Path,
    label: str,
    size_wh: tuple[int, int],
    xyxy: tuple[int, int, int, int],
    colour: tuple[int, int, int],
    kind: ObjectClass,
) -> None:
    backend = OpenVinoBackend(entry(colour_finder(tmp_path)), streams=1)
    image = painted(size_wh, (colour, xyxy))
    seen = backend.submit(Picture.resized(image, backend.letterbox(size_wh))).result()
    backend.close()
    cell_px = 32 * max(size_wh) / 640
    assert set(seen.kind.tolist()) == {kind}
    union = [*seen.xyxy[:, :2].min(axis=0), *seen.xyxy[:, 2:].max(axis=0)]
    # A cell counts when more than 0.6 of it is painted, so an edge may be off by up to that.
    assert np.abs(np.array(union) - xyxy).max() <= 0.65 * cell_px
    assert seen.appearance is not None
    best = seen.appearance[seen.score.argmax()].reshape(4, 4, 3)
    assert np.abs(best[1:3, 1:3].astype(int) - colour).max() <= 12


def test_a_lower_floor_shows_more(tmp_path: Path) -> None:
    network = entry(colour_finder(tmp_path))
    dim = painted((640, 384), ((0, 0, 100), (0, 0, 320, 384)))
    counts = {}
    for score_min in (0.6, 0.3):
        backend = OpenVinoBackend(network, score_min=score_min, streams=1)
        counts[score_min] = len(backend.submit(Picture.resized(dim, backend.letterbox((640, 384)))).result())
        backend.close()
    assert counts == {0.6: 0, 0.3: 120}


def test_a_network_of_one_size_gets_that_size(tmp_path: Path) -> None:
    network = entry(colour_finder(tmp_path, fixed_wh=(640, 640)), input_wh=(640, 640))
    backend = OpenVinoBackend(network, streams=1)
    letterbox = backend.letterbox((1280, 720))
    assert (letterbox.input_wh, letterbox.offset_xy) == ((640, 640), (0, 140))
    image = painted((1280, 720), (RED, (640, 360, 960, 680)))
    seen = backend.submit(Picture.resized(image, letterbox)).result()
    backend.close()
    assert np.abs(seen.xyxy[:, :2].min(axis=0) - (640, 360)).max() <= 40
    assert np.abs(seen.xyxy[:, 2:].max(axis=0) - (960, 680)).max() <= 40


def test_a_network_of_one_size_without_saying_so_names_the_cure(tmp_path: Path) -> None:
    backend = OpenVinoBackend(entry(colour_finder(tmp_path, fixed_wh=(640, 640))), streams=1)
    picture = Picture.resized(painted((1280, 720)), backend.letterbox((1280, 720)))
    with pytest.raises(InferenceError, match=r"640 x 384 px .*input_wh"):
        backend.submit(picture).result()
    backend.close()


def test_a_class_map_beyond_the_output_is_refused(tmp_path: Path) -> None:
    backend = OpenVinoBackend(entry(colour_finder(tmp_path), classes={0: "car", 7: "truck"}), streams=1)
    picture = Picture.resized(painted((640, 384)), backend.letterbox((640, 384)))
    with pytest.raises(InferenceError, match=r"shape \(1, 7, 240\), expected \(1, 12 or more"):
        backend.submit(picture).result()
    backend.close()


def test_only_the_latest_sizes_are_kept_and_a_dropped_one_comes_back(tmp_path: Path) -> None:
    backend = OpenVinoBackend(entry(colour_finder(tmp_path)), streams=1)
    for height in (64, 128, 192, 256, 320, 384, 64):
        image = painted((640, height), (RED, (0, 0, 64, 64)))
        seen = backend.submit(Picture.resized(image, backend.letterbox((640, height)))).result()
        assert len(seen) == 4
    backend.close()


def test_altered_and_missing_parts_are_named(tmp_path: Path) -> None:
    network = entry(colour_finder(tmp_path))
    part = tmp_path / "colours.bin"
    whole = part.read_bytes()
    part.write_bytes(whole + b"x")
    with pytest.raises(InferenceError, match=r"colours\.bin: expected SHA-256 \w{64}, got \w{64}; .*restore"):
        OpenVinoBackend(network)
    part.unlink()
    with pytest.raises(InferenceError, match=r"colours\.bin: cannot read the file \(No such file"):
        OpenVinoBackend(network)


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    path = colour_finder(tmp_path)
    path.write_text("<net>")
    with pytest.raises(InferenceError, match=r"colours\.xml: not readable as an OpenVINO network"):
        OpenVinoBackend(entry(path))


def test_running_on_the_cpu_loads_neither_torch_nor_ultralytics(tmp_path: Path) -> None:
    path = colour_finder(tmp_path)
    program = f"""
import sys
from pathlib import Path
from detector.inference import Picture, open_backend
from tests.detector.inference.networks import entry, painted
backend = open_backend(entry(Path({str(path)!r})))
backend.submit(Picture.resized(painted((640, 360)), backend.letterbox((640, 360)))).result()
backend.close()
print(sorted(sys.modules.keys() & {{"torch", "ultralytics", "av", "sqlalchemy"}}))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("size_wh", [(1280, 720), (800, 600), (720, 1280)], ids=str)
def test_the_registrys_own_detector_takes_every_shape_and_sees_nothing_in_grey(size_wh: tuple[int, int]) -> None:
    registry = load_registry(default_registry_path())
    network = registry.default("detect")
    assert network is not None
    file = fastest_file(network, tiles=has_bf16_tiles())
    if not (network.folder / file.path).exists():
        pytest.skip(f"{file.path} is not beside this checkout")
    backend = OpenVinoBackend(network, streams=1)
    grey = np.full((size_wh[1], size_wh[0], 3), 114, np.uint8)
    seen = backend.submit(Picture.resized(grey, backend.letterbox(size_wh))).result()
    backend.close()
    assert len(seen) == 0


def test_several_pictures_at_a_time_give_the_bits_of_one_at_a_time() -> None:
    registry = load_registry(default_registry_path())
    graph = OpenVinoGraph(registry.network(registry.defaults["detect"]), streams=1, batch=4)
    noise = list(np.random.default_rng(4).integers(0, 256, (4, 96, 160, 3), np.uint8))
    together = graph.run(noise, np.array)
    assert len(together) == 4
    for row, one in zip(together, noise, strict=True):
        np.testing.assert_array_equal(row, graph.run([one], np.array)[0])


def test_a_network_that_cannot_take_several_takes_them_one_by_one(tmp_path: Path) -> None:
    graph = OpenVinoGraph(entry(colour_finder(tmp_path)), streams=1, batch=4)
    noise = list(np.random.default_rng(4).integers(0, 256, (4, 64, 64, 3), np.uint8))
    assert graph.run(noise, np.array).shape == (4, 7, 4)

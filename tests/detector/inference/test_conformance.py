"""What every backend promises. A new backend joins by adding one function to `CASES`."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from detector.inference import Backend, Picture, detect_all
from detector.inference.openvino_backend import OpenVinoBackend
from detector.inference.scripted import ScriptedBackend, ScriptedFrame
from detector.types import Detections, InferenceError, ObjectClass
from tests.detector.inference.networks import (
    BLUE,
    GREEN,
    RED,
    colour_finder,
    colour_finder_onnx,
    entry,
    painted,
    tiny_yolo,
)

SIZES = [(1920, 1080), (1600, 1200), (720, 1280), (641, 479), (333, 97), (64, 64), (1001, 37)]
STEP_S = 0.2
PICTURES = 12


@dataclass(frozen=True)
class Case:
    """One backend under test.

    Attributes:
        open: a new backend over the same network.
        kinds: the classes it may report.
        busy: sees something in every picture of `pictures`.
        blind: sees nothing in a black picture at time 1000 s.
    """

    open: Callable[[], Backend]
    kinds: set[ObjectClass]
    blind: Callable[[], Backend]


def _openvino(folder: Path) -> Case:
    network = entry(colour_finder(folder))
    kinds = {ObjectClass.TRUCK, ObjectClass.STALL, ObjectClass.PERSON}
    return Case(lambda: OpenVinoBackend(network), kinds, lambda: OpenVinoBackend(network))


def _onnx(folder: Path) -> Case:
    pytest.importorskip("torch", reason="the extra `torch` is not installed")
    pytest.importorskip("onnx", reason="the extra `torch` is not installed")
    network = entry(colour_finder_onnx(folder))
    kinds = {ObjectClass.TRUCK, ObjectClass.STALL, ObjectClass.PERSON}
    return Case(lambda: OpenVinoBackend(network), kinds, lambda: OpenVinoBackend(network))


def _ultralytics(folder: Path) -> Case:
    pytest.importorskip("ultralytics", reason="the extra `torch` is not installed")
    from detector.inference.ultralytics_backend import UltralyticsBackend

    network = entry(tiny_yolo(folder), classes={0: "person", 1: "stall"}, score_min=0.3)
    return Case(
        lambda: UltralyticsBackend(network),
        {ObjectClass.PERSON, ObjectClass.STALL},
        lambda: UltralyticsBackend(network, score_min=0.999),
    )


def _scripted(folder: Path) -> Case:
    random = np.random.default_rng(5)
    frames = [
        ScriptedFrame.model_validate({"t_s": number * STEP_S, "objects": [_object(random) for _ in range(4)]})
        for number in range(PICTURES)
    ]
    return Case(lambda: ScriptedBackend(frames), {ObjectClass.MOTORCYCLE}, lambda: ScriptedBackend(frames))


def _object(random: np.random.Generator) -> dict[str, object]:
    x, y, w, h = random.uniform(0, 300, 4)
    return {"kind": "motorcycle", "xyxy": [x, y, x + w + 1, y + h + 1]}


CASES = {"openvino": _openvino, "onnx": _onnx, "ultralytics": _ultralytics, "scripted": _scripted}


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    return CASES[request.param](tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def backend(case: Case) -> Iterator[Backend]:
    opened = case.open()
    yield opened
    opened.close()


def pictures(backend: Backend, size_wh: tuple[int, int] = (960, 540), count: int = PICTURES) -> list[Picture]:
    """Different noisy pictures with a red, a green and a blue rectangle in each, one every 0.2 s."""
    random = np.random.default_rng(3)
    letterbox = backend.letterbox(size_wh)
    found = []
    for number in range(count):
        corners = [(int(random.integers(0, size_wh[0])), int(random.integers(0, size_wh[1]))) for _ in range(3)]
        image = painted(
            size_wh, *((c, (x, y, x + 200, y + 150)) for c, (x, y) in zip((RED, GREEN, BLUE), corners, strict=True))
        )
        noisy = np.clip(image + random.normal(0, 12, image.shape), 0, 255).astype(np.uint8)
        found.append(Picture.resized(noisy, letterbox, t_s=number * STEP_S))
    return found


def same(one: Detections, other: Detections) -> bool:
    """Equal to the last bit."""
    return all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ("xyxy", "score", "kind", "appearance")
    )


@pytest.mark.parametrize("size_wh", SIZES, ids=str)
def test_any_size_gives_well_formed_detections(case: Case, backend: Backend, size_wh: tuple[int, int]) -> None:
    letterbox = backend.letterbox(size_wh)
    assert letterbox.source_wh == size_wh
    assert max(letterbox.input_wh) == 640
    assert all(side % 32 == 0 for side in letterbox.input_wh)
    for seen in detect_all(backend, pictures(backend, size_wh, 2)):
        n = len(seen)
        assert (seen.xyxy.shape, seen.xyxy.dtype) == ((n, 4), np.float32)
        assert (seen.score.shape, seen.score.dtype) == ((n,), np.float32)
        assert (seen.kind.shape, seen.kind.dtype) == ((n,), np.uint8)
        assert seen.appearance is not None
        assert (seen.appearance.shape, seen.appearance.dtype) == ((n, 48), np.uint8)
        assert {ObjectClass(int(kind)) for kind in seen.kind} <= case.kinds
        assert ((seen.score > 0) & (seen.score <= 1)).all()
        assert (seen.xyxy[:, 2:] > seen.xyxy[:, :2]).all()


def test_something_is_seen_in_every_picture(backend: Backend) -> None:
    assert all(len(seen) for seen in detect_all(backend, pictures(backend)))


def test_an_empty_picture_gives_no_rows_but_all_columns(case: Case) -> None:
    blind = case.blind()
    letterbox = blind.letterbox((640, 360))
    seen = blind.submit(Picture.resized(painted((640, 360)), letterbox, t_s=1000.0)).result()
    blind.close()
    assert seen.xyxy.shape == (0, 4)
    assert seen.appearance is not None
    assert seen.appearance.shape == (0, 48)


def test_results_keep_the_order_of_submission(backend: Backend) -> None:
    given = pictures(backend)
    alone = [backend.submit(picture).result() for picture in given]
    assert not same(alone[0], alone[1]), "the pictures are alike: the test would prove nothing"
    assert all(map(same, detect_all(backend, given), alone))


def test_the_same_picture_gives_the_same_bits_whichever_request_ran_it(case: Case, backend: Backend) -> None:
    picture = pictures(backend)[0]
    first, *others = detect_all(backend, [picture] * 16)
    again = case.open()
    others.append(again.submit(picture).result())
    again.close()
    assert all(same(first, other) for other in others)


def test_many_threads_may_submit(backend: Backend) -> None:
    given = pictures(backend)
    expected = detect_all(backend, given)
    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(lambda _: detect_all(backend, given), range(6)))
    assert all(all(map(same, row, expected)) for row in found)


def test_two_sizes_may_be_mixed(backend: Backend) -> None:
    wide, tall = pictures(backend, (960, 540), 4), pictures(backend, (480, 640), 4)
    mixed = [picture for pair in zip(wide, tall, strict=True) for picture in pair]
    found = detect_all(backend, mixed)
    assert all(map(same, found[::2], detect_all(backend, wide)))
    assert all(map(same, found[1::2], detect_all(backend, tall)))


def test_a_picture_framed_for_another_network_is_refused(backend: Backend) -> None:
    from detector.inference import Letterbox

    foreign = Letterbox.inside((640, 360), (320, 320))
    with pytest.raises(InferenceError, match=re.escape("letterbox()")):
        backend.submit(Picture.resized(painted((640, 360)), foreign, t_s=0.0))


def test_a_closed_backend_says_so_and_closes_twice(case: Case) -> None:
    opened = case.open()
    picture = pictures(opened)[0]
    pending = opened.submit(picture)
    opened.close()
    opened.close()
    assert len(pending.result()), "closing must finish what is in flight"
    with pytest.raises(InferenceError, match="closed"):
        opened.submit(picture)


def test_the_hash_names_the_network(case: Case, backend: Backend) -> None:
    again = case.open()
    assert re.fullmatch("[0-9a-f]{64}", backend.network_hash)
    assert again.network_hash == backend.network_hash
    again.close()

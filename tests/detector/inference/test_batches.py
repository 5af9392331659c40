"""Pictures share inferences when they queue up, never wait while a worker is idle, and each gets its own answer."""

import threading
import time
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from detector.inference import Letterbox, Picture
from detector.inference.batches import LINGER_S, MOST, Batches
from detector.types import Detections, InferenceError

WIDE = Letterbox.inside((64, 32), (64, 32))
TALL = Letterbox.inside((32, 64), (32, 64))


def picture(number: int, box: Letterbox = WIDE) -> Picture:
    return Picture(pixels=np.full((box.input_wh[1], box.input_wh[0], 3), number, np.uint8), letterbox=box)


def answer(one: Picture) -> Detections:
    """The picture's own number as a score."""
    number = float(one.pixels[0, 0, 0])
    return Detections(
        xyxy=np.zeros((1, 4), np.float32), score=np.array([number], np.float32), kind=np.zeros(1, np.uint8)
    )


class Looks:
    """Notes how many pictures each inference had; holds all of them back until `go`."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.began = threading.Semaphore(0)
        self.go = threading.Event()

    def __call__(self, pictures: Sequence[Picture]) -> list[Detections]:
        self.began.release()
        assert self.go.wait(5)
        assert len({one.pixels.shape for one in pictures}) == 1
        self.sizes.append(len(pictures))
        if any(one.pixels[0, 0, 0] == 255 for one in pictures):
            raise InferenceError("a picture that cannot be looked at")
        return [answer(one) for one in pictures]


@pytest.fixture
def looks() -> Looks:
    return Looks()


@pytest.fixture
def batches(looks: Looks) -> Iterator[Batches]:
    opened = Batches(looks, workers=1, name="test")
    yield opened
    looks.go.set()
    opened.close()


def test_what_queues_up_shares_inferences_and_each_gets_its_own_answer(batches: Batches, looks: Looks) -> None:
    futures = [batches.submit(picture(0))]
    assert looks.began.acquire(timeout=5)
    futures += [batches.submit(picture(number)) for number in range(1, MOST + 2)]
    looks.go.set()
    assert [float(future.result(5).score[0]) for future in futures] == list(range(MOST + 2))
    assert looks.sizes == [1, MOST, 1]


def test_a_lone_picture_does_not_wait_for_company(batches: Batches, looks: Looks) -> None:
    looks.go.set()
    batches.submit(picture(0)).result(5)
    began_s = time.monotonic()
    for number in range(20):
        batches.submit(picture(number)).result(5)
    assert time.monotonic() - began_s < 20 * LINGER_S


@pytest.mark.parametrize("patience", ["AT_ONCE_S", "LINGER_S"])
def test_an_idle_worker_waits_a_moment_for_company_that_is_near(
    monkeypatch: pytest.MonkeyPatch, looks: Looks, patience: str
) -> None:
    monkeypatch.setattr(f"detector.inference.batches.{patience}", 20.0)
    looks.go.set()
    opened = Batches(looks, workers=2, name="test")
    for number in range(MOST):
        last = opened.submit(picture(number))
    last.result(10)
    opened.close()
    assert looks.sizes == [MOST]


def test_sizes_are_never_mixed(batches: Batches, looks: Looks) -> None:
    futures = [batches.submit(picture(0))]
    assert looks.began.acquire(timeout=5)
    boxes = [WIDE, TALL, WIDE, TALL, TALL]
    futures += [batches.submit(picture(number, box)) for number, box in enumerate(boxes, start=1)]
    looks.go.set()
    assert [float(future.result(5).score[0]) for future in futures] == list(range(len(boxes) + 1))
    assert sorted(looks.sizes) == [1, 1, 1, MOST]


def test_a_full_line_holds_back_who_submits(batches: Batches, looks: Looks) -> None:
    given: list[int] = []

    def give() -> None:
        for number in range(4 * MOST):
            batches.submit(picture(number))
            given.append(number)

    giver = threading.Thread(target=give)
    giver.start()
    assert looks.began.acquire(timeout=5)
    giver.join(0.2)
    assert len(given) == 2 * MOST
    looks.go.set()
    giver.join(5)
    assert len(given) == 4 * MOST


def test_an_error_reaches_those_it_concerns_and_nobody_else(batches: Batches, looks: Looks) -> None:
    first = batches.submit(picture(0))
    assert looks.began.acquire(timeout=5)
    bad = [batches.submit(picture(255)) for _ in range(MOST)]
    good = batches.submit(picture(7))
    looks.go.set()
    assert len(first.result(5)) == 1
    for future in bad:
        with pytest.raises(InferenceError, match="cannot be looked at"):
            future.result(5)
    assert float(good.result(5).score[0]) == 7


def test_what_nobody_wants_any_more_is_not_looked_at(batches: Batches, looks: Looks) -> None:
    batches.submit(picture(0))
    assert looks.began.acquire(timeout=5)
    unwanted, wanted = batches.submit(picture(1)), batches.submit(picture(2))
    assert unwanted.cancel()
    looks.go.set()
    assert float(wanted.result(5).score[0]) == 2
    assert sum(looks.sizes) == 2

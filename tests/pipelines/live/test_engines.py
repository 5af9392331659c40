"""Many cameras are dealt out to several engines, few share one; all end together, and one that fails ends the work."""

import time
from collections import Counter
from pathlib import Path

import pytest
from av import VideoFrame

from detector.types import ClockGrade
from pipelines.live.clock import Reading
from pipelines.live.engine import Engine
from pipelines.live.engines import CAMERAS_EACH, MOST_ENGINES, Engines, Room
from pipelines.live.keeper import Keeper
from pipelines.live.reader import LiveFrame
from tests.pipelines.live.parked import picture_of
from tests.pipelines.live.seeing import SeeingBackend
from tests.pipelines.live.watching import kerb_watch

PATIENCE_S = 20.0


def engines(backend: SeeingBackend) -> Engines:
    def make(mail: Room) -> Engine:
        return Engine(mail, backend, lambda _watch, _violation: None, Keeper())

    return Engines(make)


def frame_at(t_s: float) -> LiveFrame:
    raw = VideoFrame.from_ndarray(picture_of(0), "bgr24")
    reading = Reading(t_s=t_s, epoch=0, late_s=0.0, grade=ClockGrade.PTS)
    return LiveFrame(raw=raw, reading=reading, arrived_s=time.monotonic())


@pytest.mark.parametrize(
    ("cameras", "each"),
    [
        (1, [1]),
        (CAMERAS_EACH, [CAMERAS_EACH]),
        (CAMERAS_EACH + 1, [CAMERAS_EACH, 1]),
        (MOST_ENGINES * CAMERAS_EACH + 2, [CAMERAS_EACH + 1] * 2 + [CAMERAS_EACH] * (MOST_ENGINES - 2)),
    ],
)
def test_cameras_are_dealt_out_evenly(cameras: int, each: list[int]) -> None:
    backend = SeeingBackend()
    dealt = engines(backend)
    seats = [dealt.open() for _ in range(cameras)]
    assert list(Counter(id(seat.engine) for seat in seats).values()) == each
    assert len({(id(seat.mail), seat.number) for seat in seats}) == cameras, "nobody shares a box"
    backend.close()


def test_a_place_that_is_free_again_is_taken(tmp_path: Path) -> None:
    backend = SeeingBackend()
    dealt = engines(backend)
    first, *_ = [dealt.open() for _ in range(MOST_ENGINES * CAMERAS_EACH)]
    first.close()
    assert first.mail.take(0) == (first.number, None)
    assert dealt.open().engine is first.engine
    backend.close()


def test_engines_of_all_cameras_end_when_their_boxes_are_over(tmp_path: Path) -> None:
    """One camera comes before the start and one behind it, at another engine."""
    backend = SeeingBackend()
    dealt = engines(backend)
    seats = [dealt.open() for _ in range(CAMERAS_EACH)]
    dealt.start()
    seats.append(dealt.open())
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    with kerb_watch(tmp_path / "one") as one, kerb_watch(tmp_path / "other") as other:
        for seat, watch in ((seats[0], one), (seats[-1], other)):
            seat.take(watch)
            assert not seat.put(frame_at(0.2))
        for seat in seats:
            seat.close()
        over = [dealt.over]
        dealt.end()
        dealt.finish(PATIENCE_S)
        assert [*over, dealt.over] == [False, True]
        assert dealt.defect is None
        assert [watch.status.analysed for watch in (one, other)] == [1, 1]
    backend.close()


def test_without_cameras_the_work_goes_on_until_it_is_ended() -> None:
    """All cameras of a file may wait for their first scene."""
    dealt = engines(SeeingBackend())
    dealt.start()
    began_s = time.monotonic()
    dealt.finish(0.05)
    waited_s = time.monotonic() - began_s
    before = dealt.over
    dealt.end()
    assert (before, dealt.over) == (False, True)
    assert waited_s >= 0.05, "or the main thread would turn its round without a pause"


class _Broken(SeeingBackend):
    """Answers with a fault that is nobody's but the program's."""

    def submit(self, picture: object) -> object:  # type: ignore[override]
        raise ZeroDivisionError("a defect")


def test_a_defect_of_one_engine_ends_the_work(tmp_path: Path) -> None:
    backend = _Broken()
    dealt = engines(backend)
    seats = [dealt.open() for _ in range(CAMERAS_EACH + 1)]
    dealt.start()
    with kerb_watch(tmp_path) as watch:
        seats[-1].take(watch)
        seats[-1].put(frame_at(0.2))
        until_s = time.monotonic() + PATIENCE_S
        while not dealt.over and time.monotonic() < until_s:
            dealt.finish(0.05)
        assert dealt.over and isinstance(dealt.defect, ZeroDivisionError)
        for seat in seats:
            seat.close()
        dealt.end()
        dealt.finish(PATIENCE_S)
    backend.close()

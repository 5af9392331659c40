"""The live clock against arrival: jumps begin epochs, lies end in NOMINAL, lateness is known, times always rise."""

from collections.abc import Iterable
from itertools import pairwise

import pytest

from detector.types import ClockGrade
from pipelines.live.clock import LiveClock, Reading, Zero

BASE_S = 1 / 90_000


def heard(packets: Iterable[tuple[float, float]], clock: LiveClock | None = None) -> list[Reading]:
    """Readings of packets given as (presentation time, arrival), seconds."""
    clock = clock or LiveClock()
    readings = []
    for shown_s, arrived_s in packets:
        ticks = round(shown_s / BASE_S)
        clock.hear(ticks, BASE_S, arrived_s)
        readings.append(clock.read(ticks, arrived_s))
    return readings


def steady(length_s: float, *, fps: float = 10, speed: float = 1.0) -> list[tuple[float, float]]:
    return [(100 + speed * i / fps, i / fps) for i in range(round(length_s * fps))]


def test_steady_times_are_kept() -> None:
    readings = heard(steady(60))
    assert [reading.t_s for reading in readings] == pytest.approx([i / 10 for i in range(600)], abs=1e-3)
    assert {(reading.epoch, reading.grade) for reading in readings} == {(0, ClockGrade.PTS)}
    assert max(reading.late_s for reading in readings) < 1e-3


@pytest.mark.parametrize(
    ("jump_s", "gap_s", "epochs"),
    [
        pytest.param(-50, 0.1, {0, 1}, id="back"),
        pytest.param(-0.5, 0.1, {0}, id="a swapped frame"),
        pytest.param(600, 0.1, {0, 1}, id="ahead of arrival"),
        pytest.param(20, 20, {0}, id="a pause that arrival saw too"),
    ],
)
def test_jumps(jump_s: float, gap_s: float, epochs: set[int]) -> None:
    before = steady(5)
    after = [(shown_s + 5 + jump_s, arrived_s + 4.9 + gap_s) for shown_s, arrived_s in steady(5)]
    readings = heard([*before, *after])
    assert {reading.epoch for reading in readings} == epochs
    for earlier, later in pairwise(readings):
        assert later.epoch == earlier.epoch or later.t_s > earlier.t_s


def test_a_new_connection_goes_on_at_the_time_of_its_arrival() -> None:
    clock = LiveClock()
    heard(steady(5), clock)
    clock.restart()
    (reading,) = heard([(0.0, 12.0)], clock)
    assert (reading.epoch, reading.t_s) == (1, 12.0)


def test_what_was_sent_ahead_is_not_overtaken_by_the_next_connection() -> None:
    clock = LiveClock()
    heard([(shown_s, 0.01 * arrived_s) for shown_s, arrived_s in steady(4)], clock)
    clock.restart()
    (reading,) = heard([(0.0, 1.0)], clock)
    assert reading.t_s > 3.8


def test_a_delay_is_known_as_lateness() -> None:
    delayed = [(shown_s, arrived_s + (3 if arrived_s >= 5 else 0)) for shown_s, arrived_s in steady(8)]
    readings = heard(delayed)
    assert readings[49].late_s == pytest.approx(0, abs=0.01)
    assert readings[50].late_s == pytest.approx(3, abs=0.01)


def test_a_clock_that_runs_much_too_fast_is_found_out_within_seconds() -> None:
    readings = heard(steady(12, speed=2.0))
    lying = [reading for reading in readings if reading.grade is ClockGrade.PTS]
    assert len(lying) <= 90, "within 9 s"
    assert readings[-1].t_s - readings[-11].t_s == pytest.approx(1.0)


def test_what_a_camera_had_in_store_is_no_lie() -> None:
    store = [(0.1 * i, 0.002 * i) for i in range(50)]
    readings = heard([*store, *((shown_s + 5, arrived_s + 0.1) for shown_s, arrived_s in steady(40))])
    assert {reading.grade for reading in readings} == {ClockGrade.PTS}


def test_a_stream_that_falls_behind_again_is_timed_by_arrival() -> None:
    clock = LiveClock()
    for lies in (False, True):
        clock.restart()
        heard(steady(14, speed=0.5), clock)
        clock.fall_behind()
        assert not clock.by_arrival
        clock.restart()
        heard(steady(1, speed=0.5), clock)
        assert clock.by_arrival is lies


def test_a_clock_a_little_fast_or_slow_is_none_after_hours() -> None:
    for speed in (0.999, 1.001):
        assert heard(steady(3600, speed=speed)[::5])[-1].grade is ClockGrade.PTS


@pytest.mark.parametrize("speed", [1 - 5e-5, 1 + 5e-5])
@pytest.mark.parametrize("piece", [1, 6], ids=["a picture every 12 s", "six at once every 12 s"])
def test_a_crystal_a_little_off_is_followed_where_pictures_come_in_pieces(speed: float, piece: int) -> None:
    arrived_s = [12.0 * (i // piece + 1) for i in range(3 * 7200 * piece)]
    packets = [(speed * (i + 1) * 12.0 / piece, at_s) for i, at_s in enumerate(arrived_s)]
    packets += [(packets[-1][0] + 12.0, packets[-1][1] + 15.0)]
    *usual, delayed = heard(packets)
    assert {(reading.epoch, reading.grade) for reading in usual} == {(0, ClockGrade.PTS)}
    assert max(reading.late_s for reading in usual[piece - 1 :: piece]) < 0.05
    assert delayed.late_s == pytest.approx(3.0, abs=0.05)


@pytest.mark.parametrize("speed", [1.1, 1.25])
def test_a_clock_that_runs_too_fast_is_found_out_in_pieces_too(speed: float) -> None:
    readings = heard([(speed * 12.0 * i, 12.0 * i) for i in range(1, 40)])
    assert readings[-1].grade is ClockGrade.NOMINAL


@pytest.mark.parametrize("wild_s", [-30_000.0, -20.0, 20.0, 30_000.0])
def test_one_wild_time_of_a_frame_is_mended(wild_s: float) -> None:
    clock = LiveClock()
    heard(steady(5), clock)
    wild = clock.read(round((104.9 + wild_s) / BASE_S), 4.9)
    assert wild.t_s == pytest.approx(4.9)
    assert wild.grade is ClockGrade.CORRECTED
    assert clock.read(round(104.9 / BASE_S), 4.9).grade is ClockGrade.PTS


@pytest.mark.parametrize("speed", [0.8, 1.25])
def test_a_lying_frame_rate_is_timed_by_arrival(speed: float) -> None:
    packets = steady(60, speed=speed)
    readings = heard(packets)
    assert readings[-1].grade is ClockGrade.NOMINAL
    assert readings[-1].t_s - readings[-11].t_s == pytest.approx(1.0)
    assert readings[-1].epoch == 1
    assert all(later.t_s > earlier.t_s for earlier, later in pairwise(readings))


def test_a_crystal_that_is_a_little_off_is_no_lie() -> None:
    readings = heard(steady(120, speed=1.001))
    assert {reading.grade for reading in readings} == {ClockGrade.PTS}


def put_forward(step_s: float, *, every_s: float, length_s: float) -> list[tuple[float, float]]:
    return [(shown_s + step_s * (arrived_s // every_s), arrived_s) for shown_s, arrived_s in steady(length_s)]


@pytest.mark.parametrize("step_s", [2.5, 4.0, 4.9])
def test_a_camera_whose_clock_is_set_forward_keeps_its_own_times(step_s: float) -> None:
    readings = heard(put_forward(step_s, every_s=40.0, length_s=79))
    assert {reading.grade for reading in readings} == {ClockGrade.PTS}
    assert [reading.epoch for reading in readings] == [0] * 400 + [1] * 390
    assert readings[-1].t_s - readings[400].t_s == pytest.approx(38.9, abs=1e-3)
    assert all(later.t_s > earlier.t_s for earlier, later in pairwise(readings))
    assert max(reading.late_s for reading in readings) < 0.05


@pytest.mark.parametrize("step_s", [2.5, 4.0])
@pytest.mark.parametrize("piece", [1, 6, 120], ids=["a picture every 12 s", "six at once", "all of 12 s at once"])
def test_a_clock_that_is_set_forward_is_followed_where_pictures_come_in_pieces(piece: int, step_s: float) -> None:
    packets = [
        (12.0 * i / piece + step_s * (i >= 5 * piece), 12.0 * (i // piece + 1) + 1e-3 * (i % piece))
        for i in range(20 * piece)
    ]
    readings = heard(packets)
    assert {reading.grade for reading in readings} == {ClockGrade.PTS}
    assert {reading.epoch for reading in readings} == {0, 1}
    assert all(later.t_s > earlier.t_s for earlier, later in pairwise(readings))
    assert max(reading.late_s for reading in readings[10 * piece :][piece - 1 :: piece]) < 0.1


def test_a_fast_clock_that_loses_pictures_is_found_out_all_the_same() -> None:
    packets = [packet for packet in steady(200, speed=1.25) if packet[1] % 20 < 17]
    assert heard(packets)[-1].grade is ClockGrade.NOMINAL


def test_a_clock_that_is_set_forward_day_by_day_is_believed_and_one_that_leaps_each_minute_is_not() -> None:
    day_s = 86_400.0
    daily = [
        (at + 3.0 * day, day * day_s + at) for day in range(4) for at in (day * day_s + 0.5 * i for i in range(60))
    ]
    assert {reading.grade for reading in heard(daily)} == {ClockGrade.PTS}
    assert heard(put_forward(3.0, every_s=60.0, length_s=180))[-1].grade is ClockGrade.NOMINAL


def test_without_times_arrival_counts() -> None:
    clock = LiveClock(timed=False)
    readings = heard([(0.04 * i, 0.1 * i) for i in range(20)], clock)
    assert [reading.t_s for reading in readings] == pytest.approx([0.1 * i for i in range(20)])
    assert {reading.grade for reading in readings} == {ClockGrade.NOMINAL}


def test_streams_of_one_camera_share_their_zero() -> None:
    zero = Zero()
    assert [zero.since(50.0), zero.since(52.5)] == [0.0, 2.5]

"""Dwell that can be defended: true stop time, identity through occlusion, and no borrowed identities."""

import numpy as np
import pytest

from detector.types import ObjectClass
from tests.detector.tracking.builders import (
    BLUE,
    GREY,
    RED,
    Actor,
    at,
    detections,
    ended,
    film,
    ids,
    moving,
    near,
    parked,
    stamp,
    tracker,
)

CAR = ObjectClass.CAR
PLACE = (640.0, 400.0)


def stopping(stop_s: float, speed: float = 150.0, brake_s: float = 1.0):
    """Drives along y = 400, brakes evenly and stands at PLACE from `stop_s` on."""

    def at_time(t_s: float) -> tuple[float, float]:
        ahead_s = max(stop_s - t_s, 0.0)
        braking = min(ahead_s, brake_s)
        way = speed * braking**2 / (2 * brake_s) + speed * max(ahead_s - brake_s, 0.0)
        return PLACE[0] - way, PLACE[1]

    return at_time


@pytest.mark.parametrize("fps", [2, 5, 10])
@pytest.mark.parametrize("brake_s", [0.1, 1.0, 2.0])
def test_the_stop_time_is_found_by_looking_back(fps: float, brake_s: float) -> None:
    car = Actor(at=stopping(4.0, brake_s=brake_s), kind=CAR, size=(120, 80))
    frames = film([car], until_s=12, fps=fps, jitter_px=1.5)
    track = near(frames, 11.5, PLACE)
    assert track is not None and track.still_since_s == pytest.approx(4.0, abs=0.5)
    assert near(frames, 3.0, stopping(4.0, brake_s=brake_s)(3.0)).still_since_s is None


def test_standing_from_the_first_look() -> None:
    frames = film([Actor(at=parked(PLACE))], until_s=5, jitter_px=1.5)
    assert near(frames, 4.8, PLACE).still_since_s == 0.0


@pytest.mark.parametrize("sizes_s", [0.1, 0.2, 0.4])
def test_creeping_in_a_jam_is_not_a_long_stand(sizes_s: float) -> None:
    speed = sizes_s * np.sqrt(120 * 80)
    frames = film([Actor(at=moving((200, 400), (speed, 0)), kind=CAR, size=(120, 80))], until_s=30, jitter_px=1)
    assert len(ids(frames)) == 1
    dwell = [
        frame.stamp.t_s - track.still_since_s
        for frame in frames
        for track in frame.tracks
        if track.still_since_s is not None
    ]
    assert max(dwell, default=0.0) <= 6.0


def test_box_jitter_does_not_interrupt_a_stand() -> None:
    frames = film([Actor(at=parked(PLACE))], until_s=60, fps=5, jitter_px=3)
    assert {track.still_since_s for frame in frames[20:] for track in frame.tracks} == {0.0}


def test_a_rider_getting_off_does_not_interrupt_a_stand() -> None:
    by = tracker()
    for i in range(100):
        t_s = i * 0.2
        top = 330.0 if t_s < 8 else 362.0
        box = (620.0, top, 660.0, 400.0)
        frame = by.step(stamp(t_s), detections([(ObjectClass.MOTORCYCLE, 0.7, box, GREY)]))
    (track,) = frame.tracks
    assert track.id == 1 and track.still_since_s == 0.0


def test_setting_off_ends_the_stand_and_keeps_the_id() -> None:
    def leaving(t_s: float) -> tuple[float, float]:
        since = max(t_s - 6.0, 0.0)
        return PLACE[0] + 40 * since**2, PLACE[1]

    frames = film([Actor(at=leaving)], until_s=9)
    assert ids(frames) == {1}
    assert at(frames, 5.8)[1].still_since_s == 0.0 and at(frames, 8.0)[1].still_since_s is None


@pytest.mark.parametrize("hidden_s", [5.0, 25.0, 55.0])
def test_a_parked_car_behind_a_bus_keeps_its_id(hidden_s: float) -> None:
    car = Actor(at=parked(PLACE, hidden=((10.0, 10.0 + hidden_s),)), kind=CAR, size=(120, 80), colour=RED)
    bus = Actor(
        at=parked((640, 430), since_s=10, until_s=10 + hidden_s), kind=ObjectClass.BUS, size=(420, 220), colour=BLUE
    )
    frames = film([car, bus], until_s=20 + hidden_s)
    before, after = near(frames, 9, PLACE), near(frames, 18 + hidden_s, PLACE)
    assert after.id == before.id and after.still_since_s == 0.0
    waiting = at(frames, 10 + hidden_s / 2)[before.id]
    assert not waiting.measured and waiting.foot_px == pytest.approx(PLACE, abs=3) and waiting.velocity_px_s == (0, 0)


def test_passing_traffic_neither_steals_the_id_nor_drags_the_box() -> None:
    bike = Actor(at=parked(PLACE, hidden=((8.4, 8.8), (12.4, 12.9))), colour=GREY)
    passing = [
        Actor(at=moving((640 - 300 * 2.5, 408), (300, 0), since_s=start, until_s=start + 5), colour=GREY)
        for start in (6.0, 10.1)
    ]
    frames = film([bike, *passing], until_s=18)
    before = near(frames, 5, PLACE)
    for frame in frames[15:]:
        track = next(track for track in frame.tracks if track.id == before.id)
        assert track.foot_px == pytest.approx(PLACE, abs=12) and track.still_since_s == 0.0
    assert near(frames, 17, PLACE).id == before.id


def test_another_colour_at_the_same_place_is_another_car() -> None:
    first = Actor(at=parked(PLACE, until_s=10), kind=CAR, size=(120, 80), colour=RED)
    bus = Actor(at=parked((640, 430), since_s=10, until_s=20), kind=ObjectClass.BUS, size=(420, 220))
    second = Actor(at=parked(PLACE, since_s=20), kind=CAR, size=(120, 80), colour=BLUE)
    frames = film([first, bus, second], until_s=32)
    old, new = near(frames, 9, PLACE), near(frames, 31, PLACE)
    assert new.id != old.id and new.still_since_s >= 19.5
    assert old.id in ended(frames)  # its place is taken: it does not go on standing there


def test_the_same_colour_after_the_place_was_seen_empty_is_another_car() -> None:
    first = Actor(at=parked(PLACE, until_s=10), kind=CAR, size=(120, 80), colour=RED)
    second = Actor(at=parked(PLACE, since_s=16), kind=CAR, size=(120, 80), colour=RED)
    frames = film([first, second], until_s=24)
    old, new = near(frames, 9, PLACE), near(frames, 23, PLACE)
    assert new.id != old.id and new.still_since_s == pytest.approx(16, abs=0.3)
    assert old.id in ended(frames) and old.id not in at(frames, 15)


def test_a_short_miss_of_a_parked_car_is_no_end() -> None:
    car = Actor(at=parked(PLACE, hidden=((10.0, 12.0),)), kind=CAR, size=(120, 80))
    frames = film([car], until_s=20)
    assert ids(frames) == {1} and at(frames, 19)[1].still_since_s == 0.0


@pytest.mark.parametrize("share", [0.5, 0.3])
def test_parked_motorbikes_that_flicker_keep_their_ids(share: float) -> None:
    """A row at half the steadiness of a clear view: missed for seconds on end although present."""
    rng = np.random.default_rng(11)
    gone = {x: _flicker(rng, share) for x in range(300, 900, 60)}
    row = [
        Actor(at=parked((x, 400), hidden=gone[x]), score=0.35, colour=(40 + x % 170, 90, 150 - x % 110)) for x in gone
    ]
    frames = film(row, until_s=60, jitter_px=1)
    assert len(ids(frames)) <= len(row) + 2


def _flicker(rng: np.random.Generator, share: float) -> tuple[tuple[float, float], ...]:
    stretches, t_s = [], 6.0
    while t_s < 60:
        away = float(rng.exponential(1.5))
        stretches.append((t_s, t_s + away))
        t_s += away + float(rng.exponential(1.5 * share / (1 - share))) + 0.2
    return tuple(stretches)


def test_objects_stand_from_their_first_look_and_survive_flicker() -> None:
    by = tracker()
    first_id = None
    for i in range(100):
        t_s, grown = i * 0.2, 20.0 if i % 7 < 3 else 0.0
        rows = [(ObjectClass.OBJECT, 0.5, (400.0, 300.0, 480.0 + grown, 360.0 + grown), GREY)] if i % 5 else []
        frame = by.step(stamp(t_s), detections(rows))
        for track in frame.tracks:
            first_id = first_id or track.id
            assert track.id == first_id and track.still_since_s == pytest.approx(0.2)
            assert track.kind is ObjectClass.OBJECT
    assert first_id == 1 and len(frame.tracks) == 1


def test_an_object_takes_no_part_in_the_life_of_vehicles() -> None:
    heap = Actor(at=parked((640, 400), since_s=5), kind=ObjectClass.OBJECT)
    bike = Actor(at=parked((640, 400), until_s=5))
    frames = film([bike, heap], until_s=8)
    assert len(ids(frames)) == 2

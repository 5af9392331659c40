"""The tracker as its users see it: lives, crossings, gaps, irregular time, bounds."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.tracking import Tracker
from detector.tracking.boxes import paired_iou
from detector.types import Calibration, Detections, ObjectClass
from tests.detector.tracking.builders import (
    BLUE,
    RED,
    SIZE_WH,
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


def test_one_life_step_by_step() -> None:
    rider = Actor(at=moving((100, 400), (150, 0), since_s=0.2, until_s=2.0))
    frames = film([rider], until_s=6.0)

    assert frames[1].tracks == ()  # seen once: tentative
    (track,) = frames[2].tracks
    assert track.id == 1 and track.kind is ObjectClass.MOTORCYCLE and track.measured
    assert track.first_t_s == pytest.approx(0.2)
    assert [point.t_s for point in track.path] == pytest.approx([0.2, 0.4])  # the tentative point is included
    (coasting,) = at(frames, 2.4).values()
    assert not coasting.measured and not coasting.path[-1].measured
    assert coasting.foot_px[0] == pytest.approx(100 + 150 * 2.2, abs=25)
    assert at(frames, 5.0) == {} and ended(frames) == [1]


def test_calibration_changes_what_is_told_of_a_score_and_nothing_else() -> None:
    meaning = Calibration.of({ObjectClass.MOTORCYCLE: (2.0, -1.0)})
    calibrated = Tracker(ground=None, size_wh=SIZE_WH, calibration=meaning)
    actors = [Actor(at=moving((100, 400), (150, 0))), Actor(at=parked((700, 500)))]
    plain, told = film(actors, until_s=4.0, jitter_px=2.0), film(actors, until_s=4.0, jitter_px=2.0, by=calibrated)
    assert any(len(frame.tracks) == 2 for frame in plain)
    for raw, sure in zip(plain, told, strict=True):
        mapped = [meaning.probability(np.array([track.kind]), np.array([track.score])).item() for track in raw.tracks]
        assert [track.score for track in sure.tracks] == mapped
        assert all(track.score != score for track, score in zip(raw.tracks, mapped, strict=True))
        assert [replace(track, score=0.0) for track in sure.tracks] == [
            replace(track, score=0.0) for track in raw.tracks
        ]


@pytest.mark.parametrize("fps", [2, 5, 10, 30])
def test_velocity_and_foot_follow_the_object(fps: float) -> None:
    frames = film([Actor(at=moving((100, 300), (120, 40)))], until_s=4.0, fps=fps)
    (track,) = frames[-1].tracks
    assert track.velocity_px_s == pytest.approx((120, 40), rel=0.05)
    assert track.foot_px == pytest.approx((100 + 120 * track.path[-1].t_s, 300 + 40 * track.path[-1].t_s), abs=3)


def test_a_single_weak_look_is_never_announced() -> None:
    frames = film([Actor(at=moving((100, 400), (0, 0), until_s=0.1))], until_s=3.0)
    assert ids(frames) == set() and ended(frames) == []


def test_two_looks_that_disagree_are_not_announced() -> None:
    def leaping(t_s: float) -> tuple[float, float]:
        return (200, 300) if round(t_s * 5) % 2 else (900, 600)

    frames = film([Actor(at=lambda t_s: leaping(t_s) if t_s < 0.3 else None)], until_s=2.0)
    assert ids(frames) == set()


@pytest.mark.parametrize("fps", [5, 10])
def test_crossing_riders_keep_their_ids(fps: float) -> None:
    east = Actor(at=moving((200, 400), (160, 0)), colour=RED)
    west = Actor(at=moving((840, 410), (-160, 0)), colour=BLUE)
    frames = film([east, west], until_s=4.0, fps=fps)
    assert len(ids(frames)) == 2
    first, last = near(frames, 0.6, (296, 400)), near(frames, 3.6, (776, 400))
    assert first is not None and last is not None and first.id == last.id


@pytest.mark.parametrize("fps", [5, 10])
def test_riders_faster_than_their_boxes_in_equal_colours(fps: float) -> None:
    """At 5 fps each moves 1.5 widths between looks: overlap alone would fail."""
    column = [Actor(at=moving((100 - 130 * i, 400 + 3 * i), (320, 0))) for i in range(4)]
    frames = film(column, until_s=3.4, fps=fps)
    assert len(ids(frames)) == 4


def test_a_platoon_does_not_shift_by_one_when_one_is_missed() -> None:
    def missing(t_s: float) -> tuple[float, float] | None:
        return None if 1.5 < t_s < 1.9 else moving((300, 400), (100, 0))(t_s)

    riders = [Actor(at=moving((300 - 60 * i, 400), (100, 0))) for i in range(1, 5)]
    frames = film([Actor(at=missing), *riders], until_s=3.0)
    assert len(ids(frames)) == 5


def test_a_low_score_continues_but_never_starts_a_track() -> None:
    fading = Actor(at=moving((100, 400), (100, 0)), score=lambda t_s: 0.8 if t_s < 1 else 0.15)
    faint = Actor(at=moving((100, 600), (100, 0)), score=0.2)
    frames = film([fading, faint], until_s=4.0)
    assert ids(frames) == {1} and at(frames, 3.8)[1].measured


def test_irregular_time() -> None:
    times = np.cumsum([0, 0.2, 0.05, 0.33, 0.03, 0.9, 0.12, 1.0, 0.04, 0.2, 0.6, 0.2])
    frames = film([Actor(at=moving((100, 400), (130, 0))), Actor(at=parked((600, 600)))], until_s=0, times=times)
    assert len(ids(frames)) == 2


def test_one_frame_a_second_is_enough_to_follow_slow_traffic() -> None:
    frames = film([Actor(at=moving((100, 400), (60, 0))), Actor(at=parked((600, 600)))], until_s=12, fps=1)
    assert len(ids(frames)) == 2
    assert near(frames, 10, (600, 600)).still_since_s == pytest.approx(0, abs=0.5)


def test_the_kind_is_voted_over_life() -> None:
    def kind_at(t_s: float) -> ObjectClass:
        return ObjectClass.TRUCK if round(t_s * 5) % 3 == 0 else ObjectClass.CAR

    by = tracker()
    for t_s in np.arange(0, 4, 0.2):
        box = (100 + 50 * t_s, 300, 220 + 50 * t_s, 380)
        frame = by.step(stamp(float(t_s)), detections([(kind_at(t_s), 0.7, box, RED)]))
    assert [(track.id, track.kind) for track in frame.tracks] == [(1, ObjectClass.CAR)]


def test_a_person_does_not_take_over_a_motorbike() -> None:
    bike = Actor(at=parked((400, 400), until_s=2))
    person = Actor(at=parked((400, 400), since_s=2), kind=ObjectClass.PERSON)
    frames = film([bike, person], until_s=4)
    assert len(ids(frames)) == 2


def test_boxes_hug_what_was_measured() -> None:
    rng = np.random.default_rng(3)
    by = tracker()
    for i in range(60):
        t_s = 0.2 * i
        box = np.array([100 + 80 * t_s, 300, 160 + 80 * t_s, 400]) + rng.normal(0, 4, 4)
        frame = by.step(stamp(t_s), detections([(ObjectClass.CAR, 0.8, tuple(box), RED)]))
        for track in frame.tracks:
            assert float(paired_iou(np.array(track.xyxy), box)) >= 0.8


def test_path_is_dense_for_ten_seconds_and_thin_before() -> None:
    frames = film([Actor(at=moving((50, 400), (15, 0)))], until_s=40, fps=5)
    times = np.array([point.t_s for point in frames[-1].tracks[0].path])
    now = frames[-1].stamp.t_s
    recent = times[times >= now - 10]
    assert np.allclose(np.diff(recent), 0.2) and recent[0] == pytest.approx(now - 10, abs=0.21)
    old = times[times < now - 10]
    assert np.all(np.diff(old) >= 1 - 1e-9) and np.all(np.diff(old) <= 1.3)


def test_equal_input_gives_equal_output() -> None:
    actors = [Actor(at=moving((100 + 40 * i, 300 + 20 * i), (150 - 60 * i, 10))) for i in range(6)]
    assert film(actors, until_s=5, jitter_px=2) == film(actors, until_s=5, jitter_px=2)


def test_load_scores_come_with_the_frame_they_were_read_from() -> None:
    by = tracker()
    load = np.array([[0.1, 0.7, 0.1, 0.05, 0.05]], np.float32)
    for i in range(4):
        plain = detections([(ObjectClass.TRUCK, 0.8, (100 + i, 100, 300 + i, 260), RED)])
        row = load if i % 2 else np.full_like(load, np.nan)
        frame = by.step(
            stamp(i * 0.2),
            Detections(xyxy=plain.xyxy, score=plain.score, kind=plain.kind, appearance=plain.appearance, load=row),
        )
        if frame.tracks:
            read = frame.tracks[0].load
            assert (read is None) == (i % 2 == 0)
    assert frame.tracks[0].load == pytest.approx(load[0].tolist())


def test_time_must_rise_within_an_epoch() -> None:
    by = tracker()
    by.step(stamp(1.0), Detections.empty())
    with pytest.raises(ValueError, match=r"expected more than 1\.0 s within epoch 0, got 1\.0 s"):
        by.step(stamp(1.0), Detections.empty())


def test_a_new_epoch_ends_everything_and_ids_go_on() -> None:
    by = tracker()
    rider = Actor(at=parked((400, 400)))
    film([rider], until_s=1, by=by)
    frame = by.step(stamp(0.0, epoch=1), detections([rider.row(0.0)]))
    assert frame.ended == (1,)
    frame = by.step(stamp(0.2, epoch=1), detections([rider.row(0.2)]))
    assert [track.id for track in frame.tracks] == [2]
    assert by.finish() == (2,) and by.finish() == ()


def test_finish_names_the_living_only() -> None:
    by = tracker()
    film([Actor(at=moving((100, 400), (100, 0), until_s=1)), Actor(at=parked((900, 600)))], until_s=5, by=by)
    assert by.finish() == (2,)


def test_useless_boxes_are_ignored() -> None:
    by = tracker()
    bad = (float("nan"), 0.0, 10.0, 10.0)
    for i in range(3):
        frame = by.step(stamp(i * 0.2), detections([(ObjectClass.CAR, 0.9, bad, RED)]))
    assert frame.tracks == ()


def test_ten_thousand_passers_by_leave_nothing_behind() -> None:
    by = tracker()
    announced, gone = set(), []
    rows = np.arange(40)
    for wave in range(250):
        for look in range(2):
            boxes = [(30.0 * i, 100.0, 30.0 * i + 20, 130.0) for i in rows]
            frame = by.step(
                stamp(wave * 5.0 + look * 0.2), detections([(ObjectClass.MOTORCYCLE, 0.8, box, RED) for box in boxes])
            )
            announced |= {track.id for track in frame.tracks}
            gone += frame.ended
        assert len(by._tracks) <= 40
    gone += by.finish()
    assert len(announced) == 10_000 and sorted(gone) == sorted(announced)
    assert len(by._tracks) == 0 and len(by._tracks.paths) == 0


frame_strategy = st.lists(
    st.tuples(
        st.sampled_from([ObjectClass.MOTORCYCLE, ObjectClass.CAR, ObjectClass.PERSON, ObjectClass.OBJECT]),
        st.floats(0.05, 1.0),
        st.floats(0, 1200),
        st.floats(0, 650),
        st.floats(3, 200),
        st.floats(3, 200),
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0.03, 4.0), frame_strategy), min_size=1, max_size=12))
def test_whatever_comes_ids_are_new_and_end_once(steps: list) -> None:
    by = Tracker(ground=None, size_wh=SIZE_WH)
    t_s, alive, dead = 0.0, set(), set()
    for dt_s, rows in steps:
        t_s += dt_s
        seen = [(kind, score, (x, y, x + w, y + h), RED) for kind, score, x, y, w, h in rows]
        frame = by.step(stamp(t_s), detections(seen))
        now = {track.id for track in frame.tracks}
        assert list(now) == sorted(now) or sorted(now) == [track.id for track in frame.tracks]
        assert not now & dead and not set(frame.ended) & dead
        assert set(frame.ended) == alive - now  # nobody vanishes unannounced
        dead |= set(frame.ended)
        alive = now
    assert set(by.finish()) == alive


def test_a_stored_tracker_goes_on_as_if_nothing_had_happened() -> None:
    actors = [Actor(at=moving((100, 300 + 60 * i), (90 + 10 * i, 0))) for i in range(4)]
    whole = tracker()
    film(actors, until_s=2, by=whole)
    restored = pickle.loads(pickle.dumps(whole))
    times = np.arange(2.0, 5, 0.2)
    assert film(actors, until_s=0, times=times, by=whole) == film(actors, until_s=0, times=times, by=restored)


def test_who_leaves_over_the_edge_does_not_linger() -> None:
    by = tracker()
    for i in range(30):
        t_s = i * 0.2
        foot = 500 + 120 * t_s
        rows = [(ObjectClass.CAR, 0.8, (600.0, foot - 90, 700.0, min(foot, 720.0)), RED)] if foot < 790 else []
        frame = by.step(stamp(t_s), detections(rows))
        if foot > 790 + 120 * 0.7:
            assert frame.tracks == ()


def test_a_motorbike_boxed_with_and_without_its_rider_is_one_road_user() -> None:
    whole = Actor(at=moving((200, 400), (80, 0)), size=(44, 80))
    part = Actor(at=moving((264, 400), (80, 0), since_s=0.8), size=(42, 60), score=0.5)
    frames = film([whole, part], until_s=4)
    assert ids(frames) == {1}


def test_of_two_tracks_that_come_to_lie_on_one_road_user_the_younger_ends() -> None:
    first = Actor(at=moving((200, 400), (80, 0)), size=(44, 80))
    second = Actor(at=lambda t_s: (200 + 80 * t_s, 400 + max(50 - 25 * t_s, 0.0)), size=(42, 70))
    frames = film([first, second], until_s=5)
    assert ids(frames) == {1, 2} and ended(frames) == [2]
    assert [track.id for track in frames[-1].tracks] == [1]


def test_riders_side_by_side_stay_two() -> None:
    frames = film([Actor(at=moving((200 + 24 * i, 400), (80, 0))) for i in range(2)], until_s=4)
    assert ids(frames) == {1, 2} and ended(frames) == []


def test_a_moving_rider_taken_for_a_pedestrian_for_a_while_keeps_the_id() -> None:
    def kind_at(t_s: float) -> ObjectClass:
        return ObjectClass.PERSON if 1.1 < t_s < 1.9 else ObjectClass.MOTORCYCLE

    by, kinds = tracker(), set()
    for t_s in np.arange(0, 4, 0.2):
        box = (100 + 60 * t_s, 300, 140 + 60 * t_s, 370)
        frame = by.step(stamp(float(t_s)), detections([(kind_at(t_s), 0.7, box, RED)]))
        kinds |= {(track.id, track.kind) for track in frame.tracks}
    assert kinds == {(1, ObjectClass.MOTORCYCLE)}

"""Looks brought together: places and scores are means, agreement counts, and nothing is told twice by one look."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.inference.fusion import fuse
from detector.types import Detections, ObjectClass

CAR, TRUCK, PERSON = ObjectClass.CAR, ObjectClass.TRUCK, ObjectClass.PERSON

sides = st.integers(0, 60)
rows = st.tuples(
    st.sampled_from([CAR, TRUCK, PERSON]),
    st.integers(0, 99).map(lambda hundredth: hundredth / 100),
    st.tuples(sides, sides, st.integers(1, 40), st.integers(1, 40)).map(
        lambda box: (float(box[0]), float(box[1]), float(box[0] + box[2]), float(box[1] + box[3]))
    ),
)
looks = st.lists(st.lists(rows, max_size=5).map(lambda seen: Detections.of(*seen)), min_size=1, max_size=4)


def told(seen: Detections) -> list[tuple[int, float, tuple[float, ...]]]:
    return [
        (int(kind), round(float(score), 4), tuple(round(float(side), 3) for side in box))
        for kind, score, box in zip(seen.kind, seen.score, seen.xyxy, strict=True)
    ]


def test_what_all_looks_saw_lies_between_them_and_is_as_likely_as_they_say_on_average() -> None:
    left = Detections.of((CAR, 0.9, (0, 0, 100, 50)))
    right = Detections.of((CAR, 0.3, (8, 0, 108, 50)))
    assert told(fuse([left, right])) == [(CAR, 0.6, (2.0, 0.0, 102.0, 50.0))]


def test_what_one_look_alone_saw_counts_for_its_share() -> None:
    seen = Detections.of((PERSON, 0.8, (0, 0, 10, 30)))
    assert told(fuse([seen, Detections.empty(), Detections.empty(), Detections.empty()])) == [
        (PERSON, 0.2, (0.0, 0.0, 10.0, 30.0))
    ]


def test_a_thing_of_doubtful_class_is_told_as_either() -> None:
    box = (0.0, 0.0, 100.0, 50.0)
    looks = [Detections.of((CAR, 0.8, box)), Detections.of((CAR, 0.7, box)), Detections.of((TRUCK, 0.6, box))]
    assert told(fuse(looks)) == [(CAR, 0.5, box), (TRUCK, 0.2, box)]


def test_two_boxes_of_one_look_stay_two_things() -> None:
    one = Detections.of((CAR, 0.9, (0, 0, 100, 50)), (CAR, 0.8, (10, 0, 110, 50)))
    assert len(fuse([one])) == 2
    assert len(fuse([one, one])) == 2


def test_a_look_that_is_not_asked_about_a_class_neither_tells_of_it_nor_counts_against_it() -> None:
    box = (0.0, 0.0, 100.0, 50.0)
    looks = [Detections.of((CAR, 0.8, box), (TRUCK, 0.6, box)), Detections.of((CAR, 0.4, box), (TRUCK, 0.9, box))]
    assert told(fuse(looks, silent=[(), {TRUCK}])) == [(CAR, 0.6, box), (TRUCK, 0.6, box)]
    assert told(fuse(looks, silent=[{CAR, TRUCK}, {TRUCK}])) == [(CAR, 0.4, box)]


def test_every_look_must_be_told_what_it_is_not_asked_about() -> None:
    with pytest.raises(ValueError, match="zip"):
        fuse([Detections.empty(), Detections.empty()], silent=[()])


def test_no_look_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        fuse([])


@given(looks)
def test_scores_fall_and_no_probability_is_lost_or_made(seen: list[Detections]) -> None:
    found = fuse(seen)
    assert (np.diff(found.score) <= 0).all()
    for kind in (CAR, TRUCK, PERSON):
        before = sum(float(one.score[one.kind == kind].sum()) for one in seen) / len(seen)
        assert float(found.score[found.kind == kind].sum()) == pytest.approx(before, abs=1e-4)


@given(looks)
def test_every_place_lies_within_the_boxes_it_came_from(seen: list[Detections]) -> None:
    found = fuse(seen)
    every = np.concatenate([one.xyxy for one in seen])
    if len(every):
        assert (found.xyxy >= every.min(axis=0) - 1e-3).all()
        assert (found.xyxy <= every.max(axis=0) + 1e-3).all()
    else:
        assert len(found) == 0


@given(st.lists(rows, max_size=5).map(lambda seen: Detections.of(*seen)))
def test_one_look_is_told_as_it_was(seen: Detections) -> None:
    assert sorted(told(fuse([seen]))) == sorted(told(seen))

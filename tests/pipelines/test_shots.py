"""Looks at an offender: fetched once for all, and as good to look at as the full frames they were cut from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.inference import load_registry
from detector.inference.near import NearEyes, open_near_eyes
from detector.inference.plates import cut
from detector.inference.registry import default_registry_path
from detector.types import Finding, Moment, ObjectClass, SourceError
from detector.types.track import Box
from pipelines.shots import Looks, box_at
from pipelines.video.stills import Still
from tests.cases.builders import finding_of
from tests.pipelines.plates import PictureFootage

SIZE = (321, 241)
PICTURE = np.random.default_rng(7).integers(0, 256, (SIZE[1], SIZE[0], 3), np.uint8)


@dataclass(frozen=True, slots=True)
class Counted(PictureFootage):
    """Footage that knows what it was asked for."""

    asked: list[float] = field(default_factory=list)

    def stills(self, times_s: Sequence[float]) -> list[Still]:
        self.asked.extend(times_s)
        return PictureFootage.stills(self, times_s)


def at(xyxy: Box, vehicle: ObjectClass) -> Finding:
    return replace(finding_of(vehicle=vehicle), path=((0.0, *xyxy),))


def edges(most: int) -> st.SearchStrategy[tuple[float, float]]:
    """Two edges, of halves and quarters as well, that may lie beyond the picture."""
    edge = st.integers(-80, (most + 20) * 4).map(lambda quarters: quarters / 4)
    return st.tuples(edge, edge).filter(lambda ends: ends[1] - ends[0] >= 2)


boxes = st.builds(lambda xs, ys: (xs[0], ys[0], xs[1], ys[1]), edges(SIZE[0]), edges(SIZE[1]))


@pytest.fixture(scope="module")
def eyes() -> NearEyes:
    eyes = open_near_eyes(load_registry(default_registry_path()))
    assert eyes is not None
    return eyes


@given(boxes, st.sampled_from([ObjectClass.MOTORCYCLE, ObjectClass.CAR, ObjectClass.TRUCK]))
def test_a_plate_is_searched_in_the_very_pixels_of_the_full_frame(xyxy: Box, vehicle: ObjectClass) -> None:
    (look,) = Looks(PictureFootage((PICTURE,)), at(xyxy, vehicle), SIZE).taken()
    assert np.array_equal(cut(look.image, look.xyxy_px), cut(PICTURE, xyxy))


@settings(max_examples=20, deadline=None)
@given(boxes)
def test_a_look_from_near_sees_what_it_would_see_in_the_full_frame(eyes: NearEyes, xyxy: Box) -> None:
    (look,) = Looks(PictureFootage((PICTURE,)), at(xyxy, ObjectClass.MOTORCYCLE), SIZE).taken()
    assert eyes.scores(look.image, look.xyxy_px) == eyes.scores(PICTURE, xyxy)


def test_whoever_looks_first_fetches_for_all_and_nobody_fetches_for_nobody() -> None:
    footage = Counted((PICTURE,) * 3)
    looks = Looks(footage, passing_by(), SIZE)
    assert footage.asked == []
    first = looks.taken()
    assert looks.taken() is first
    assert footage.asked == [0.0, 1.0, 1.5, 2.0, 2.5]
    assert [look.rank for look in first] == [2, 1, 0]


@pytest.mark.parametrize("looked_before", [True, False])
def test_the_moments_pictures_are_fetched_once_whoever_looked_before(looked_before: bool) -> None:
    pictures = tuple(np.full_like(PICTURE, number) for number in range(3))
    footage = Counted(pictures)
    looks = Looks(footage, passing_by(), SIZE)
    if looked_before:
        looks.taken()
    shown = [(t_s, still.t_s, int(still.image[0, 0, 0])) for t_s, still in looks.moments()]
    assert shown == [(1.0, 1.0, 1), (1.5, 1.5, 1), (2.5, 2.5, 2)]
    assert footage.asked == ([0.0, 1.0, 1.5, 2.0, 2.5] if looked_before else [1.0, 1.5, 2.5])
    assert looks.taken() is looks.taken()


@pytest.mark.parametrize(("lost_s", "looks_left"), [(1.5, 3), (2.0, 2), (0.0, 2)])
def test_a_lost_moment_is_an_error_and_a_lost_look_is_none(lost_s: float, looks_left: int) -> None:
    @dataclass(frozen=True, slots=True)
    class Holed(PictureFootage):
        def stills(self, times_s: Sequence[float]) -> Iterator[Still]:  # type: ignore[override]
            for still in PictureFootage.stills(self, times_s):
                if still.t_s == lost_s:
                    raise SourceError(f"no picture is kept of {lost_s} s")
                yield still

    looks = Looks(Holed((PICTURE,) * 3), passing_by(), SIZE)
    assert len(looks.taken()) == looks_left
    if lost_s == 1.5:
        with pytest.raises(SourceError, match=r"of 1\.5 s"):
            list(looks.moments())
    else:
        assert [t_s for t_s, _ in looks.moments()] == [1.0, 1.5, 2.5]


@dataclass(frozen=True, slots=True)
class Slow(PictureFootage):
    """One frame a second, shown until the next."""

    def stills(self, times_s: Sequence[float]) -> list[Still]:
        return [Still(float(int(t_s)), self.pictures[0]) for t_s in times_s]


def riding() -> Finding:
    """Seen every second, 40 px further each time, with rows between."""
    path = tuple((n / 5, 8.0 * n, 40.0, 8.0 * n + 30, 90.0) for n in range(26))
    moments = {name: Moment(row[0], row[1:]) for name, row in (("before", path[0]), ("during", path[13]))}
    return replace(finding_of(t_start_s=0.0, t_end_s=5.0), path=path, moments=moments)


@pytest.mark.parametrize("frame_s", [1.0, 0.04])
def test_each_picture_of_slow_footage_is_taken_once_with_the_box_of_its_own_second(frame_s: float) -> None:
    looks = Looks(Slow((PICTURE,), frame_s=frame_s), riding(), SIZE).taken()
    assert len({look.t_s for look in looks}) == len(looks)
    assert len(looks) == (5 if frame_s == 1.0 else 2), "where the rate is not known they are fewer, and still right"
    for look in looks:
        assert look.t_s == int(look.t_s)
        shown = cut(look.image, look.xyxy_px)
        assert np.array_equal(shown, cut(PICTURE, (40.0 * look.t_s, 40.0, 40.0 * look.t_s + 30, 90.0)))


@pytest.mark.parametrize("fps", [3, 6])
def test_neighbouring_frames_of_slow_footage_are_two_looks(fps: int) -> None:
    path = tuple((round(n / fps, 3), 5.0 * n, 40.0, 6.0 * n + 30, 90.0) for n in range(12))
    finding = replace(finding_of(), path=path, moments={})
    footage = Counted((PICTURE,) * 5, frame_s=1 / fps)
    Looks(footage, finding, SIZE).taken()
    assert sorted(footage.asked) == [row[0] for row in path[-6:]]


@pytest.mark.parametrize(
    ("label", "t_s", "left_px"),
    [
        ("at a row", 2.0, 20.0),
        ("between two rows", 1.5, 15.0),
        ("a blink before the first", -0.05, 0.0),
        ("long before the first", -0.5, None),
        ("in a hole in which it moved", 4.0, None),
        ("at the hole's edge", 2.95, 30.0),
        ("in a hole in which it stood", 8.0, 60.0),
        ("long after the last", 11.0, None),
    ],
)
def test_where_the_offender_was(label: str, t_s: float, left_px: float | None) -> None:
    path = [
        (row, left, 0.0, left + 10, 20.0)
        for row, left in ((0.0, 0.0), (1.0, 10.0), (2.0, 20.0), (2.9, 30.0), (6.0, 60.0), (10.0, 60.0))
    ]
    box = box_at(path, t_s)
    assert (box and box[0]) == (None if left_px is None else pytest.approx(left_px, abs=1.1)), label


def passing_by() -> Finding:
    """Three shots, of which one is at a moment; two moments lie between."""
    path = tuple((float(n), 40.0, 40.0, 90.0 + n, 140.0) for n in range(3))
    moments = {name: Moment(t_s, path[1][1:]) for name, t_s in (("before", 1.0), ("during", 1.5), ("after", 2.5))}
    return replace(finding_of(), path=path, moments=moments)

"""Stored segments come back as they were, and damage is noticed wherever it strikes."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.types import ClockGrade, Detections, EvidenceError, FrameStamp, LoadState, ObjectClass
from pipelines.observations import Observation, Segment, SegmentStore, seen_at
from pipelines.video import ReadCounters

START_AT = datetime(2026, 3, 4, 1, 2, 3, tzinfo=UTC)


def stamp(index: int, *, pts: int | None = 7, epoch: int = 0, clock: ClockGrade = ClockGrade.PTS) -> FrameStamp:
    t_s = index / 5
    return FrameStamp(
        camera_id="CAM", epoch=epoch, index=index, pts=pts, t_s=t_s, seen_at=seen_at(START_AT, t_s), clock=clock
    )


def detections(count: int, *, seed: int = 1) -> Detections:
    rng = np.random.default_rng(seed)
    load = rng.random((count, len(LoadState))).astype(np.float32)
    load[::2] = np.nan
    return Detections(
        xyxy=rng.normal(100, 300, (count, 4)).astype(np.float32),
        score=rng.random(count).astype(np.float32),
        kind=rng.integers(0, len(ObjectClass), count).astype(np.uint8),
        appearance=rng.integers(0, 256, (count, 48)).astype(np.uint8),
        load=load,
    )


def segment(*counts: int, first: int = 0, last: bool = False) -> Segment:
    return Segment(
        observations=[Observation(stamp(first + i), detections(n, seed=i)) for i, n in enumerate(counts)],
        state={"mean": np.arange(12, dtype=np.float32).reshape(3, 4), "age": np.array(3)},
        counters=ReadCounters(frames=9, corrupt=2, time_faults=1, truncated=True),
        last=last,
    )


def store(folder: Path) -> SegmentStore:
    return SegmentStore(folder, camera_id="CAM", start_at=START_AT)


def assert_same(got: Segment, expected: Segment) -> None:
    assert [o.stamp for o in got.observations] == [o.stamp for o in expected.observations]
    for mine, theirs in zip(got.observations, expected.observations, strict=True):
        for name in ("xyxy", "score", "kind", "appearance", "load"):
            np.testing.assert_array_equal(getattr(mine.detections, name), getattr(theirs.detections, name))
    assert got.state.keys() == expected.state.keys()
    for name, array in expected.state.items():
        np.testing.assert_array_equal(got.state[name], array)
    assert (got.counters, got.last) == (expected.counters, expected.last)


def test_segments_come_back_as_they_were(tmp_path: Path) -> None:
    saved = [segment(3, 0, 1), segment(2, first=3), segment(first=4, last=True)]
    for number, one in enumerate(saved):
        store(tmp_path).save(number, one)
    loaded = list(store(tmp_path).load())
    assert len(loaded) == 3
    for got, expected in zip(loaded, saved, strict=True):
        assert_same(got, expected)


@pytest.mark.parametrize("clock", list(ClockGrade))
def test_stamps_come_back_with_epoch_grade_and_missing_pts(tmp_path: Path, clock: ClockGrade) -> None:
    observation = Observation(stamp(4, pts=None, epoch=3, clock=clock), Detections.empty())
    saved = Segment(observations=[observation], state={}, counters=ReadCounters(), last=False)
    store(tmp_path).save(0, saved)
    [loaded] = store(tmp_path).load()
    assert loaded.observations[0].stamp == observation.stamp


def test_detections_without_appearance_or_load_come_back_as_unread(tmp_path: Path) -> None:
    seen = Detections.of((ObjectClass.CAR, 0.9, (1, 2, 3, 4)))
    saved = Segment(observations=[Observation(stamp(0), seen)], state={}, counters=ReadCounters(), last=True)
    store(tmp_path).save(0, saved)
    [loaded] = store(tmp_path).load()
    back = loaded.observations[0].detections
    np.testing.assert_array_equal(back.xyxy, seen.xyxy)
    assert back.load is not None
    assert np.isnan(back.load).all()


def test_behind_a_damaged_or_missing_segment_nothing_is_kept(tmp_path: Path) -> None:
    for number in range(5):
        store(tmp_path).save(number, segment(1, first=number))
    files = sorted(tmp_path.iterdir())
    files[2].write_bytes(files[2].read_bytes()[:-100])
    assert len(list(store(tmp_path).load())) == 2
    assert sorted(tmp_path.iterdir()) == files[:2]


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("packed")
    store(folder).save(0, segment(2, 1))
    return next(folder.iterdir()).read_bytes()


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_damaged_byte_is_noticed(
    packed: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(packed) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda value: value != packed[place]))
    folder = tmp_path_factory.mktemp("damaged")
    store(folder).save(0, segment(1))
    path = next(folder.iterdir())
    path.write_bytes(packed[:place] + bytes([value]) + packed[place + 1 :])
    assert list(store(folder).load()) == []
    assert list(folder.iterdir()) == []


def test_writing_is_all_or_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EvidenceError, match="a file stands where a folder is needed"):
        store(tmp_path / "file").save(0, segment(1))
    store(tmp_path / "good").save(0, segment(1))
    assert [path.suffix for path in (tmp_path / "good").iterdir()] == [".bin"]


def test_a_source_off_the_calendar_has_no_wall_time() -> None:
    assert seen_at(None, 3.0) is None
    assert seen_at(START_AT, 0.25) == datetime(2026, 3, 4, 1, 2, 3, 250_000, tzinfo=UTC)

"""Kept tracks: what comes back is what went in, and another scene's rules say of it what they would have said."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import numpy as np
import pytest

from detector.replay import Replay, blind_spots
from detector.scene import Scene
from detector.tape import Player, pack, stripped
from detector.types import ObjectClass, Track, TrackedFrame, Violation, Window
from tests.builders import Walk, finals, frames_of, jittered, line, run, scene_of, stamp, standing

WHOLE = "polygon: [[0, 0], [1000, 0], [1000, 1000], [0, 1000]]"
ONE_WAY = f"{{id: down, kind: one_way, {WHOLE}, direction: [[500, 100], [500, 900]]}}"
NO_PARKING = f"{{id: kerb, kind: no_parking, {WHOLE}, limit_s: 20}}"
GROUND = "ground: {px: [[0, 0], [1000, 0], [1000, 1000], [0, 1000]], m: [[0, 0], [60, 0], [60, 60], [0, 60]]}\n"
WALKS = (
    Walk(id=1, where=jittered(line((500, 900), (500, 100), since_s=0, until_s=10), px=0.6), until_s=10),
    Walk(id=2, kind=ObjectClass.CAR, where=standing((200, 400), size=(120, 80)), until_s=60, hidden=((30, 33),)),
    Walk(id=3, kind=ObjectClass.TRUCK, where=standing((800, 400)), since_s=20, until_s=30,
         load=lambda _: (0.7, 0.1, 0.1, 0.05, 0.05), votes=(0, 0, 0, 0.25, 0, 0.75, 0, 0)),
)  # fmt: skip


def frames(scene: Scene, until_s: float = 62.0) -> list[TrackedFrame]:
    at = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
    return list(frames_of(*WALKS, until_s=until_s, ground=scene.fitted_ground, start_at=at))


def taped(given: Sequence[TrackedFrame], *cuts: int) -> Iterator[dict[str, np.ndarray]]:
    """The stretches, by way of the file format they are kept in."""
    known: set[int] = set()
    thin = [stripped(frame, known) for frame in given]
    for first, end in zip((0, *cuts), (*cuts, len(thin)), strict=True):
        file = BytesIO()
        np.savez_compressed(file, **pack(thin[first:end]))
        file.seek(0)
        with np.load(file, allow_pickle=False) as arrays:
            yield dict(arrays)


def played(scene: Scene, stretches: Iterator[dict[str, np.ndarray]]) -> list[TrackedFrame]:
    player = Player("CAM-1", scene.fitted_ground)
    return [frame for arrays in stretches for frame in player.play(arrays)]


def replayed(scene: Scene, given: Sequence[TrackedFrame]) -> list[Violation]:
    replay = Replay(scene, "clip")
    return [*(act for frame in given for act in replay.step(frame)), *replay.finish()]


def near(a: Sequence[float] | None, b: Sequence[float] | None, *, off: float) -> bool:
    return a is b if a is None or b is None else all(abs(x - y) <= off for x, y in zip(a, b, strict=True))


def differs(before: Track, after: Track) -> list[str]:
    exact = ("id", "kind", "measured", "first_t_s", "still_since_s")
    wrong = [name for name in exact if getattr(before, name) != getattr(after, name)]
    close = {"xyxy": 0.07, "foot_px": 0.07, "ground_m": 0.01, "velocity_px_s": 0.1, "votes": 0.003, "load": 1e-6}
    wrong += [name for name, off in close.items() if not near(getattr(before, name), getattr(after, name), off=off)]
    wrong += [name for name in ("score", "mean_score") if abs(getattr(before, name) - getattr(after, name)) > 1e-3]
    times = [(point.t_s, point.measured) for point in before.path], [(p.t_s, p.measured) for p in after.path]
    return wrong + ["path"] * (times[0][-40:] != times[1][-40:])


@pytest.mark.parametrize("cuts", [(), (7,), (1, 100, 101)], ids=["one file", "two", "four, one of a single frame"])
def test_frames_come_back_as_they_were(cuts: tuple[int, ...]) -> None:
    scene = scene_of(ONE_WAY, extra=GROUND)
    given = frames(scene)
    back = played(scene, taped(given, *cuts))
    assert [replace(frame.stamp, pts=None) for frame in given] == [frame.stamp for frame in back]
    assert [frame.ended for frame in given] == [frame.ended for frame in back]
    faults = [
        (one.stamp.t_s, before.id, wrong)
        for one, other in zip(given, back, strict=True)
        for before, after in zip(one.tracks, other.tracks, strict=True)
        if (wrong := differs(before, after))
    ]
    assert faults == []


def test_a_stretch_is_small() -> None:
    given = frames(scene_of(ONE_WAY))
    rows = sum(len(frame.tracks) for frame in given)
    file = BytesIO()
    np.savez_compressed(file, **pack([stripped(frame, set()) if not i else frame for i, frame in enumerate(given)]))
    (kept,) = taped(given)
    small = BytesIO()
    np.savez_compressed(small, **kept)
    assert len(small.getvalue()) < 40 * rows + 6000
    assert len(small.getvalue()) < len(file.getvalue())


@pytest.mark.parametrize("zone", [ONE_WAY, NO_PARKING], ids=["wrong way", "parking"])
def test_another_scene_says_of_kept_tracks_what_it_says_of_the_traffic(zone: str) -> None:
    scene = scene_of(zone, extra=GROUND)
    told = finals(run(scene, *WALKS, until_s=62.0))
    back = replayed(scene, played(scene, taped(frames(scene_of(f"{{id: x, kind: carriageway, {WHOLE}}}")), 50)))
    assert [(act.id, act.finding.track_id) for act in back] == [(act.id, act.finding.track_id) for act in told]
    assert back
    ends = [abs(one.finding.t_end_s - two.finding.t_end_s) for one, two in zip(told, back, strict=True)]
    assert max(ends) < 0.3


def test_a_worker_that_began_anew_does_not_turn_paths_back() -> None:
    scene = scene_of(ONE_WAY)
    given = frames(scene, until_s=20.0)
    stretches = [next(taped(given[:60])), next(taped(given[60:]))]
    for frame in played(scene, iter(stretches)):
        for track in frame.tracks:
            times = [point.t_s for point in track.path]
            assert times == sorted(set(times))


def test_a_hole_longer_than_a_minute_ends_what_is_open() -> None:
    scene = scene_of(NO_PARKING)
    given = [frame for frame in frames(scene) if frame.stamp.t_s < 30]
    later = [replace(frame, stamp=stamp(frame.stamp.t_s + 500, index=900 + i)) for i, frame in enumerate(given)]
    assert len(replayed(scene, given)) == 1
    assert [act.finding.t_end_s < 31 for act in replayed(scene, [*given, *later])] == [True, True]


def test_zones_that_need_pixels_nobody_looked_at_are_named() -> None:
    pavement = "{id: pavement, kind: sidewalk, polygon: [[0, 0], [9, 0], [9, 9]]}"
    away = "{id: away, kind: ignore, polygon: [[0, 0], [9, 0], [9, 9]]}"
    assert blind_spots(scene_of(ONE_WAY, pavement), scene_of(ONE_WAY)) == ["pavement"]
    assert blind_spots(scene_of(pavement), scene_of(pavement)) == []
    assert blind_spots(scene_of(ONE_WAY), scene_of(ONE_WAY, away)) == ["away"]
    ignoring = replayed(scene_of(ONE_WAY, f"{{id: all, kind: ignore, {WHOLE}}}"), frames(scene_of(ONE_WAY)))
    assert ignoring == []


def test_what_reaches_beyond_the_window_that_was_looked_at_is_named() -> None:
    corner = "{id: corner, kind: no_entry, polygon: [[10, 10], [90, 10], [90, 90]]}"
    turn = "turns: [{id: left, kind: no_left_turn, enter: [[20, 20], [60, 20]], leave: [[20, 60], [120, 60]]}]\n"
    scene = scene_of(ONE_WAY, corner, extra=turn)
    assert blind_spots(scene, scene) == []
    assert blind_spots(scene, scene, Window(0, 0, 100, 100)) == ["down", "left"]
    assert blind_spots(scene, scene, Window(0, 0, 120, 100)) == ["down"]


def test_without_a_calendar_and_without_tracks() -> None:
    empty = [TrackedFrame(stamp=stamp(t_s, index=i), tracks=(), ended=()) for i, t_s in enumerate((0.0, 0.2))]
    back = played(scene_of(ONE_WAY), taped(empty))
    assert [(frame.stamp.seen_at, frame.tracks) for frame in back] == [(None, ())] * 2
    assert math.isclose(back[1].stamp.t_s, 0.2)

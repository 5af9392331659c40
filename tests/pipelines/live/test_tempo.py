"""A machine that does not keep up looks less often at all cameras, says so, and tries the full rate again."""

from pathlib import Path

import pytest

from pipelines.live.journal import open_journal
from pipelines.live.keyframes import Feed
from pipelines.live.shedding import LATE_S, Shedding
from pipelines.live.status import CameraStatus, State, StreamStatus
from pipelines.live.tempo import LEAST_SHARE, START_S, Tempo, complaint
from pipelines.scene_file import load_scene

SAMPLES = Path(__file__).parents[3] / "samples" / "scenes"


def live(camera_id: str) -> CameraStatus:
    return CameraStatus(id=camera_id, streams=(StreamStatus(role="main", state=State.LIVE),), held=1)


def begun() -> Tempo:
    """Of cameras that have been looked at for a while."""
    tempo, status = Tempo(), live("A")
    tempo.look([status], -START_S)
    return tempo


def lived(tempo: Tempo, status: CameraStatus, *, since_s: int, seconds: int, lost: int, held: int) -> None:
    """So many seconds, in each of which so many due frames were lost and held."""
    for second in range(since_s, since_s + seconds):
        tempo.look([status], float(second))
        status.dropped, status.held = status.dropped + lost, status.held + held


@pytest.mark.parametrize(
    ("label", "lost", "held", "share"),
    [
        ("keeps up", 0, 5, 1.0),
        ("loses a look now and then", 1, 19, 1.0),
        ("does not keep up", 1, 4, LEAST_SHARE),
        ("nothing is due", 0, 0, 1.0),
    ],
)
def test_the_rate_falls_as_far_as_it_must(label: str, lost: int, held: int, share: float) -> None:
    tempo = begun()
    lived(tempo, live("A"), since_s=0, seconds=60, lost=lost, held=held)
    assert tempo.share == share, label


def test_the_full_rate_is_tried_again_and_later_if_that_was_too_early() -> None:
    tempo, status, lines = begun(), live("A"), list[str]()
    close = open_journal(lines.append)
    lived(tempo, status, since_s=0, seconds=16, lost=1, held=4)
    assert tempo.share == 0.75
    lived(tempo, status, since_s=16, seconds=40, lost=0, held=5)
    assert tempo.share == 1
    lived(tempo, status, since_s=56, seconds=16, lost=1, held=4)
    lived(tempo, status, since_s=72, seconds=45, lost=0, held=5)
    assert tempo.share == 0.75, "half a minute was not enough last time"
    lived(tempo, status, since_s=117, seconds=30, lost=0, held=5)
    assert tempo.share == 1
    close()
    assert [line.split("event=")[1].split()[0] for line in lines] == ["slowed", "quickened"] * 2


@pytest.mark.parametrize(
    ("seconds", "lost", "held", "share"),
    [(16, 1, 9, 1.0), (16, 1, 7, 0.75), (16, 2, 6, 0.75), (6, 3, 5, 0.5), (6, 4, 4, 0.5), (6, 5, 3, 0.25)],
)
def test_the_rate_falls_no_further_than_to_what_was_reached(seconds: int, lost: int, held: int, share: float) -> None:
    tempo, status = begun(), live("A")
    lived(tempo, status, since_s=0, seconds=seconds, lost=lost, held=held)
    assert tempo.share == share


def test_a_moment_in_which_everybody_moves_slows_nothing() -> None:
    tempo, status = begun(), live("A")
    for second in range(0, 120, 20):
        lived(tempo, status, since_s=second, seconds=6, lost=5, held=20)
        lived(tempo, status, since_s=second + 6, seconds=14, lost=0, held=20)
        assert tempo.share == 1


def test_where_most_is_lost_seconds_are_enough() -> None:
    tempo, status = begun(), live("A")
    lived(tempo, status, since_s=0, seconds=10, lost=0, held=25)
    lived(tempo, status, since_s=10, seconds=6, lost=10, held=15)
    assert tempo.share == 0.5


def test_it_rises_step_by_step() -> None:
    tempo, status = begun(), live("A")
    lived(tempo, status, since_s=0, seconds=6, lost=4, held=1)
    shares = [tempo.share]
    for second in range(6, 120):
        lived(tempo, status, since_s=second, seconds=1, lost=0, held=5)
        shares += [tempo.share] if tempo.share != shares[-1] else []
    assert shares == [0.25, 0.5, 0.75, 1.0]


def test_a_camera_says_which_rules_suffer() -> None:
    riding, standing = (load_scene(SAMPLES / f"{name}.yaml").scene for name in ("wrong_way", "illegal_parking"))
    assert complaint(riding, 5, 1.0) == ""
    assert "2.5 looks a second instead of 5, too few for wrong_way" in complaint(riding, 5, 0.5)
    assert "illegal_parking" not in complaint(standing, 5, 0.25)
    status = live("A")
    status.slowed = complaint(riding, 5, 0.5)
    assert (status.state, status.problem) == (State.OVERLOADED, status.slowed)


def test_a_late_stream_is_decoded_at_its_keyframes_until_it_is_in_time() -> None:
    shedding, late_s = Shedding(), 2 * LATE_S
    packets = [(0.0, True), (0.0, False), (late_s, False), (0.0, False), (late_s, True), (0.0, False), (0.0, True)]
    given = [shedding.hear(Feed.PACKET, late, keyframe=keyframe) for late, keyframe in packets]
    nothing, whole, key = Feed.NOTHING, Feed.PACKET, Feed.KEYFRAME
    assert given == [whole, whole, nothing, nothing, key, nothing, whole]
    assert Shedding().hear(nothing, 0.0, keyframe=False) is nothing, "what was not meant to be decoded is not"


def test_what_is_lost_while_the_network_is_loaded_slows_nothing() -> None:
    tempo, status = Tempo(), live("A")
    status.held = 0
    lived(tempo, status, since_s=0, seconds=20, lost=5, held=0)
    lived(tempo, status, since_s=20, seconds=20, lost=0, held=5)
    assert tempo.share == 1


def test_what_is_lost_while_cameras_begin_slows_nothing() -> None:
    tempo, status = Tempo(), live("A")
    lived(tempo, status, since_s=0, seconds=10, lost=5, held=1)
    lived(tempo, status, since_s=10, seconds=20, lost=0, held=5)
    assert tempo.share == 1


@pytest.mark.parametrize("rate_hz", [5.0, 1.0, 0.2])
def test_a_single_camera_gets_its_rate_back(rate_hz: float) -> None:
    """What is due follows the share, as it does where a reader asks for it."""
    tempo, status, due = begun(), live("A"), 0.0
    for half_seconds in range(12_000):
        tempo.look([status], half_seconds / 2)
        lost_before, due = int(due), due + rate_hz * tempo.share / 2
        came = int(due) - lost_before
        if half_seconds < 4_000:
            status.dropped += came
        else:
            status.held += came
        if half_seconds == 3_999:
            assert tempo.share == LEAST_SHARE
    assert tempo.share == 1


def test_a_camera_that_was_exchanged_does_not_undo_what_is_known() -> None:
    tempo, status = begun(), live("A")
    lived(tempo, status, since_s=0, seconds=20, lost=0, held=50)
    fresh = live("A")
    lived(tempo, fresh, since_s=20, seconds=8, lost=2, held=3)
    assert tempo.share == 0.5

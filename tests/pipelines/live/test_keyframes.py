"""Keyframes alone are decoded once they have come regularly, and no longer when they stop doing so."""

import pytest

from pipelines.live.keyframes import Feed, KeyframePace

FPS = 25


def fed(gap_s: float, *, wanted: bool = True, until_s: float = 20.0) -> list[tuple[float, Feed]]:
    """What is done with the packets of a stream."""
    pace = KeyframePace(wanted=wanted)
    times = [number / FPS for number in range(round(until_s * FPS))]
    return [(t_s, pace.hear(t_s, keyframe=round(t_s * FPS) % round(gap_s * FPS) == 0)) for t_s in times]


@pytest.mark.parametrize("gap_s", [0.4, 1.0, 2.0, 2.08])
def test_regular_keyframes_do_from_the_third_on(gap_s: float) -> None:
    for t_s, feed in fed(gap_s):
        if t_s < 2 * gap_s - 1e-6:
            assert feed is Feed.PACKET
        else:
            keyframe = round(t_s * FPS) % round(gap_s * FPS) == 0
            assert feed is (Feed.KEYFRAME if keyframe else Feed.NOTHING)


@pytest.mark.parametrize(("gap_s", "wanted"), [(2.2, True), (4.0, True), (1.0, False)])
def test_rare_keyframes_or_a_demanding_rule_have_everything_decoded(gap_s: float, wanted: bool) -> None:
    assert {feed for _, feed in fed(gap_s, wanted=wanted)} == {Feed.PACKET}


def test_a_camera_that_begins_to_send_them_rarely_is_decoded_whole_from_the_next_one_on() -> None:
    pace = KeyframePace(wanted=True)
    for second in range(6):
        pace.hear(float(second), keyframe=True)
    told = [(t_s, pace.hear(t_s, keyframe=t_s == 8.0)) for t_s in (5.1, 7.0, 7.2, 7.9, 8.0, 8.1)]
    assert [feed for _, feed in told] == [Feed.NOTHING] * 4 + [Feed.PACKET] * 2


def test_the_next_keyframe_is_expected_only_where_they_alone_are_decoded() -> None:
    pace = KeyframePace(wanted=True)
    expected = []
    for t_s, keyframe in ((0.0, True), (1.0, True), (1.5, False), (2.0, True), (2.9, False), (3.04, True)):
        pace.hear(t_s, keyframe=keyframe)
        expected.append(pace.next_s)
    assert expected == [None, None, None, 3.0, 3.0, pytest.approx(4.08)]
    pace.hear(6.0, keyframe=False)
    assert pace.next_s is None, "they have become rare"

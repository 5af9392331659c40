"""A lone motorbike after a long quiet is seen as soon as with every frame decoded, wherever in a group it comes."""

import math
from collections.abc import Iterator
from copy import deepcopy
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from detector.gate import MotionGate
from detector.gate.sizes import SizeGate
from detector.lane import LONGEST_HOLE_S
from detector.types import ClockGrade
from pipelines.live.clock import Reading
from pipelines.live.dozing import Doze
from pipelines.live.feeding import Diet, Feeding, KnownSizes
from pipelines.live.gating import LiveGate
from pipelines.live.keyframes import Feed
from pipelines.live.ring import VideoPacket
from pipelines.live.shedding import Shedding
from pipelines.live.slots import MOST_OWED, Slots
from pipelines.live.tempo import Tempo
from tests.pipelines.live.crossings import CROSSES_S, RATE_HZ, Seen, street, watch

CROSSINGS = 17
KEYFRAME_S = 2.0
LATE_S = 0.4
"""Two looks."""


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[float]]:
    video = tmp_path_factory.mktemp("crossed") / "a.mp4"
    return video, street(video, (256, 144), crossings=CROSSINGS)


@pytest.fixture(scope="module", params=[0.0, 0.04, 0.16], ids=lambda phase_s: f"keyframes {phase_s:g} s into a slot")
def crossed(filmed: tuple[Path, list[float]], request: pytest.FixtureRequest) -> tuple[list[float], Seen, Seen]:
    video, began_s = filmed
    phase_s: float = request.param
    return began_s, watch(video, dozes=False, phase_s=phase_s), watch(video, dozes=True, phase_s=phase_s)


def test_every_crossing_is_seen_in_time(crossed: tuple[list[float], Seen, Seen]) -> None:
    began_s, whole, dozing = crossed
    for at_s in began_s:
        first_s, seen_s = (
            next(t_s for t_s in seen.stirred_s if at_s - 0.1 <= t_s <= at_s + CROSSES_S) for seen in (whole, dozing)
        )
        assert seen_s - first_s <= LATE_S, f"crossing at {at_s:.1f} s"
    assert len(dozing.stirred_s) >= 0.98 * len(whole.stirred_s)


def test_the_quiet_is_not_decoded(crossed: tuple[list[float], Seen, Seen]) -> None:
    _, whole, dozing = crossed
    assert whole.left == 0
    assert dozing.left >= 60
    assert dozing.decoded <= whole.decoded - 4 * dozing.left


def test_every_keyframe_is_judged_while_dozing(crossed: tuple[list[float], Seen, Seen]) -> None:
    _, _, dozing = crossed
    slot_s, gaps = 1 / RATE_HZ + 1e-6, list(pairwise(dozing.judged_s))
    assert 1.0 < max(later - before for before, later in gaps) <= KEYFRAME_S + slot_s
    keyframes_s = np.arange(0.0, dozing.judged_s[-1], KEYFRAME_S)
    passed = [
        (before, later)
        for before, later in gaps
        if np.any((keyframes_s > before + slot_s) & (keyframes_s < later - 1e-6))
    ]
    assert not passed, "keyframes between them were not judged"


def test_frames_before_a_change_are_looked_at_after_all() -> None:
    slots = Slots(5.0, Tempo())
    assert slots.looks(0.0)
    for t_s in (0.2, 0.4, 0.6):
        slots.leave(t_s)
        assert not slots.opens(t_s)
    assert slots.recall(0.4) == 1
    assert [slots.looks(t_s) for t_s in (0.2, 0.4, 0.6, 0.6, 0.8)] == [False, True, True, False, True]


def test_no_more_are_owed_than_may_wait_decoded() -> None:
    slots = Slots(30.0, Tempo())
    times_s = [number / 30 for number in range(1, 30)]
    for t_s in times_s:
        slots.leave(t_s)
    assert slots.recall(0.0) == len(times_s) - MOST_OWED
    assert [t_s for t_s in times_s if slots.owes(t_s)] == times_s[-MOST_OWED:]
    assert slots.forget() == 0 and not any(map(slots.owes, times_s))


def test_a_keyframe_in_a_slot_used_up_is_looked_at_once() -> None:
    slots = Slots(5.0, Tempo())
    slots.leave(0.2)
    assert slots.forget() == 1
    slots.owe(0.32)
    assert [slots.looks(t_s) for t_s in (0.32, 0.32, 0.36, 0.4)] == [True, False, False, True]


def test_a_burst_of_decoding_is_no_reason_to_shed() -> None:
    shedding = Shedding()
    assert shedding.hear(Feed.PACKET, 1.4, keyframe=False, patient=True) is Feed.PACKET
    assert shedding.hear(Feed.PACKET, 1.4, keyframe=False) is Feed.NOTHING
    assert Shedding().hear(Feed.PACKET, 2.4, keyframe=False, patient=True) is Feed.NOTHING


def test_where_packets_do_not_wait_all_is_decoded(filmed: tuple[Path, list[float]]) -> None:
    """Over UDP the socket overflows while a group of pictures is decoded at once."""
    gate = LiveGate(MotionGate(size_wh=(64, 36), still_s=2.0))
    with av.open(str(filmed[0])) as container:
        stream = container.streams.video[0]
        for patient in (False, True):
            feeding = Feeding(stream, Diet(gate=gate), Slots(5.0, Tempo()), patient=patient)
            assert (feeding._doze is not None) is patient


def test_what_sizes_told_at_a_rate_is_known_again_when_it_is_back(filmed: tuple[Path, list[float]]) -> None:
    """But for a new epoch, whose encoder may be set otherwise."""
    gate, tempo = LiveGate(MotionGate(size_wh=(64, 36), still_s=2.0)), Tempo()
    with av.open(str(filmed[0])) as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.size]
        feeding = Feeding(stream, Diet(gate=gate), Slots(5.0, tempo), patient=True)
        known = []
        for number, share in enumerate((1.0, 0.5, 1.0, 0.5)):
            tempo.share = share
            reading = Reading(t_s=number / 25, epoch=0, late_s=0.0, grade=ClockGrade.PTS)
            feeding.hear(packets[number], reading, by_arrival=False)
            assert feeding._doze is not None
            known.append(feeding._doze._sizes)
        feeding.restart(1)
        assert feeding._doze is not None
    assert known[0] is known[2] and known[1] is known[3] and known[0] is not known[1]
    assert feeding._doze._sizes is not known[3]


FEW_S = 30.0
"""Too little for sizes to be believed by themselves."""


@pytest.fixture(scope="module")
def learned(filmed: tuple[Path, list[float]]) -> KnownSizes:
    known = KnownSizes()
    watch(filmed[0], dozes=True, known=known)
    return known


@pytest.mark.parametrize(
    ("label", "gone_s", "otherwise", "believed"),
    [
        ("the stream is back at once", 3.0, False, True),
        ("the stream was gone for long", LONGEST_HOLE_S + 1, False, False),
        ("another encoder", 3.0, True, False),
    ],
)
def test_sizes_are_known_over_a_short_loss_of_the_same_stream(
    filmed: tuple[Path, list[float]], learned: KnownSizes, label: str, gone_s: float, otherwise: bool, believed: bool
) -> None:
    video, began_s = filmed
    known, again_s = deepcopy(learned), math.ceil(learned.heard_s + gone_s)
    if otherwise:
        known.encoder = ("h264", b"set otherwise", 256, 144)
    whole = watch(video, dozes=False, phase_s=again_s, until_s=FEW_S)
    behind = watch(video, dozes=True, phase_s=again_s, until_s=FEW_S, known=known)
    assert (behind.left > 20) is believed and (believed or behind.left == 0), label
    for at_s in (at_s for at_s in began_s if at_s + CROSSES_S < FEW_S):
        first_s, seen_s = (
            next(t_s for t_s in seen.stirred_s if at_s - 0.1 <= t_s <= at_s + CROSSES_S) for seen in (whole, behind)
        )
        assert seen_s - first_s <= LATE_S, f"crossing at {at_s:.1f} s"


def test_nothing_is_left_where_keyframes_are_rare_or_nothing_judges() -> None:
    doze = Doze(LiveGate(None), SizeGate())
    for number in range(200):
        keyframe = number % 50 == 0
        doze.hear(number / 5, 100, keyframe=keyframe, fresh=True)
        assert not doze.leaves(number / 5, keyframe=keyframe)
    gate = LiveGate(MotionGate(size_wh=(64, 36), still_s=2.0))
    assert not gate.rests(1.0, float("-inf")), "nothing was looked at yet"


@pytest.fixture
def asleep(filmed: tuple[Path, list[float]]) -> Iterator[tuple[Feeding, Slots, list[int]]]:
    """A feeding that left the frames of 0.2 to 0.8 s, and how many it gave up."""
    given_up: list[int] = []
    slots = Slots(5.0, Tempo())
    gate = LiveGate(MotionGate(size_wh=(64, 36), still_s=2.0))
    with av.open(str(filmed[0])) as container:
        diet = Diet(gate=gate, on_doze=given_up.append)
        feeding = Feeding(container.streams.video[0], diet, slots, patient=True)
        assert feeding._doze is not None
        feeding._doze.asleep = True
        for t_s in (0.2, 0.4, 0.6, 0.8):
            slots.leave(t_s)
        given_up.clear()
        yield feeding, slots, given_up


def test_a_stream_that_is_shed_does_not_go_on_sleeping(asleep: tuple[Feeding, Slots, list[int]]) -> None:
    feeding, slots, given_up = asleep
    packet: VideoPacket = av.Packet(b"x")  # type: ignore[assignment]
    late = Reading(t_s=1.0, epoch=0, late_s=1.5, grade=ClockGrade.PTS)
    assert feeding.hear(packet, late, by_arrival=False) == ([], False)
    assert not feeding.asleep
    assert sum(given_up) == 4 and not slots.owes(0.8)


def test_a_new_epoch_owes_nothing_of_the_one_before(asleep: tuple[Feeding, Slots, list[int]]) -> None:
    feeding, slots, given_up = asleep
    slots.recall(0.5)
    feeding.restart(1)
    assert not feeding.asleep and not slots.owes(0.6)
    slots.leave(1.0)
    feeding.restart(2)
    assert sum(given_up) == 1


@pytest.mark.parametrize(("changed", "owed"), [(True, [0.4, 0.6, 0.8]), (False, [])])
def test_only_a_change_calls_frames_back(
    asleep: tuple[Feeding, Slots, list[int]], changed: bool, owed: list[float]
) -> None:
    feeding, slots, given_up = asleep
    assert feeding._doze is not None
    feeding._doze.changed = changed
    feeding._wake(feeding._doze, 1.3, keyframe=False)
    assert [t_s for t_s in (0.2, 0.4, 0.6, 0.8) if slots.owes(t_s)] == owed
    assert sum(given_up) == 4 - len(owed)


def test_another_rate_is_learned_anew(asleep: tuple[Feeding, Slots, list[int]]) -> None:
    feeding, slots, _ = asleep
    before = feeding._doze
    slots._tempo.share = 0.5
    packet: VideoPacket = av.Packet(b"x")  # type: ignore[assignment]
    feeding.hear(packet, Reading(t_s=1.0, epoch=0, late_s=0.0, grade=ClockGrade.PTS), by_arrival=False)
    assert feeding._doze is not before and not feeding.asleep

"""Only what a due frame depends on is decoded; what a keyframe makes useless is not."""

from pathlib import Path

import av
import pytest

from pipelines.live.backlog import MOST, Backlog
from pipelines.live.ring import VideoPacket
from pipelines.sampling import SlotSampler
from tests.footage_maker import number_in, write_video

FPS, KEY_EVERY = 10, 8


@pytest.fixture
def packets(tmp_path: Path) -> list[VideoPacket]:
    video = write_video(tmp_path / "a.mp4", frames=2 * MOST, fps=FPS, options={"g": str(KEY_EVERY), "bf": "0"})
    with av.open(str(video)) as container:
        return [packet for packet in container.demux(video=0) if packet.size]


@pytest.mark.parametrize(("rate_hz", "decoded"), [(10.0, 120), (2.0, 90), (0.5, 18)])
def test_due_frames_are_those_of_decoding_everything(packets: list[VideoPacket], rate_hz: float, decoded: int) -> None:
    sampler, backlog, context = SlotSampler(rate_hz), Backlog(), av.CodecContext.create("h264", "r")
    context.extradata, context.thread_count = packets[0].stream.codec_context.extradata, 1
    shown, given = [], 0
    for number, packet in enumerate(packets):
        due = sampler.opens(number / FPS)
        assert sampler.wants(number / FPS) is due
        ready = backlog.add(packet, due=due)
        given += len(ready)
        frames = [frame for one in ready for frame in context.decode(one)]
        if due:
            shown.append(number_in(frames[-1].to_ndarray(format="bgr24")))
    assert shown == list(range(0, len(packets), round(FPS / rate_hz)))
    assert given == decoded


def test_what_waits_is_bounded_and_a_new_epoch_forgets_it(packets: list[VideoPacket]) -> None:
    backlog, p = Backlog(), packets[1]
    sizes = [len(backlog.add(p, due=False)) for _ in range(MOST)]
    assert sizes == [0] * (MOST - 1) + [MOST]
    backlog.add(p, due=False)
    backlog.clear()
    assert backlog.add(p, due=True) == [p]


def test_another_rate_goes_on_where_the_one_before_was() -> None:
    sampler = SlotSampler(5.0)
    assert [sampler.wants(t_s) for t_s in (0.0, 0.1, 0.2)] == [True, False, True]
    slower = sampler.at(2.5)
    assert [slower.wants(t_s) for t_s in (0.3, 0.4, 0.6, 0.8)] == [False, True, False, True]

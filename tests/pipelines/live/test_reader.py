"""One stream's reader over a real file: what it decodes, and what it counts, while it does not keep up."""

from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from pipelines.live.address import parse_address
from pipelines.live.clock import LiveClock, Reading, Zero
from pipelines.live.feeding import Diet
from pipelines.live.reader import LiveFrame, Stream, StreamReader
from pipelines.live.shedding import LATE_S
from pipelines.live.status import StreamStatus
from pipelines.live.tempo import Tempo
from tests.footage_maker import number_in, write_video

FPS, KEY_EVERY, FRAMES = 25, 17, 80
"""Keyframes come every 0.68 s: three of five behind the beginning of their slot."""


class LateClock(LiveClock):
    """Of a stream whose thread never gets its turn in time."""

    def read(self, ticks: int | None, arrived_s: float) -> Reading:
        return replace(super().read(ticks, arrived_s), late_s=1.5 * LATE_S)


@pytest.mark.parametrize(("label", "share", "counted"), [("all of them", 1.0, 15), ("half as many", 0.5, 7)])
def test_a_late_stream_is_looked_at_in_every_keyframe(tmp_path: Path, label: str, share: float, counted: int) -> None:
    video = write_video(tmp_path / "a.mp4", frames=FRAMES, fps=FPS, options={"g": str(KEY_EVERY), "bf": "0"})
    shown, shed, tempo = list[int](), list[None](), Tempo()
    tempo.share = share

    def take(frame: LiveFrame) -> None:
        shown.append(number_in(np.asarray(frame.raw.to_ndarray(format="bgr24"), np.uint8)))

    stream = Stream(
        camera_id="HN-1",
        address=parse_address(str(video), folder=tmp_path),
        check_size=lambda _size_wh: None,
        on_packet=None,
        on_frame=take,
        rate_hz=5.0,
        tempo=tempo,
        diet=Diet(on_shed=lambda: shed.append(None)),
    )
    reader = StreamReader(stream, StreamStatus(role="main"), Zero(), LateClock(), Event())
    reader.start()
    reader.join(30)
    assert reader.ended
    assert shown == list(range(0, FRAMES, KEY_EVERY)), label
    assert len(shed) == counted, "once a slot, and never where a look came before"

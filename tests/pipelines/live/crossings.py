"""A street where nothing moves but, now and then, one motorbike; and what a camera's gate sees of it, without threads.

`street` makes the footage from a sample's own pictures, `watch` puts it through a reader's feeding and the motion gate.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import cv2
import numpy as np

from detector.gate import MotionGate
from detector.types import ClockGrade, Detections
from pipelines.bench.footage import FPS, Image, encode, sample_frames
from pipelines.live.clock import Reading
from pipelines.live.feeding import Diet, Feeding, KnownSizes
from pipelines.live.gating import LiveGate
from pipelines.live.slots import Slots
from pipelines.live.tempo import Tempo
from pipelines.video.source import SourceFrame

SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "clips" / "wrong_way.mp4"
EVERY_S, CROSSES_S = 10.2, 3.0
"""A keyframe comes every 2 s, so each crossing begins a tenth of a group of pictures later than the one before."""
LEAST_PX, SHRUNK = 30, 3
RATE_HZ = 5.0


def street(target: Path, size_wh: tuple[int, int], *, crossings: int) -> list[float]:
    """Writes the footage; returns when the motorbike's first pixel is seen, each time."""
    encode(_pictures(crossings), target, size_wh)
    return [number * EVERY_S for number in range(1, crossings + 1)]


def _pictures(crossings: int) -> Iterator[Image]:
    frames = [picture for _, picture in sample_frames(SAMPLE)][::5]
    empty = np.median(np.stack(frames), axis=0).astype(np.uint8)
    bike, top = _one_moving(frames, empty)
    empty, bike, top = _smaller(empty), _smaller(bike), top // SHRUNK
    height, width = bike.shape[:2]
    for number in range(round((crossings + 1) * EVERY_S * FPS)):
        since_s = number / FPS % EVERY_S if number / FPS >= EVERY_S else EVERY_S
        picture = empty.copy()
        if since_s < CROSSES_S:
            right = 1 + round(since_s / CROSSES_S * (empty.shape[1] + width))
            left = max(right - width, 0)
            shown = bike[:, width - right if right < width else 0 :][:, : empty.shape[1] - left]
            picture[top : top + height, left : left + shown.shape[1]] = shown
        yield picture


def _smaller(picture: Image) -> Image:
    height, width = (max(side // SHRUNK, 1) for side in picture.shape[:2])
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _one_moving(frames: list[Image], empty: Image) -> tuple[Image, int]:
    """The smallest thing that moves and is of some size, cut out of a frame, and its upper edge."""
    found = []
    for frame in frames:
        moved = (cv2.absdiff(frame, empty).max(axis=2) > 40).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(moved, np.ones((5, 5), np.uint8)))
        for x, y, width, height, area in stats[1:].tolist():
            if min(width, height) >= LEAST_PX:
                found.append((area, np.ascontiguousarray(frame[y : y + height, x : x + width]), y))
    _, bike, top = min(found, key=lambda one: one[0])
    return bike, top


@dataclass(slots=True)
class Seen:
    """What came of one recording: times judged, those at which something had changed, due frames left out, packets
    decoded."""

    judged_s: list[float] = field(default_factory=list)
    stirred_s: list[float] = field(default_factory=list)
    left: int = 0
    decoded: int = 0


def watch(
    video: Path, *, dozes: bool, phase_s: float = 0.0, known: KnownSizes | None = None, until_s: float = math.inf
) -> Seen:
    """The recording as a reader and the looking thread have it, one frame after the other.

    Args:
        dozes: frames may be left undecoded.
        phase_s: the stream's clock is so far ahead of the recording's; a keyframe then is not the first of its slot.
        known: what an earlier connection left.
        until_s: where the recording is left.
    """
    seen = Seen()

    def leave(frames: int) -> None:
        seen.left += frames

    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        motion = MotionGate(size_wh=(stream.width, stream.height), still_s=2.0)
        gate, slots = LiveGate(motion), Slots(RATE_HZ, Tempo())
        diet = Diet(gate=gate if dozes else None, on_doze=leave)
        feeding = Feeding(stream, diet, slots, patient=True, known=known)
        for packet in container.demux(stream):
            if not packet.size or packet.pts is None:
                continue
            base_s = float(stream.time_base or 0)
            if packet.pts * base_s >= until_s:
                break
            reading = Reading(t_s=packet.pts * base_s + phase_s, epoch=0, late_s=0.0, grade=ClockGrade.PTS)
            wanted, _ = feeding.hear(packet, reading, by_arrival=False)
            seen.decoded += len(wanted)
            for frame in (frame for one in wanted for frame in one.decode()):
                t_s = (frame.pts or 0) * base_s + phase_s
                if slots.looks(t_s):
                    shown = SourceFrame(
                        t_s=t_s, epoch=0, pts=frame.pts, clock=ClockGrade.PTS, rotation_deg=0, raw=frame
                    )
                    seen.judged_s.append(t_s - phase_s)
                    if gate.passes(shown):
                        gate.saw(Detections.empty())
                    if motion.memory.stirred_s == t_s:
                        seen.stirred_s.append(t_s - phase_s)
    return seen

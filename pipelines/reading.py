"""How a recording is decoded for analysis: as little as its scene allows, and always the same for the same input."""

from detector.gate import KEYFRAME_S, need_of
from detector.gate.need import SLACK_S
from detector.scene import Scene, ZoneKind
from pipelines.video.keyframes import longest_gap_s
from pipelines.video.recording import Recording
from pipelines.video.source import FrameSource, ReadCounters, open_source
from pipelines.video.thrift import Thrift

SPARSE_FROM = 3.0
"""From this many source frames per analysed one, frames that no other frame depends on are not decoded."""
COARSE_FROM_PX = 1280
"""From this long side on the network sees a picture at half its size or less, and what the deblocking filter would
smooth averages out. Measured on real streets: three clips of this size and more, nothing lost; on smaller ones,
which cost little to decode, 6 of 221 acts were."""


def needs_keyframes_alone(scene: Scene, recording: Recording) -> bool:
    """Whether all rules are on standing and the keyframes come often enough for them."""
    return need_of(scene).standing_alone and longest_gap_s(recording) <= KEYFRAME_S + SLACK_S


def step_s(thrift: Thrift) -> float:
    """The time between looks that a lane must expect, 0 where they come at the asked rate."""
    return KEYFRAME_S if thrift.keyframes else 0.0


def reading_thrift(scene: Scene, recording: Recording, rate_hz: float) -> Thrift:
    """What the reader may leave out; loads are told from texture, so their pictures stay whole.

    Args:
        scene: whose rules look at the pictures.
        recording: what is read.
        rate_hz: analysed frames per second.
    """
    return Thrift(
        unreferenced=recording.nominal_fps >= SPARSE_FROM * rate_hz,
        keyframes=needs_keyframes_alone(scene, recording),
        unfiltered=max(recording.size_wh) >= COARSE_FROM_PX and not scene.zones_of(ZoneKind.LOAD_CHECK),
        looks_hz=rate_hz,
    )


def open_reading(
    scene: Scene, recording: Recording, rate_hz: float, *, counters: ReadCounters | None = None
) -> FrameSource:
    """The recording as its analysis reads it."""
    return open_source(recording, counters=counters, thrift=reading_thrift(scene, recording, rate_hz))

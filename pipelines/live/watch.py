"""One live camera at work: its streams' readers, its packets, its lane, its status.

Readers and ring belong to the reading threads, analyser and lane to the lane thread; `footage` may be called by any.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from cases.tracks import Save, TrackLog
from detector.gate import KEYFRAME_S, need_of
from detector.inference import Backend
from detector.inference.load import LoadClassifier
from detector.lane import Lane
from detector.scene import Scene, ZoneKind
from detector.types.violation import Fact
from pipelines.analysis import Analyser, build_analyser
from pipelines.evidence import POST_ROLL_S, PRE_ROLL_S
from pipelines.live.address import Address, StreamKind
from pipelines.live.camera_file import LiveCamera
from pipelines.live.checkpoint import CheckpointFile, Past, Standpoint
from pipelines.live.clock import LiveClock, Zero
from pipelines.live.feeding import Diet
from pipelines.live.footage import RingFootage
from pipelines.live.gating import LiveGate
from pipelines.live.reader import LiveFrame, Stream, StreamReader, UnfitError
from pipelines.live.ring import PacketRing
from pipelines.live.server_clock import ServerClock
from pipelines.live.sight import Sight
from pipelines.live.status import CameraStatus, StreamStatus
from pipelines.live.tempo import Tempo
from pipelines.scene_file import SceneFile
from pipelines.video.source import SourceFrame

MARGIN_S = 60.0
"""Packets are kept this much longer than the longest act's limit."""
SHAPE_TOLERANCE = 0.02

OnFrame = Callable[[LiveFrame], bool]
"""Takes a frame; True when it replaced one that nobody had looked at."""


@dataclass(slots=True, kw_only=True)
class Watch:
    """One camera being watched; see the module for who may use what."""

    camera: LiveCamera
    status: CameraStatus
    ring: PacketRing
    readers: tuple[StreamReader, ...]
    analyser: Analyser
    lane: Lane
    stop: Event
    source_id: str
    zero: Zero
    checkpoint: CheckpointFile
    server_clock: ServerClock
    gate: LiveGate
    sight: Sight
    tracks: TrackLog
    tempo: Tempo
    index: int = 0
    filed: set[str] = field(default_factory=set)
    unsafe: set[str] = field(default_factory=set)
    over: bool = False
    interrupted: bool = False
    news: bool = False

    def footage(self) -> RingFootage:
        """What the ring holds now, in the seconds of the stream that is looked at."""
        looked, main = self.readers[-1].clock, self.readers[0].clock
        return RingFootage(
            name=self.camera.main.shown,
            kept=self.ring.snapshot(),
            shift_s=looked.base_lag_s - main.base_lag_s,
            interlaced=self.sight.interlaced and self.camera.detect is None,
        )

    @property
    def scene_file(self) -> SceneFile:
        """What judges it."""
        return self.camera.scene_file

    def frozen(self) -> tuple[bytes, bytes] | None:
        """All that a successor needs, for `CheckpointFile.write`; None while nothing was judged yet."""
        last = self.lane.stamp
        if last is None:
            return None
        standpoint = Standpoint(
            source_id=self.source_id,
            t_s=last.t_s,
            now_s=self.zero.since(time.monotonic()),
            epoch=max(reader.clock.epoch for reader in self.readers),
            index=self.index,
            filed=frozenset(self.filed - self.unsafe),
        )
        return self.checkpoint.frozen(standpoint, self.lane.memory(), self.analyser.state())

    def resume(self, past: Past) -> None:
        """Goes on where an earlier worker was."""
        self.index = past.standpoint.index
        self.filed = set(past.standpoint.filed)
        self.lane.recall(past.lane)
        self.analyser.restore(past.foreground)
        self.ring.restore(past.packets)

    def clock_facts(self) -> dict[str, Fact]:
        """What a case must say of clocks: this server's and the camera's, and how the stream comes."""
        looked = self.status.streams[-1]
        facts: dict[str, Fact] = {"server_clock_offset_s": self.server_clock.told}
        if looked.clock_offset_s is not None:
            facts["camera_clock_offset_s"] = round(looked.clock_offset_s, 3)
        if (self.camera.detect or self.camera.main).kind is StreamKind.HLS:
            facts["delivery"] = "hls"
        if self.tempo.share < 1:
            facts["looks_hz"] = round(self.camera.rate_hz * self.tempo.share, 3)
        return facts

    def holds_until(self, t_s: float) -> bool:
        """Whether the ring reaches to a time of the stream that is looked at, or will not any more."""
        shift_s = self.readers[-1].clock.base_lag_s - self.readers[0].clock.base_lag_s
        return self.ring.newest_s >= t_s + shift_s or self.readers[0].ended

    def safe(self, violation_id: str) -> None:
        """An act that a kill cannot cost any more."""
        self.unsafe.discard(violation_id)

    def frame(self, live: LiveFrame) -> SourceFrame:
        """The frame as recordings have them."""
        reading = live.reading
        return SourceFrame(
            t_s=reading.t_s,
            epoch=reading.epoch,
            pts=live.raw.pts,
            clock=reading.grade,
            rotation_deg=0,
            raw=live.raw,
            interlaced=self.sight.interlaced,
        )


def build_watch(
    camera: LiveCamera,
    *,
    folder: Path,
    backend: Backend,
    loads: LoadClassifier | None,
    server_clock: ServerClock,
    on_frame: OnFrame,
    save_tracks: Save,
    tempo: Tempo,
) -> Watch:
    """A camera ready to start, where an earlier worker left it.

    Args:
        camera: what to watch.
        folder: what this camera's workers lay aside.
        backend, loads: shared networks.
        server_clock: what cases say of this server's time.
        on_frame: gets the frames that are due.
        save_tracks: keeps what was tracked for trials of other scenes; must not wait.
        tempo: how often all cameras are looked at.

    Raises:
        ConfigError: another worker watches it into the same folder.
    """
    checkpoint = _checkpoint(camera, folder)
    past = checkpoint.past()
    ring = PacketRing(keep_s=_keep_s(camera), most_bytes=camera.ring_bytes)
    status = _status(camera)
    source_id = past.standpoint.source_id if past else f"live/{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    zero, stop = Zero(past.zero_s if past else None), Event()
    analyser = build_analyser(
        camera.scene_file,
        start_at=None,
        rate_hz=camera.rate_hz,
        backend=backend,
        loads=loads,
        whole=camera.detect is not None,
    )
    gate = LiveGate(analyser.gate)
    fresh = Watch(
        camera=camera,
        status=status,
        ring=ring,
        readers=_readers(_streams(camera, ring, status, gate, on_frame, tempo), status, zero, past, stop),
        analyser=analyser,
        gate=gate,
        lane=_lane(camera.scene_file.scene, source_id, analyser),
        stop=stop,
        source_id=source_id,
        zero=zero,
        checkpoint=checkpoint,
        server_clock=server_clock,
        sight=Sight(camera.scene_file, status, folder),
        tempo=tempo,
        tracks=TrackLog(camera.id, source_id, camera.scene_file.text, save_tracks, analyser.window),
    )
    return fresh if past is None else _resumed(fresh, past)


def _resumed(watch: Watch, past: Past) -> Watch:
    watch.resume(past)
    return watch


def _status(camera: LiveCamera) -> CameraStatus:
    roles = ("main",) if camera.detect is None else ("main", "detect")
    return CameraStatus(id=camera.id, streams=tuple(StreamStatus(role=role) for role in roles))


def _readers(
    streams: tuple[Stream, ...], status: CameraStatus, zero: Zero, past: Past | None, stop: Event
) -> tuple[StreamReader, ...]:
    """One for each stream, which states how it goes in its part of the status."""
    return tuple(
        StreamReader(stream, part, zero, _clock(stream.address, past), stop)
        for stream, part in zip(streams, status.streams, strict=True)
    )


def _lane(scene: Scene, source_id: str, analyser: Analyser) -> Lane:
    step_s = KEYFRAME_S if need_of(scene).standing_alone else 0.0
    return Lane(scene, source_id, step_s=step_s, window=analyser.window, calibration=analyser.backend.calibration)


def _keep_s(camera: LiveCamera) -> float:
    """How far back footage must reach: over the longest act."""
    longest_s = max((zone.limit for zone in camera.scene_file.scene.zones), default=0.0)
    return longest_s + PRE_ROLL_S + POST_ROLL_S + MARGIN_S


def _checkpoint(camera: LiveCamera, folder: Path) -> CheckpointFile:
    scene_hash = camera.scene_file.hash
    return CheckpointFile(folder, camera_id=camera.id, scene_hash=scene_hash, keep_s=_keep_s(camera))


def _streams(
    camera: LiveCamera, ring: PacketRing, status: CameraStatus, gate: LiveGate, on_frame: OnFrame, tempo: Tempo
) -> tuple[Stream, ...]:
    """The main stream, and the one that is looked at if that is another."""
    scene = camera.scene_file.scene

    def post(frame: LiveFrame) -> None:
        status.dropped += on_frame(frame)

    def shed() -> None:
        status.dropped += 1

    def doze(frames: int) -> None:
        status.undecoded += frames

    diet = Diet(standing_alone=need_of(scene).standing_alone, gate=gate, on_shed=shed, on_doze=doze, seed=camera.id)

    def stream(address: Address, *, main: bool, looked: bool) -> Stream:
        return Stream(
            camera_id=camera.id,
            address=address,
            check_size=_size_check(camera, address, exact=main),
            on_packet=ring.add if main else None,
            on_frame=post if looked else None,
            rate_hz=camera.rate_hz,
            tempo=tempo,
            diet=diet,
            coarsely=not scene.zones_of(ZoneKind.LOAD_CHECK),
        )

    if camera.detect is None:
        return (stream(camera.main, main=True, looked=True),)
    return stream(camera.main, main=True, looked=False), stream(camera.detect, main=False, looked=True)


def _clock(address: Address, past: Past | None) -> LiveClock:
    timed = address.kind is not StreamKind.MJPEG
    if past is None:
        return LiveClock(timed=timed)
    return LiveClock(timed=timed, epoch=past.standpoint.epoch, after_s=past.standpoint.t_s)


def _size_check(camera: LiveCamera, address: Address, *, exact: bool) -> Callable[[tuple[int, int]], None]:
    width, height = camera.scene_file.scene.size

    def check(size_wh: tuple[int, int]) -> None:
        fits = size_wh == (width, height)
        if not exact:
            fits = abs(size_wh[0] * height / (size_wh[1] * width) - 1) <= SHAPE_TOLERANCE
        if not fits:
            wanted = f"size {width}x{height}" if exact else f"the shape of {width}x{height}"
            raise UnfitError(
                f"{address.shown}: pictures of {size_wh[0]}x{size_wh[1]}, but {camera.scene_file.path} was drawn on"
                f" {width}x{height}; set the camera to {wanted}, or draw the scene anew",
                code="unfit",
                got=f"{size_wh[0]}x{size_wh[1]}",
                wanted=f"{width}x{height}",
            )

    return check

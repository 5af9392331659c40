"""What a recording is, before any frame of it is analysed: size, rate, length, creation time, identity.

A recording is one video file, or a folder of pictures with a declared frame rate. Its identity is the SHA-256 of
its content, so that the same footage under another name opens no second case.
"""

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from fractions import Fraction
from functools import partial
from itertools import islice, pairwise
from pathlib import Path

import av
import av.error
import cv2
from av import VideoFrame
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from detector.types import ClockGrade, SourceError
from pipelines.video.interlaced import are_interlaced, is_interlaced
from pipelines.video.thrift import Thrift

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})
PROBED_PACKETS = 300
PROBED_FRAMES = 24
TOLERATED_FAULTS = 12
"""One frame in so many may stand out of order and its times still count as rising."""
JUMP_BACK_S = 1.0
"""Times that fall back further than this are a new epoch; less is a swapped or repeated frame."""
CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,live_flv,asf,dhav,mxf,mxf_opatom,nut,ogg,"
    "ivf,dv,rm,wtv,h264,hevc,av1,m4v,mjpeg"
)
"""What recorders write. FFmpeg also reads play lists, which fetch other files, and text, as a film of letters."""
INDEXED = frozenset({"mov", "avi"})
"""Containers whose index counts times upwards; the times of all others may fall back where parts were joined."""
CREDIBLE_FPS = 240.0
"""A higher rate is what FFmpeg makes of a file without times, not what a camera does."""
_CHUNK_BYTES = 1 << 20


class TimeField(StrEnum):
    """Which of a frame's times rises in the order of showing."""

    PTS = "pts"
    DTS = "dts"
    """AVI and its like store no presentation times: what FFmpeg puts there is the order of decoding."""
    NONE = "none"
    """No time rises: frames are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One recording's facts.

    Attributes:
        path: the file, or the folder of pictures.
        size_wh: px, as shown (rotation flag applied).
        rotation_deg: counter-clockwise turn that the container asks for: 0, 90, 180, 270.
        nominal_fps: declared or guessed rate, only for planning and for pictures without times.
        duration_s: as declared by the container, None when it does not say or says it of one part only.
        codec: e.g. `h264`; `pictures` for a folder.
        created_at: UTC from the container, None when it does not say or says nonsense.
        sha256: hex digest of the content.
        times: which time of its frames to trust; without any, frames are counted at `nominal_fps`.
        joined: its times fall back somewhere, so a time names no single place in the file and cannot be sought.
        interlaced: its pictures are two fields of different moments, combed into one.
        pictures: the picture files in order; empty for a video file.
    """

    path: Path
    size_wh: tuple[int, int]
    rotation_deg: int
    nominal_fps: float
    duration_s: float | None
    codec: str
    created_at: datetime | None
    sha256: str
    times: TimeField = TimeField.PTS
    joined: bool = False
    interlaced: bool = False
    pictures: tuple[Path, ...] = ()

    @property
    def name(self) -> str:
        """The file's own name, as events carry it."""
        return self.path.name

    @property
    def native_clock(self) -> ClockGrade:
        """The best grade its times can have."""
        grades = {TimeField.PTS: ClockGrade.PTS, TimeField.DTS: ClockGrade.CORRECTED}
        return grades.get(self.times, ClockGrade.NOMINAL)


def open_recording(path: Path, *, picture_fps: float | None = None) -> Recording:
    """Reads a recording's facts.

    Raises:
        SourceError: missing, empty, not a video, without a picture track, or undecodable; names the cure.
    """
    if path.is_dir():
        return _open_folder(path, picture_fps)
    if not path.exists():
        raise SourceError(f"{path}: no such file; check the path")
    if path.stat().st_size == 0:
        raise SourceError(f"{path}: the file is empty (0 bytes); copy it again from the recorder")
    with open_container(path) as container:
        stream = video_stream(container, path)
        first = _first_frames(container, stream, path)
        rotation = turn_deg(first[0])
        times = _rising_field(first)
        counted = times is TimeField.NONE
        fps = _counted_fps(first[0], stream) if counted else float(stream.average_rate or stream.guessed_rate or 25)
        size = (stream.width, stream.height) if rotation % 180 == 0 else (stream.height, stream.width)
        joined = _falls_back(container, stream)
        return Recording(
            path=path,
            size_wh=size,
            rotation_deg=rotation,
            nominal_fps=fps,
            duration_s=None if joined else stream.frames / fps or None if counted else _duration_s(container, stream),
            codec=stream.codec_context.name,
            created_at=_created_at(container, stream),
            sha256=file_sha256(path),
            times=times,
            joined=joined,
            interlaced=is_interlaced(partial(_opened, path), first, fps),
        )


def open_container(path: Path) -> InputContainer:
    """Opens a video file for reading.

    Raises:
        SourceError: not readable as a video.
    """
    try:
        options = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file"}
        # Without the prefix FFmpeg takes what stands before a colon in a name ("08:30.mp4") for a protocol.
        return av.open(f"file:{path}", options=options, metadata_errors="replace")
    except (av.error.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(
            f"{path}: not readable as a video ({reason}); expected mp4, mkv, avi or ts with H.264, H.265, MPEG-4 or"
            " MJPEG; copy it again, or repair it with a remuxing tool"
        ) from error


def _opened(path: Path) -> tuple[InputContainer, VideoStream]:
    container = open_container(path)
    return container, video_stream(container, path)


def video_stream(container: InputContainer, path: Path) -> VideoStream:
    """The picture track: of several the one with the most pixels, as of a recorder that keeps a small one beside it.

    A cover picture is none.

    Raises:
        SourceError: the file has none, or its size is unknown.
    """
    streams = [
        stream
        for stream in container.streams.video
        if stream.codec_context is not None and not stream.disposition & Disposition.attached_pic
    ]
    if not streams:
        kinds = ", ".join(sorted({_kind(stream) for stream in container.streams})) or "nothing"
        raise SourceError(f"{path}: no picture track (the file holds {kinds}); give a recording of the camera's video")
    stream = max(streams, key=lambda stream: stream.width * stream.height)
    if not stream.width or not stream.height:
        raise SourceError(f"{path}: the picture size is unknown: no decodable frame near the start; copy it again")
    return stream


def _kind(stream: Stream) -> str:
    return "a cover picture" if stream.disposition & Disposition.attached_pic else stream.type


def file_sha256(path: Path) -> str:
    """SHA-256 hex of a file's content, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_CHUNK_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def turn_deg(frame: VideoFrame) -> int:
    """The counter-clockwise turn that the container asks for: 0, 90, 180, 270."""
    return round(frame.rotation / 90) * 90 % 360


def _first_frames(container: InputContainer, stream: VideoStream, path: Path) -> list[VideoFrame]:
    """A few decoded frames: they carry the rotation flag and show whether times rise.

    Raises:
        SourceError: nothing decodes.
    """
    frames: list[VideoFrame] = []
    if isinstance(stream.codec_context, VideoCodecContext):
        Thrift(unfiltered=True).apply(stream.codec_context)
    for packet in islice(container.demux(stream), PROBED_PACKETS):
        with suppress(av.error.FFmpegError):
            frames.extend(packet.decode())
        if len(frames) >= PROBED_FRAMES:
            break
    if not frames:
        raise SourceError(f"{path}: holds no picture that can be decoded; copy it again from the recorder")
    return frames


def _rising_field(frames: list[VideoFrame]) -> TimeField:
    """PTS where most of them rise from frame to frame as shown, else DTS, else none (some exporters write one time)."""
    if len(frames) == 1:
        return TimeField.PTS if frames[0].pts is not None else TimeField.NONE
    for field, times in ((TimeField.PTS, [f.pts for f in frames]), (TimeField.DTS, [f.dts for f in frames])):
        faults = sum(b is None or a is None or b <= a for a, b in pairwise(times))
        if faults <= len(frames) // TOLERATED_FAULTS:
            return field
    return TimeField.NONE


def _falls_back(container: InputContainer, stream: VideoStream) -> bool:
    """Whether the times of the packets, from where the container stands on, fall back for good."""
    if not INDEXED.isdisjoint(container.format.name.split(",")) or not stream.time_base:
        return False
    jump = JUMP_BACK_S / stream.time_base
    highest: int | None = None
    with suppress(av.error.FFmpegError):
        for packet in container.demux(stream):
            ticks = packet.pts if packet.dts is None else packet.dts
            if ticks is None:
                continue
            if highest is not None and ticks < highest - jump:
                return True
            highest = ticks if highest is None else max(highest, ticks)
    return False


def _counted_fps(frame: VideoFrame, stream: VideoStream) -> float:
    """The rate to count at: the frames' own duration where they have one, else what the container says, if credible."""
    own = 1 / (frame.duration * stream.time_base) if frame.duration and stream.time_base else None
    rates = [float(rate) for rate in (own, stream.average_rate, stream.guessed_rate) if rate]
    return next((rate for rate in rates if rate <= CREDIBLE_FPS), 25.0)


def _duration_s(container: InputContainer, stream: VideoStream) -> float | None:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    length_s = container.duration / av.time_base if container.duration else None
    return _matroska_s(stream, length_s) if "matroska" in container.format.name else length_s


def _matroska_s(stream: VideoStream, length_s: float | None) -> float | None:
    """Matroska counts from zero, where a track may begin much later, and to the end of the longest track."""
    with suppress(KeyError, ValueError):
        hours, minutes, seconds = stream.metadata["DURATION"].split(":")
        length_s = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    begins_s = float((stream.start_time or 0) * (stream.time_base or 0))
    return length_s - begins_s if length_s is not None and length_s > begins_s else length_s


def _created_at(container: InputContainer, stream: VideoStream) -> datetime | None:
    for metadata in (container.metadata, stream.metadata):
        text = metadata.get("creation_time") or metadata.get("com.apple.quicktime.creationdate")
        if not text:
            continue
        try:
            created = datetime.fromisoformat(text)
        except ValueError:
            continue
        # Recorders without a set clock write the epoch of their container: 1904 or 1970.
        if created.year > 2000:
            return created.replace(tzinfo=UTC) if created.tzinfo is None else created.astimezone(UTC)
    return None


def _by_number(path: Path) -> list[tuple[int, str]]:
    """Sorts `2.jpg` before `10.jpg`: runs of digits count as numbers."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path.name) if part]


def _open_folder(path: Path, picture_fps: float | None) -> Recording:
    pictures = tuple(sorted((p for p in path.iterdir() if p.suffix.lower() in PICTURE_SUFFIXES), key=_by_number))
    if not pictures:
        held = (
            f"; the recordings in it are given by name, e.g. {path}/*"
            if any(p.is_file() for p in path.iterdir())
            else ""
        )
        raise SourceError(f"{path}: the folder holds no picture ({', '.join(sorted(PICTURE_SUFFIXES))}){held}")
    if picture_fps is None:
        raise SourceError(f"{path}: a folder of pictures needs its frame rate; add --picture-fps, e.g. --picture-fps 5")
    first = next((image for p in pictures if (image := cv2.imread(str(p))) is not None), None)
    if first is None:
        raise SourceError(f"{path}: none of its {len(pictures)} pictures can be decoded; copy them again")
    digest = hashlib.sha256()
    for picture in pictures:
        digest.update(f"{picture.name}\x1f{file_sha256(picture)}\x1f".encode())
    rate = Fraction(picture_fps).limit_denominator(1001)
    return Recording(
        path=path,
        size_wh=(first.shape[1], first.shape[0]),
        rotation_deg=0,
        nominal_fps=float(rate),
        duration_s=len(pictures) / float(rate),
        codec="pictures",
        created_at=None,
        sha256=digest.hexdigest(),
        times=TimeField.NONE,
        interlaced=are_interlaced(pictures),
        pictures=pictures,
    )

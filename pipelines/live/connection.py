"""One connection to a stream, through PyAV: opened with deadlines, read packet by packet, damage left to the caller.

Every wait on the network ends after `SILENCE_S`, so that a dead camera costs its own thread that long and no more.
Error texts never hold a password: FFmpeg's own, which quote the address, are not passed on.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from threading import Event
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import av
import av.error
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream
from urllib3.exceptions import HTTPError

from detector.types import SourceError
from pipelines.live.address import USUAL_PORTS, Address, StreamKind
from pipelines.live.playlist import RefusedError, opener
from pipelines.live.ring import VideoPacket
from pipelines.live.trust import UntrustedError, explain, tls_options
from pipelines.reading import COARSE_FROM_PX, SPARSE_FROM
from pipelines.video.recording import CONTAINERS
from pipelines.video.thrift import Thrift

SILENCE_S = 5.0
"""A stream that sends nothing for so long is lost."""
KNOCK_S = 2.0
"""Time enough for one TCP packet to get lost and be sent again."""
HLS_SILENCE_S = 20.0
"""A playlist is read anew only when its last segment is over, which may take two segments' time."""
CREDIBLE_FPS = 120.0
PACED = frozenset({StreamKind.FILE, StreamKind.HLS})
"""Their packets come faster than they were taken: all at once, or a segment at a time."""
LONGEST_WAIT_S = 15.0
"""Times that leap further ahead are a jump, not a pause."""
SHORT_S = 0.2
"""So long nobody minds waiting for a thread to stop; sleeping costs less than waiting for an event."""
_PROBE = {"analyzeduration": "2000000", "probesize": "2000000"}
_DENIED = (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError)


class DeniedError(SourceError):
    """The camera answers but refuses user or password."""


class Connection:
    """An open stream; close it by leaving its `with` block.

    Raises:
        DeniedError: user or password are refused.
        UntrustedError: the camera's certificate is not trusted.
        SourceError: it cannot be reached, or sends no video.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        try:
            with tls_options(address.url, address.shown, address.trust) as options:
                self._container = _open(address, options)
        except (*_DENIED, RefusedError) as error:
            raise DeniedError(
                f"{address.shown}: the camera refuses user or password; correct `username` and `password_env` or"
                " `password_file`",
                code="denied",
            ) from error
        except UntrustedError:
            if address.trust.fingerprint is None:
                explain(address.url, address.shown, address.trust)
            raise
        except (av.error.FFmpegError, OSError, ValueError) as error:
            problem = reason(error)
        else:
            problem = ""
        if problem:
            explain(address.url, address.shown, address.trust)
            raise SourceError(f"{address.shown}: cannot be opened ({problem})", code="unreachable", why=problem)
        try:
            self.stream = self._picture_stream()
        except SourceError:
            self._container.close()
            raise
        # Asked for every packet: a fraction is dear to make.
        self.time_base_s = float(self.stream.time_base or 0)
        """Seconds per tick of its times."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(av.error.FFmpegError):
            self._container.close()

    @property
    def size_wh(self) -> tuple[int, int]:
        """px, as the stream declares it."""
        return self.stream.width, self.stream.height

    def decode_sparsely(self, rate_hz: float, *, coarsely: bool) -> None:
        """Lets the decoder leave out frames that are neither analysed nor needed for others, as for recordings.

        Args:
            rate_hz: analysed frames per second.
            coarsely: the deblocking filter may be left out where pictures are large.
        """
        context = self.stream.codec_context
        fps = float(self.stream.average_rate or 0)
        if isinstance(context, VideoCodecContext):
            thrift = Thrift(
                unreferenced=SPARSE_FROM * rate_hz <= fps <= CREDIBLE_FPS,
                unfiltered=coarsely and max(self.size_wh) >= COARSE_FROM_PX,
            )
            thrift.apply(context)

    def packets(self, stop: Event) -> Iterator[VideoPacket]:
        """Packets as they come (of a file or playlist at the pace of their times), until the end or until stopped.

        Raises:
            SourceError: the connection broke or fell silent.
        """
        pace = _Pace(stop) if self._address.kind in PACED else None
        try:
            for packet in self._container.demux(self.stream):
                if stop.is_set():
                    return
                if packet.size == 0:
                    continue
                if pace is not None and packet.dts is not None:
                    pace.wait(packet.dts * self.time_base_s)
                yield packet
        except (av.error.FFmpegError, OSError, HTTPError) as error:
            told = reason(error)
            raise SourceError(f"{self._address.shown}: broke off ({told})", code="broke_off", why=told) from None

    def _picture_stream(self) -> VideoStream:
        shown = self._address.shown
        streams = [stream for stream in self._container.streams.video if stream.codec_context is not None]
        if not streams:
            raise SourceError(f"{shown}: sends no video; choose the camera's video stream", code="no_video")
        if not streams[0].width or not streams[0].height:
            told = f"{shown}: sent no picture within {SILENCE_S:g} s; check the camera's encoder"
            raise SourceError(told, code="no_picture", s=f"{SILENCE_S:g}")
        streams[0].codec_context.thread_count = 1
        return streams[0]


def knock(address: Address) -> None:
    """Finds out quickly whether anybody is there at all: a lost camera is back sooner the less each try at it takes.

    Raises:
        SourceError: nobody answers.
    """
    if address.kind is StreamKind.FILE:
        return
    parts = urlsplit(address.url)
    port = parts.port or USUAL_PORTS[parts.scheme.lower()]
    try:
        socket.create_connection((parts.hostname or "", port), KNOCK_S).close()
    except OSError as error:
        told = reason(error)
        raise SourceError(f"{address.shown}: cannot be opened ({told})", code="unreachable", why=told) from None


def reason(error: Exception) -> str:
    """FFmpeg's own words without the address they quote."""
    if isinstance(error, av.error.ExitError):
        return f"no answer within {SILENCE_S:g} s"
    if isinstance(error, TimeoutError) and not error.strerror:
        return "no answer"
    return getattr(error, "strerror", None) or type(error).__name__


def _open(address: Address, tls: dict[str, str]) -> InputContainer:
    """Opens with deadlines; `tls` says what FFmpeg checks of a camera over TLS."""
    patience_us = str(round(SILENCE_S * 1e6))
    deadlines = (2 * SILENCE_S, SILENCE_S)
    if address.kind is StreamKind.RTSP:
        options = {
            **_PROBE,
            **tls,
            "rtsp_transport": address.transport,
            "allowed_media_types": "video",
            "timeout": patience_us,
        }
        return av.open(address.url, format="rtsp", options=options, timeout=deadlines)
    options = {**_PROBE, **tls, "rw_timeout": patience_us}
    if address.kind is StreamKind.MJPEG:
        options["protocol_whitelist"] = "http,https,tls,tcp"
        return av.open(address.url, format="mpjpeg", options=options, timeout=deadlines)
    if address.kind is StreamKind.HLS:
        options["protocol_whitelist"] = "http,https,tls,tcp,crypto"
        deadlines = (2 * deadlines[0], HLS_SILENCE_S)
        if not address.encrypted or address.trust.insecure:
            return av.open(address.url, format="hls", options=options, timeout=deadlines)
        options["http_persistent"] = "0"
        fetch = opener(address.shown, address.trust)
        return av.open(address.url, format="hls", options=options, timeout=deadlines, io_open=fetch)
    if address.kind is StreamKind.RTMP:
        return av.open(address.url, format="flv", options={**options, "rtmp_live": "live"}, timeout=deadlines)
    options = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file"}
    return av.open(f"file:{address.url}", options=options, metadata_errors="replace")


class _Pace:
    """Holds packets back until their time has come, counted from the first."""

    def __init__(self, stop: Event) -> None:
        self._stop = stop
        self._ahead_s: float | None = None

    def wait(self, t_s: float) -> None:
        now_s = time.monotonic()
        if self._ahead_s is None or abs(t_s - self._ahead_s - now_s) > LONGEST_WAIT_S:
            self._ahead_s = t_s - now_s
        wait_s = t_s - self._ahead_s - now_s
        if wait_s > SHORT_S:
            self._stop.wait(wait_s)
        elif wait_s > 0:
            time.sleep(wait_s)

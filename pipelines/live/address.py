"""Where a stream comes from, with its password kept out of everything that is shown.

In: what a camera file says. Out: an `Address` that FFmpeg can open, and its name for people without user,
password and query (some cameras carry tokens there).
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from pipelines.live.trust import ENCRYPTED, Trust, is_encrypted

_USERINFO = re.compile(r"(?<=://)[^\s/@]*(?:@[^\s/@]*)*@(?=[^\s/@])")
_QUERY = re.compile(r"(://[^\s?'\"]*)\?[^\s'\"]*")


class StreamKind(StrEnum):
    """How a stream is carried."""

    RTSP = "rtsp"
    MJPEG = "mjpeg"
    HLS = "hls"
    RTMP = "rtmp"
    FILE = "file"


SCHEMES = {
    "rtsp": StreamKind.RTSP,
    "rtsps": StreamKind.RTSP,
    "http": StreamKind.MJPEG,
    "https": StreamKind.MJPEG,
    "rtmp": StreamKind.RTMP,
    "rtmps": StreamKind.RTMP,
}
USUAL_PORTS = {"rtsp": 554, "http": 80, "rtmp": 1935, **ENCRYPTED}
PLAYLIST = ".m3u8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One stream's address.

    Attributes:
        kind: how it is carried.
        url: with user and password, for FFmpeg alone; left out of `repr`.
        shown: the same for people, without secrets.
        transport: `tcp` or `udp`, for RTSP.
        repeat: a file begins anew when it is over, as a camera that was lost for a moment.
        trust: by what the camera is known, where it is reached over TLS.
    """

    kind: StreamKind
    url: str = field(repr=False)
    shown: str
    transport: str = "tcp"
    repeat: bool = False
    trust: Trust = field(default_factory=Trust)

    @property
    def encrypted(self) -> bool:
        """Whether it is reached over TLS."""
        return self.kind is not StreamKind.FILE and is_encrypted(self.url)


def parse_address(
    stream: str, *, folder: Path, username: str | None = None, password: str | None = None, transport: str = "tcp"
) -> Address:
    """The address that `stream` names; paths are relative to `folder`.

    Raises:
        ValueError: it cannot be used; the text says why and how to cure it, without secrets.
    """
    if "://" not in stream:
        return _file(stream, folder, with_user=username is not None)
    try:
        parts = urlsplit(stream)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"{masked(stream)} is no address; write rtsp://HOST:PORT/PATH") from error
    if parts.scheme.lower() not in SCHEMES:
        raise ValueError(
            f"{masked(stream)}: {parts.scheme} streams are not supported; give rtsp://, rtsps://, rtmp://, rtmps://,"
            " http:// or https:// (MJPEG, or HLS where the path ends in .m3u8), or the path of a video file"
        )
    if not host:
        raise ValueError(f"{masked(stream)}: names no host; write {parts.scheme}://HOST:PORT/PATH")
    if parts.username and username is not None:
        raise ValueError("names a user although `username` does too; keep one of them")
    place = f"[{host}]" if ":" in host else host
    place = place if port is None else f"{place}:{port}"
    url = urlunsplit(parts._replace(netloc=_userinfo(parts, username, password) + place))
    shown = urlunsplit(parts._replace(netloc=place, query="", fragment=""))
    kind = SCHEMES[parts.scheme.lower()]
    if kind is StreamKind.MJPEG and parts.path.lower().endswith(PLAYLIST):
        kind = StreamKind.HLS
    return Address(kind=kind, url=url, shown=shown, transport=transport)


def masked(text: str) -> str:
    """`text` with the user, password and query of every address in it blotted out."""
    return _QUERY.sub(r"\1?***", _USERINFO.sub("***@", text))


def _file(stream: str, folder: Path, *, with_user: bool) -> Address:
    path = (folder / stream).resolve()
    if with_user:
        raise ValueError(f"{stream} is a file and needs no `username`; remove it")
    if not path.is_file():
        raise ValueError(f"{path}: no such file; give a video file or an address such as rtsp://HOST:PORT/PATH")
    return Address(kind=StreamKind.FILE, url=str(path), shown=path.name)


def _userinfo(parts: SplitResult, username: str | None, password: str | None) -> str:
    if username is None:
        # Whatever stands before the last @, as written: it may hold characters that are quoted already.
        return parts.netloc[: parts.netloc.rfind("@") + 1]
    secret = "" if password is None else f":{quote(password, safe='')}"
    return f"{quote(username, safe='')}{secret}@"

"""What one camera says of itself over ONVIF: make, clock, and the streams it offers.

In: where it is, user and password. Out: a `Device` with its profiles, whose addresses hold no password. The password is
sent as a WS-UsernameToken digest, in the camera's own time, so that a wrong clock of the camera does not lock us out.
Needs the extra `[onvif]`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import onvif
import zeep.exceptions

from detector.types import SourceError
from pipelines.live.connection import DeniedError

PATIENCE_S = 20.0
"""For everything one device is asked."""
_STREAM = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
_NOWHERE = ("", "0.0.0.0", "127.0.0.1", "localhost")
_HIDDEN = "***"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a device answers."""

    host: str
    port: int = 80

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 80 else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One stream that a device offers.

    Attributes:
        name: the device's own.
        source: what it films with; a recorder has one for each of its cameras.
        size_wh: px.
        codec: `H264`, `H265`, `JPEG`, `MPEG4`.
        fps: most frames a second, None where it does not say.
        uri: without user and password.
    """

    name: str
    source: str
    size_wh: tuple[int, int]
    codec: str
    fps: float | None
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One camera.

    Attributes:
        clock_offset_s: its clock less ours.
        profiles: those with video, as it lists them.
    """

    place: Place
    maker: str
    model: str
    firmware: str
    serial: str
    clock_offset_s: float
    profiles: tuple[Profile, ...]


async def describe(place: Place, user: str | None, password: str | None) -> Device:
    """Asks a device.

    Raises:
        DeniedError: it refuses user or password.
        SourceError: it does not answer, or does not speak ONVIF.
    """
    try:
        return await asyncio.wait_for(_asked(place, user, password), PATIENCE_S)
    except TimeoutError:
        raise SourceError(f"{place}: no answer within {PATIENCE_S:g} s") from None
    except Exception as error:  # whatever a strange device answers must not stop the search for others
        if _is_refusal(error):
            cure = "correct --user and the password" if user else "give --user"
            raise DeniedError(f"{place}: the camera refuses user or password; {cure}") from None
        raise SourceError(f"{place}: does not answer as an ONVIF camera ({type(error).__name__})") from None


async def _asked(place: Place, user: str | None, password: str | None) -> Device:
    camera = onvif.ONVIFCamera(place.host, place.port, user or "", password or "", no_cache=True, adjust_time=True)
    try:
        await camera.update_xaddrs()
        management = await camera.create_devicemgmt_service()
        told = await management.GetDeviceInformation()
        media = await camera.create_media_service()
        profiles = [await _profile(media, one, place, password) for one in await media.GetProfiles() if _has_video(one)]
    finally:
        await camera.close()
    return Device(
        place=place,
        maker=_line(told.Manufacturer),
        model=_line(told.Model),
        firmware=_line(told.FirmwareVersion),
        serial=_line(told.SerialNumber),
        clock_offset_s=camera.dt_diff.total_seconds() if camera.dt_diff is not None else 0.0,
        profiles=tuple(profiles),
    )


def _has_video(profile: Any) -> bool:
    encoder = profile.VideoEncoderConfiguration
    return encoder is not None and encoder.Resolution is not None


async def _profile(media: Any, profile: Any, place: Place, password: str | None) -> Profile:
    ask: Callable[[dict[str, Any]], Awaitable[Any]] = media.GetStreamUri
    told = await ask({"StreamSetup": _STREAM, "ProfileToken": profile.token})
    encoder = profile.VideoEncoderConfiguration
    rate, filmed = encoder.RateControl, profile.VideoSourceConfiguration
    return Profile(
        name=_line(profile.Name),
        source=_line(filmed.SourceToken) if filmed is not None else "",
        size_wh=(int(encoder.Resolution.Width), int(encoder.Resolution.Height)),
        codec=_line(encoder.Encoding),
        fps=float(rate.FrameRateLimit) if rate is not None and rate.FrameRateLimit else None,
        uri=_public(_line(told.Uri), place, password),
    )


def _public(uri: str, place: Place, password: str | None) -> str:
    """The address without user and password, at the host we know where the camera does not know its own."""
    parts = urlsplit(uri)
    host = place.host if (parts.hostname or "") in _NOWHERE else (parts.hostname or "")
    host = f"[{host}]" if ":" in host else host
    netloc = host if parts.port is None else f"{host}:{parts.port}"
    text = urlunsplit(parts._replace(netloc=netloc))
    for secret in (password, quote(password, safe="")) if password else ():
        text = text.replace(secret, _HIDDEN)
    return text


def _line(value: object) -> str:
    """What a device says, on one line: it goes into a file of ours."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in str(value or "")).split())


def _is_refusal(error: Exception) -> bool:
    if isinstance(error, zeep.exceptions.Fault):
        codes = [str(code) for code in (error.code, *(error.subcodes or ()), error.message) if code]
        return any("notauthorized" in code.lower().replace(" ", "") for code in codes)
    status = getattr(error, "status", None) or getattr(error, "status_code", None)
    return status in (401, 403) or "onvifauth" in type(error).__name__.lower()

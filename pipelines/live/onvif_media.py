"""The streams that a device offers, of ONVIF's first media service and of the second, which alone knows H.265.

Out: `Profile`s whose addresses hold no user and no password, and remarks on what could not be used. What a device tells
is a stranger's: addresses of another kind than RTSP are left out (a path would be a file of this machine).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import zeep.exceptions

from detector.types import SourceError
from pipelines.live.onvif_place import Place
from pipelines.live.onvif_wire import MEDIA2, Camera

MEDIA1 = "http://www.onvif.org/ver10/media/wsdl"
_STREAM = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
_PROTOCOLS = ("RtspUnicast", "RTSP")
"""The second is what firmwares before the first was written know."""
_STREAMED = ("rtsp", "rtsps")
_NOWHERE = ("0.0.0.0", "127.0.0.1", "::", "::1", "localhost")
_HIDDEN = "***"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One stream that a device offers.

    Attributes:
        name: the device's own.
        source: what it films with; a recorder has one for each of its cameras.
        size_wh: px.
        codec: `h264`, `h265`, `jpeg`, `mpeg4`, or what else the device calls it.
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
class _Draft:
    """A profile as told, its stream not yet asked for."""

    token: str
    name: object
    source: object
    width: Any
    height: Any
    codec: object
    fps: Any


_Ask = Callable[[str], Awaitable[object]]


async def read_profiles(
    camera: Camera, place: Place, password: str | None
) -> tuple[tuple[Profile, ...], tuple[str, ...]]:
    """What both media services tell, by token, the second's word before the first's; and remarks.

    Raises:
        SourceError: the device offers no media service.
        Exception: whatever the services failed with, where neither told a stream.
    """
    found: dict[str, Profile] = {}
    remarks: list[str] = []
    failures: list[Exception] = []
    for namespace, read in ((MEDIA1, _first), (MEDIA2, _second)):
        if namespace in camera.xaddrs:
            try:
                drafts, ask = await read(camera)
                found |= await _asked_for(drafts, ask, place, password, remarks)
            except Exception as error:  # the other service may do better
                failures.append(error)
                number = 1 if namespace == MEDIA1 else 2
                remarks.append(
                    f"dịch vụ Media{number} không trả lời được / Media{number} fails ({type(error).__name__})"
                )
    if not {MEDIA1, MEDIA2} & camera.xaddrs.keys():
        raise SourceError(f"{place}: không có dịch vụ hình ảnh / is an ONVIF device without a media service")
    if failures and not found:
        raise next((error for error in failures if is_refusal(error)), failures[0])
    return tuple(found.values()), tuple(dict.fromkeys(remarks))


def is_refusal(error: Exception) -> bool:
    """Whether a device refuses user or password in its own words."""
    if not isinstance(error, zeep.exceptions.Fault):
        return False
    codes = [str(code) for code in (error.code, *(error.subcodes or ()), error.message) if code]
    return any("notauthorized" in code.lower().replace(" ", "") for code in codes)


def line(value: object) -> str:
    """What a device says, on one line: it goes into a file of ours."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in str(value or "")).split())


async def _first(camera: Camera) -> tuple[list[_Draft], _Ask]:
    media = await camera.create_media_service()

    async def ask(token: str) -> object:
        return (await media.GetStreamUri({"StreamSetup": _STREAM, "ProfileToken": token})).Uri

    return [_typed(one) for one in await media.GetProfiles() or () if _has_video(one)], ask


async def _second(camera: Camera) -> tuple[list[_Draft], _Ask]:
    media = await camera.create_onvif_service("media2")

    async def ask(token: str) -> object:
        for protocol in _PROTOCOLS:
            try:
                told = await media.GetStreamUri({"Protocol": protocol, "ProfileToken": token})
            except zeep.exceptions.Fault as error:
                if is_refusal(error) or protocol == _PROTOCOLS[-1]:
                    raise
            else:
                return next((one.text for one in told or () if _is(one, "Uri")), None)
        return None

    told = await media.GetProfiles({"Type": ["All"]})
    profiles = [one for one in told or () if _is(one, "Profiles")]
    return [_named(one) for one in profiles if one.find(_ENCODER) is not None], ask


def _has_video(profile: Any) -> bool:
    encoder = profile.VideoEncoderConfiguration
    return encoder is not None and encoder.Resolution is not None


def _typed(profile: Any) -> _Draft:
    encoder, filmed = profile.VideoEncoderConfiguration, profile.VideoSourceConfiguration
    return _Draft(
        token=str(profile.token),
        name=profile.Name,
        source=None if filmed is None else filmed.SourceToken,
        width=encoder.Resolution.Width,
        height=encoder.Resolution.Height,
        codec=encoder.Encoding,
        fps=None if encoder.RateControl is None else encoder.RateControl.FrameRateLimit,
    )


_ENCODER = "{*}Configurations/{*}VideoEncoder"
_FILMED = "{*}Configurations/{*}VideoSource"


def _named(profile: Any) -> _Draft:
    return _Draft(
        token=profile.get("token", ""),
        name=profile.findtext("{*}Name"),
        source=profile.findtext(f"{_FILMED}/{{*}}SourceToken"),
        width=profile.findtext(f"{_ENCODER}/{{*}}Resolution/{{*}}Width"),
        height=profile.findtext(f"{_ENCODER}/{{*}}Resolution/{{*}}Height"),
        codec=profile.findtext(f"{_ENCODER}/{{*}}Encoding"),
        fps=profile.findtext(f"{_ENCODER}/{{*}}RateControl/{{*}}FrameRateLimit"),
    )


def _is(element: Any, name: str) -> bool:
    return str(element.tag).rpartition("}")[2] == name


async def _asked_for(
    drafts: list[_Draft], ask: _Ask, place: Place, password: str | None, remarks: list[str]
) -> dict[str, Profile]:
    """Each with its stream; one that cannot be used costs no other."""
    found = {}
    for draft in drafts:
        try:
            found[draft.token] = Profile(
                name=line(draft.name),
                source=line(draft.source),
                size_wh=(int(draft.width), int(draft.height)),
                codec=line(draft.codec).lower(),
                fps=float(draft.fps) if draft.fps else None,
                uri=_public(line(await ask(draft.token)), place, password),
            )
        except (zeep.exceptions.Fault, ValueError, TypeError) as error:
            if isinstance(error, zeep.exceptions.Fault) and is_refusal(error):
                raise
            remarks.append(f"{line(draft.name)}: không dùng được / cannot be used ({type(error).__name__})")
    return found


def _public(uri: str, place: Place, password: str | None) -> str:
    """The address without user and password, at the host we know where the camera does not know its own.

    Raises:
        ValueError: it is no address of an RTSP stream.
    """
    parts = urlsplit(uri)
    if parts.scheme.lower() not in _STREAMED or not parts.hostname:
        raise ValueError("no RTSP stream")
    host = place.host if parts.hostname in _NOWHERE else parts.hostname
    host = f"[{host}]" if ":" in host else host
    text = urlunsplit(parts._replace(netloc=host if parts.port is None else f"{host}:{parts.port}"))
    for secret in (password, quote(password, safe="")) if password else ():
        text = text.replace(secret, _HIDDEN)
    return text

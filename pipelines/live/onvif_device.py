"""What one camera says of itself over ONVIF: make, clock, and the streams it offers.

In: where it is, user and password, by what it is trusted. Out: a `Device` with its profiles, whose addresses hold no
password. The password is sent as a WS-UsernameToken digest, in the camera's own time, so that a wrong clock of the
camera does not lock us out, and as HTTP's digest where a web server asks for it. Needs the extra `[onvif]`.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from detector.types import SourceError
from pipelines.live.connection import DeniedError
from pipelines.live.onvif_media import Profile, is_refusal, line, read_profiles
from pipelines.live.onvif_place import Place
from pipelines.live.onvif_wire import MovedError, reached
from pipelines.live.trust import Trust, UntrustedError

PATIENCE_S = 20.0
"""For everything one device is asked."""
_REFUSED = (401, 403)
_BY_SERVER = "denied_by_server"
"""By its web server, not by ONVIF: some refuse whatever comes without TLS in this way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One camera.

    Attributes:
        hosts: its own names and addresses; a stream elsewhere is not known to be its.
        clock_offset_s: its clock less ours.
        profiles: those with video, as it lists them.
        remarks: on what could not be used.
    """

    place: Place
    hosts: frozenset[str]
    maker: str
    model: str
    firmware: str
    serial: str
    clock_offset_s: float
    profiles: tuple[Profile, ...]
    remarks: tuple[str, ...] = ()


async def describe(place: Place, user: str | None, password: str | None, trust: Trust) -> Device:
    """Asks a device, and over TLS where it does not answer without; at once over TLS where it is known by something.

    Raises:
        DeniedError: it refuses user or password.
        UntrustedError: it shows a certificate that is not trusted; nothing was sent to it.
        SourceError: it does not answer, or does not speak ONVIF.
    """
    known = trust.ca is not None or trust.fingerprint is not None
    if place.tls or known:
        return await _described(place if place.tls else place.secured(), user, password, trust)
    secured = place.secured()
    try:
        return await _described(place, user, password, trust)
    except MovedError as moved:
        problem: SourceError = moved
        secured = _same_host(place, moved)
    except DeniedError as denied:
        if denied.code != _BY_SERVER:
            raise
        problem = denied
    except SourceError as error:
        problem = error
    try:
        return await _described(secured, user, password, trust)
    except (DeniedError, UntrustedError):
        raise
    except SourceError:
        raise problem from None


def _same_host(place: Place, moved: MovedError) -> Place:
    with suppress(ValueError):
        told = Place.parse(moved.location)
        if told.tls and told.host == place.host:
            return told
    raise moved


async def _described(place: Place, user: str | None, password: str | None, trust: Trust) -> Device:
    try:
        return await asyncio.wait_for(_asked(place, user, password, trust), PATIENCE_S)
    except TimeoutError:
        told = f"không trả lời trong {PATIENCE_S:g} giây / no answer within {PATIENCE_S:g} s"
        raise SourceError(f"{place}: {told}") from None
    except SourceError:
        raise
    except Exception as error:  # whatever a strange device answers must not stop the search for others
        by_server = getattr(error, "status_code", None) in _REFUSED
        if by_server or is_refusal(error):
            raise _denied(place, user, _BY_SERVER if by_server else "denied") from None
        name = type(error).__name__
        told = f"không trả lời như camera ONVIF / does not answer as an ONVIF camera ({name})"
        raise SourceError(f"{place}: {told}") from None


def _denied(place: Place, user: str | None, code: str) -> DeniedError:
    cure_vi = "sửa --user và mật khẩu" if user else "cho --user"
    cure = "correct --user and the password" if user else "give --user"
    told = f"camera từ chối tài khoản; {cure_vi} / the camera refuses user or password; {cure}"
    return DeniedError(f"{place}: {told}", code=code)


async def _asked(place: Place, user: str | None, password: str | None, trust: Trust) -> Device:
    async with reached(place, user, password, trust) as camera:
        await camera.update_xaddrs()
        management = await camera.create_devicemgmt_service()
        told = await management.GetDeviceInformation()
        profiles, remarks = await read_profiles(camera, place, password)
        addresses = await asyncio.get_running_loop().getaddrinfo(place.host, place.port)
    return Device(
        place=place,
        hosts=frozenset([place.host, *(str(address[4][0]) for address in addresses)]),
        maker=line(told.Manufacturer),
        model=line(told.Model),
        firmware=line(told.FirmwareVersion),
        serial=line(told.SerialNumber),
        clock_offset_s=camera.dt_diff.total_seconds() if camera.dt_diff is not None else 0.0,
        profiles=profiles,
        remarks=remarks,
    )

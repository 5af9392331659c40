"""`phatnguoi discover`: cameras that speak ONVIF, their streams, and a camera file ready to be completed.

In: addresses, subnets or nothing (then the local network is asked), user and password, by what cameras over TLS are
trusted. Out: YAML for stdout, with what every camera says of itself as comments; faults of single cameras one per line.
No password is ever in it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import yaml

from detector.types import ConfigError, SourceError
from pipelines.live.connection import DeniedError
from pipelines.live.discovery import PORTS, listening, parse_place, parse_subnet, probe
from pipelines.live.onvif_device import Device, describe
from pipelines.live.onvif_media import Profile
from pipelines.live.onvif_place import Place
from pipelines.live.trust import Trust, UntrustedError, is_encrypted

SMALLEST_SUB_WIDTH = 600
"""px; on less the network finds too little."""
SHAPE_TOLERANCE = 0.02
ODD_CLOCK_S = 5.0
AT_ONCE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverRequest:
    """What the command line asked for.

    Attributes:
        addresses: hosts, with a port or without.
        subnets: CIDR; every address of them is tried.
        ports: tried on subnets.
        user, password: of the cameras, None to ask without.
        password_env: what the entries name as the password's place.
        wait_s: how long answers of the local network are waited for.
        trust: by what a camera over TLS is known.
    """

    addresses: Sequence[str] = ()
    subnets: Sequence[str] = ()
    ports: Sequence[int] = PORTS
    user: str | None = None
    password: str | None = None
    password_env: str
    wait_s: float = 4.0
    trust: Trust = field(default_factory=Trust)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """What came of it: cameras, and a line for each place that told no stream, in Vietnamese and English."""

    devices: tuple[Device, ...]
    faults: tuple[str, ...]


def discover(request: DiscoverRequest) -> Discovered:
    """Looks for cameras and asks them.

    Raises:
        ConfigError: an address or subnet is none, or a fingerprint is given for more than one camera.
    """
    if request.trust.fingerprint is not None and (len(request.addresses) != 1 or request.subnets):
        raise ConfigError(
            "--fingerprint: chỉ cho một camera, cùng đúng một --address, không --subnet / is one camera's; give it with"
            " exactly one --address and no --subnet"
        )
    named = [parse_place(text) for text in request.addresses]
    hosts = [host for text in request.subnets for host in parse_subnet(text)]
    told = [] if named or hosts else probe(request.wait_s)
    return asyncio.run(_ask_all(request, [*named, *told], hosts))


def camera_file(found: Sequence[Device], *, user: str | None, password_env: str, trust: Trust | None = None) -> str:
    """The camera file that watches these, its scenes still to be drawn."""
    login = {"username": user, "password_env": password_env} if user else {}
    entries = [text for device in found for text in _entries(device, login, trust or Trust())]
    return "\n".join(["version: 1", "cameras:", *entries]) + "\n" if entries else ""


def main_and_sub(profiles: Sequence[Profile]) -> tuple[Profile, Profile | None]:
    """The stream with the most pixels, and the smallest of the same shape that is large enough to be looked at."""
    main = max(profiles, key=lambda one: one.size_wh[0] * one.size_wh[1])
    fit = [one for one in profiles if _fits(one, main)]
    return main, min(fit, key=lambda one: one.size_wh[0], default=None)


async def _ask_all(request: DiscoverRequest, places: Sequence[Place], hosts: Sequence[str]) -> Discovered:
    turns = asyncio.Semaphore(AT_ONCE)

    async def ask(place: Place) -> Device | SourceError:
        async with turns:
            try:
                return await describe(place, request.user, request.password, request.trust)
            except SourceError as error:
                return error

    open_places = [place for place in await listening(hosts, request.ports) if place not in places]
    told = await asyncio.gather(*map(ask, places))
    swept = await asyncio.gather(*map(ask, open_places))
    devices = _once([one for one in [*told, *swept] if isinstance(one, Device)])
    answers = list(zip(places, told, strict=True))
    # What else listens in a subnet is no camera's fault.
    answers += [
        pair for pair in zip(open_places, swept, strict=True) if isinstance(pair[1], DeniedError | UntrustedError)
    ]
    # Nobody asked for the HTTPS of a camera that has told its streams without.
    known = set() if request.addresses else {device.place.host for device in devices}
    faults = [one for place, one in answers if not (isinstance(one, UntrustedError) and place.host in known)]
    lines = [str(one) for one in faults if isinstance(one, SourceError)]
    lines += [_streamless(device) for device in devices if not device.profiles]
    return Discovered(devices=tuple(devices), faults=tuple(dict.fromkeys(lines)))


def _streamless(device: Device) -> str:
    told = f"{device.place}: không có luồng nào dùng được / tells no stream that can be used"
    return "; ".join([told, *device.remarks])


def _once(devices: Sequence[Device]) -> list[Device]:
    """Each once, though it answers at several ports of its host."""
    found: dict[tuple[object, ...], Device] = {}
    for one in devices:
        found.setdefault((one.place.host, one.maker, one.model, one.serial, one.profiles), one)
    return list(found.values())


def _fits(one: Profile, main: Profile) -> bool:
    (width, height), (main_width, main_height) = one.size_wh, main.size_wh
    same_shape = abs(width * main_height / max(height * main_width, 1) - 1) <= SHAPE_TOLERANCE
    return same_shape and SMALLEST_SUB_WIDTH <= width < main_width


def _entries(device: Device, login: dict[str, Any], trust: Trust) -> list[str]:
    """One for each thing it films with: a recorder stands for several cameras."""
    sources = list(dict.fromkeys(profile.source for profile in device.profiles))
    name = device.place.label
    entries = []
    for number, source in enumerate(sources, start=1):
        profiles = [profile for profile in device.profiles if profile.source == source]
        scene = f"{name}.yaml" if len(sources) == 1 else f"{name}-{number}.yaml"
        entries.append(_entry(device, profiles, scene, login, trust))
    return entries


def _entry(device: Device, profiles: Sequence[Profile], scene: str, login: dict[str, Any], trust: Trust) -> str:
    main, sub = main_and_sub(profiles)
    keys: dict[str, Any] = {"scene": scene, "stream": main.uri}
    keys |= {"detect_stream": sub.uri} if sub else {}
    uris = [main.uri, sub.uri] if sub else [main.uri]
    if not _elsewhere(device, uris):
        # Another host might be anybody's: it gets neither the password nor the trust.
        keys |= login
        keys |= _known_by(trust) if any(map(is_encrypted, uris)) else {}
    text = yaml.safe_dump(keys, sort_keys=False, allow_unicode=True, width=1000)
    lines = [f"  # {line}" for line in _comments(device, profiles)]
    return "\n".join([*lines, *(("  - " if n == 0 else "    ") + line for n, line in enumerate(text.splitlines()))])


def _elsewhere(device: Device, uris: Sequence[str]) -> list[str]:
    """Hosts that are not known to be the device's own."""
    hosts = dict.fromkeys(urlsplit(uri).hostname or "" for uri in uris)
    return [host for host in hosts if host not in device.hosts]


def _known_by(trust: Trust) -> dict[str, Any]:
    """As the camera file says it."""
    if trust.insecure:
        return {"insecure": True}
    if trust.ca is not None:
        return {"tls": {"ca": str(trust.ca.resolve())}}
    return {"tls": {"fingerprint": trust.fingerprint}} if trust.fingerprint else {}


def _comments(device: Device, profiles: Sequence[Profile]) -> list[str]:
    """What the camera says of itself."""
    about = f"{device.maker} {device.model}, firmware {device.firmware}, serial {device.serial}, at {device.place}"
    lines = [about]
    if abs(device.clock_offset_s) > ODD_CLOCK_S:
        lines.append(f"đồng hồ lệch / its clock is off by {device.clock_offset_s:+.0f} s: set NTP")
    for profile in profiles:
        rate = "" if profile.fps is None else f" {profile.fps:g} fps"
        width, height = profile.size_wh
        lines.append(f"{profile.name}: {width}x{height} {profile.codec}{rate}  {profile.uri}")
    lines += device.remarks
    main, sub = main_and_sub(profiles)
    for host in _elsewhere(device, [one.uri for one in (main, sub) if one]):
        lines.append(f"luồng ở máy khác, chưa ghi tài khoản / stream at another host, user left out: {host}; check it")
    width, height = main.size_wh
    lines.append(f"vẽ sơ đồ trên ảnh / draw the scene on a picture of {width}x{height}, then name its file")
    return lines

"""`phatnguoi discover`: cameras that speak ONVIF, their streams, and a camera file ready to be completed.

In: addresses, subnets or nothing (then the local network is asked), user and password. Out: YAML for stdout, with what
every camera says of itself as comments; faults of single cameras one per line. No password is ever in it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from detector.types import SourceError
from pipelines.live.connection import DeniedError
from pipelines.live.discovery import PORTS, listening, parse_place, parse_subnet, probe
from pipelines.live.onvif_device import Device, Place, Profile, describe

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
    """

    addresses: Sequence[str] = ()
    subnets: Sequence[str] = ()
    ports: Sequence[int] = PORTS
    user: str | None = None
    password: str | None = None
    password_env: str
    wait_s: float = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """What came of it: cameras, and a line for each place that speaks ONVIF and told nothing."""

    devices: tuple[Device, ...]
    faults: tuple[str, ...]


def discover(request: DiscoverRequest) -> Discovered:
    """Looks for cameras and asks them.

    Raises:
        ConfigError: an address or subnet is none.
    """
    named = [parse_place(text) for text in request.addresses]
    hosts = [host for text in request.subnets for host in parse_subnet(text)]
    told = [] if named or hosts else probe(request.wait_s)
    return asyncio.run(_ask_all(request, [*named, *told], hosts))


def camera_file(found: Sequence[Device], *, user: str | None, password_env: str) -> str:
    """The camera file that watches these, its scenes still to be drawn."""
    entries = [text for device in found for text in _entries(device, user, password_env)]
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
                return await describe(place, request.user, request.password)
            except SourceError as error:
                return error

    open_places = [place for place in await listening(hosts, request.ports) if place not in places]
    told = await asyncio.gather(*map(ask, places))
    # What else listens in a subnet is no camera's fault.
    swept = [one for one in await asyncio.gather(*map(ask, open_places)) if isinstance(one, Device | DeniedError)]
    answers = [*told, *swept]
    return Discovered(
        devices=tuple(one for one in answers if isinstance(one, Device)),
        faults=tuple(str(one) for one in answers if isinstance(one, SourceError)),
    )


def _fits(one: Profile, main: Profile) -> bool:
    (width, height), (main_width, main_height) = one.size_wh, main.size_wh
    same_shape = abs(width * main_height / max(height * main_width, 1) - 1) <= SHAPE_TOLERANCE
    return same_shape and SMALLEST_SUB_WIDTH <= width < main_width


def _entries(device: Device, user: str | None, password_env: str) -> list[str]:
    """One for each thing it films with: a recorder stands for several cameras."""
    sources = list(dict.fromkeys(profile.source for profile in device.profiles))
    name = str(device.place).strip("[").replace("]", "").replace(":", "-")
    entries = []
    for number, source in enumerate(sources, start=1):
        profiles = [profile for profile in device.profiles if profile.source == source]
        scene = f"{name}.yaml" if len(sources) == 1 else f"{name}-{number}.yaml"
        entries.append(_entry(device, profiles, scene, user, password_env))
    return entries


def _entry(device: Device, profiles: Sequence[Profile], scene: str, user: str | None, password_env: str) -> str:
    main, sub = main_and_sub(profiles)
    keys = {"scene": scene, "stream": main.uri}
    keys |= {"detect_stream": sub.uri} if sub else {}
    keys |= {"username": user, "password_env": password_env} if user else {}
    text = yaml.safe_dump(keys, sort_keys=False, allow_unicode=True, width=1000)
    lines = [f"  # {line}" for line in _comments(device, profiles)]
    return "\n".join([*lines, *(("  - " if n == 0 else "    ") + line for n, line in enumerate(text.splitlines()))])


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
    width, height = main_and_sub(profiles)[0].size_wh
    lines.append(f"vẽ sơ đồ trên ảnh / draw the scene on a picture of {width}x{height}, then name its file")
    return lines

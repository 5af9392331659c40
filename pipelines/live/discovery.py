"""Where cameras are: those that answer a WS-Discovery probe of the local network, and those of a subnet that listen.

Out: `Place`s, each once. Needs the extra `[onvif]`.
"""

import asyncio
import ipaddress
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from wsdiscovery import QName
from wsdiscovery.discovery import ThreadedWSDiscovery

from detector.types import ConfigError
from pipelines.live.onvif_place import USUAL_PORTS, Place

VIDEO = QName("http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter")
PORTS = (80, 8080, 8000, 443)
"""Where ONVIF is mostly found."""
MOST_ADDRESSES = 4096
CONNECT_S = 1.5
AT_ONCE = 128


def probe(seconds: float) -> list[Place]:
    """Asks the local network for cameras by multicast, and listens for so long."""
    logging.getLogger("threading").setLevel(logging.ERROR)
    asked = ThreadedWSDiscovery()
    asked.start()
    try:
        services = asked.searchServices(types=[VIDEO], timeout=seconds)
        return _places(address for service in services for address in service.getXAddrs())
    finally:
        asked.stop()


def parse_place(text: str) -> Place:
    """`HOST`, `HOST:PORT` or `https://HOST:PORT`, IPv6 in brackets.

    Raises:
        ConfigError: it is neither.
    """
    given = text if text.startswith("https://") else f"http://{text}"
    with suppress(ValueError):
        parts, place = urlsplit(given), Place.parse(given)
        if parts.path in ("", "/") and "@" not in parts.netloc and not parts.query:
            return _at(place.host, place.port, tls=place.tls)
    raise ConfigError(
        f"--address: {text!r} không phải máy; viết MÁY, MÁY:CỔNG hoặc https://MÁY / is no host; write HOST or"
        " HOST:PORT, e.g. 10.1.0.14:8080, or https://HOST"
    )


def parse_subnet(text: str) -> list[str]:
    """The addresses of a subnet.

    Raises:
        ConfigError: it is none, or too large.
    """
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise ConfigError(f"--subnet: {text!r} is no subnet; write e.g. 10.1.0.0/24") from error
    if network.num_addresses > MOST_ADDRESSES:
        raise ConfigError(f"--subnet: {text} has {network.num_addresses} addresses; give at most {MOST_ADDRESSES}")
    return [str(address) for address in network.hosts()]


async def listening(hosts: Sequence[str], ports: Sequence[int] = PORTS) -> list[Place]:
    """Those of the hosts' ports that take a connection."""
    turns = asyncio.Semaphore(AT_ONCE)
    places = [_at(host, port) for host in hosts for port in ports]
    taken = await asyncio.gather(*(_takes(place, turns) for place in places))
    return [place for place, listens in zip(places, taken, strict=True) if listens]


async def _takes(place: Place, turns: asyncio.Semaphore) -> bool:
    async with turns:
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection(place.host, place.port), CONNECT_S)
        except (OSError, TimeoutError):
            return False
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return True


def _places(addresses: Iterable[str]) -> list[Place]:
    found = []
    for address in addresses:
        with suppress(ValueError):
            found.append(Place.parse(address))
    return list(dict.fromkeys(found))


def _at(host: str, port: int, *, tls: bool = False) -> Place:
    return Place(host=host, port=port, tls=tls or port == USUAL_PORTS["https"])

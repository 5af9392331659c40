"""A network of its own for a camera, joined to ours by a cable that swallows what is sent: packets vanish for real."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Network:
    """A network namespace.

    Attributes:
        name: of the namespace.
        host: the camera's address, as seen from here.
        ours: our address, as seen from there.
    """

    name: str
    host: str
    ours: str

    @property
    def inside(self) -> tuple[str, ...]:
        """What a command is to begin with to run there."""
        return "ip", "netns", "exec", self.name

    def swallow(self) -> None:
        """From now on no answer comes back."""
        _ip("-n", self.name, "route", "add", "blackhole", self.ours)

    def pass_on(self) -> None:
        """As before."""
        _ip("-n", self.name, "route", "del", "blackhole", self.ours)


@contextmanager
def network() -> Iterator[Network]:
    """One network; the test skips where this account may not make it."""
    number = os.getpid() % 10_000
    made = Network(
        f"camera-{number}", f"10.{200 + number % 50}.{number // 50}.2", f"10.{200 + number % 50}.{number // 50}.1"
    )
    cable = f"pn{number}"
    try:
        _ip("netns", "add", made.name)
        _ip("link", "add", f"{cable}a", "type", "veth", "peer", "name", f"{cable}b", "netns", made.name)
    except (OSError, subprocess.CalledProcessError) as error:
        subprocess.run(["ip", "netns", "del", made.name], capture_output=True, check=False)
        pytest.skip(f"this account may not make networks: {getattr(error, 'stderr', b'').decode().strip() or error}")
    try:
        _ip("addr", "add", f"{made.ours}/30", "dev", f"{cable}a")
        _ip("link", "set", f"{cable}a", "up")
        _ip("-n", made.name, "addr", "add", f"{made.host}/30", "dev", f"{cable}b")
        _ip("-n", made.name, "link", "set", f"{cable}b", "up")
        yield made
    finally:
        subprocess.run(["ip", "link", "del", f"{cable}a"], capture_output=True, check=False)
        subprocess.run(["ip", "netns", "del", made.name], capture_output=True, check=False)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], capture_output=True, check=True)

"""A link between worker and camera that can be hurt: RTSP over TCP is passed on, RTP packets are understood.

`Link.hurt` says what happens to the camera's packets from now on; everything is done to the real bytes on the way.
"""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum

TICKS_HZ = 90_000


class Hurt(StrEnum):
    """What the link does."""

    NOTHING = "nothing"
    BLACKHOLE = "blackhole"
    TRUNCATE = "truncate"
    BACKWARDS = "backwards"
    FAST = "fast"
    SLOW = "slow"


SPEEDS = {Hurt.FAST: 2.0, Hurt.SLOW: 0.5}


class Link:
    """Listens on a port of its own and passes on to another."""

    def __init__(self, target_port: int) -> None:
        self.hurt = Hurt.NOTHING
        self._target = target_port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._over = threading.Event()
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._over.set()
        for one in (self._server, *self._sockets):
            with suppress(OSError):
                one.close()

    def reset(self) -> None:
        """Breaks every connection off; new ones are taken."""
        broken, self._sockets = self._sockets, []
        for one in broken:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._over.is_set():
            with suppress(OSError):
                client, _ = self._server.accept()
                self._sockets.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection(("127.0.0.1", self._target), 5) as camera:
            self._sockets.append(camera)
            camera.settimeout(None)
            threading.Thread(target=self._ask, args=(client, camera), daemon=True).start()
            packets = _Packets()
            while data := camera.recv(65536):
                passed = b"".join(self._changed(part, packets) for part in packets.split(data))
                self._hold()
                client.sendall(passed)

    def _ask(self, client: socket.socket, camera: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                self._hold()
                camera.sendall(data)
            camera.close()

    def _hold(self) -> None:
        """Bytes of a broken network come late or with the connection's end, but none is ever missing."""
        while self.hurt is Hurt.BLACKHOLE and not self._over.wait(0.05):
            continue

    def _changed(self, part: bytes, packets: "_Packets") -> bytes:
        """One answer or interleaved packet as it goes on."""
        if not part.startswith(b"$") or part[1] % 2 or len(part) < 16:
            return part
        if self.hurt is Hurt.TRUNCATE:
            kept = max(len(part) // 2, 16)
            return part[:2] + struct.pack("!H", kept - 4) + part[4:kept]
        (ticks,) = struct.unpack_from("!I", part, 8)
        ticks = packets.told(ticks, self.hurt)
        return part[:8] + struct.pack("!I", ticks) + part[12:]


class _Packets:
    """One connection's bytes from the camera, cut into answers and packets, and the times told for them."""

    def __init__(self) -> None:
        self._rest = b""
        self._first: int | None = None
        self._hurt = Hurt.NOTHING
        self._since = 0

    def split(self, data: bytes) -> Iterator[bytes]:
        self._rest += data
        while (length := self._length()) and len(self._rest) >= length:
            part, self._rest = self._rest[:length], self._rest[length:]
            yield part

    def told(self, ticks: int, hurt: Hurt) -> int:
        """The time that is told of a packet of these ticks."""
        if hurt is not self._hurt:
            self._hurt, self._since = hurt, ticks
        if hurt is Hurt.BACKWARDS:
            return (ticks - 30 * TICKS_HZ) % 2**32
        if hurt in SPEEDS:
            since = (ticks - self._since + 2**31) % 2**32 - 2**31
            return int(self._since + since * SPEEDS[hurt]) % 2**32
        return ticks

    def _length(self) -> int:
        """Of the first whole part; 0 while it is not known."""
        if len(self._rest) < 4:
            return 0
        if self._rest.startswith(b"$"):
            return 4 + int(struct.unpack_from("!H", self._rest, 2)[0])
        end = self._rest.find(b"\r\n\r\n")
        if end < 0:
            return 0
        body = 0
        for line in self._rest[:end].split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                body = int(line.split(b":")[1])
        return end + 4 + body


@contextmanager
def linked(target_port: int) -> Iterator[Link]:
    """A link that is closed in the end."""
    link = Link(target_port)
    try:
        yield link
    finally:
        link.close()

"""All cameras' engines: few cameras share one, many are dealt out to several, so that none waits for all others.

An engine looks at one frame after another, and judges one after another. Each of these steps has to wait for Python's
one lock several times, and that waiting, not the work, is what a single engine of many cameras spends its time on:
while one engine waits another one works. In: cameras, from the main thread. Out: a seat for each.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from pipelines.live.engine import Engine
from pipelines.live.mailroom import MailRoom
from pipelines.live.reader import LiveFrame
from pipelines.live.watch import Watch

CAMERAS_EACH, MOST_ENGINES = 4, 4
"""From how many cameras on there is another engine, and how many there are at most."""

Room = MailRoom[LiveFrame]


@dataclass(frozen=True, slots=True)
class Seat:
    """One camera's place: its box in the mailroom of the engine that looks at it."""

    engine: Engine
    mail: Room
    number: int

    def put(self, frame: LiveFrame) -> bool:
        """Leaves a frame; True when it replaced one that nobody had taken."""
        return self.mail.put(self.number, frame, owed=frame.owed)

    def take(self, watch: Watch) -> None:
        """Frames left here are this camera's; before the first of them."""
        self.engine.add(self.number, watch)

    def close(self) -> None:
        """Nothing more will be left."""
        self.mail.close(self.number)


class Engines:
    """Used by the main thread.

    Args:
        make: an engine that takes frames from a mailroom.
    """

    def __init__(self, make: Callable[[Room], Engine]) -> None:
        self._make = make
        self._all: list[tuple[Engine, Room]] = []
        self._started = self._ending = False

    def open(self) -> Seat:
        """A seat at the engine with the fewest cameras, at a new one where all have enough of them."""
        engine, mail = min(self._all, key=lambda one: len(one[1])) if self._all else self._another()
        if len(mail) >= CAMERAS_EACH and len(self._all) < MOST_ENGINES:
            engine, mail = self._another()
        return Seat(engine, mail, mail.open())

    def start(self) -> None:
        """Begins; engines for cameras that come later begin at once."""
        self._started = True
        for engine, _ in self._all:
            engine.start()

    def end(self) -> None:
        """No camera will be added any more: the engines end when all boxes are over."""
        self._ending = True
        for engine, _ in self._all:
            engine.end()

    @property
    def over(self) -> bool:
        """Every camera is over and none will come, or a defect ended an engine."""
        return self.defect is not None or (self._ending and all(engine.over for engine, _ in self._all))

    @property
    def defect(self) -> Exception | None:
        """The first one."""
        return next((engine.defect for engine, _ in self._all if engine.defect is not None), None)

    def finish(self, timeout_s: float) -> None:
        """Waits for all of them; so long where there are none yet."""
        until_s = time.monotonic() + timeout_s
        for engine, _ in self._all:
            engine.finish(max(until_s - time.monotonic(), 0.0))
        if not self.over:
            time.sleep(max(until_s - time.monotonic(), 0.0))

    def _another(self) -> tuple[Engine, Room]:
        mail: Room = MailRoom()
        engine = self._make(mail)
        self._all.append((engine, mail))
        if self._started:
            engine.start()
        return engine, mail

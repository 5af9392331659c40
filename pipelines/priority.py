"""Who goes first where cores are short: reading before looking, looking before evidence, by the kernel's priorities.

Python's one lock knows no priorities: whoever holds it while the kernel lets others go first holds all threads up. So
nobody keeps the lock for long while others wait for it. Linux keeps a nice value for every thread; raising one's own
needs no right, and threads inherit it from the one that starts them.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock, get_native_id

BEHIND_LOOKING = 2
"""For evidence of a live camera, which has seconds. At 5 cases came half as late again, and not one look more was
done."""
PICKING_BEHIND, BEHIND_READING = 4, 8
"""For who waits for a recording's decoder, the longest strand of its work. Among equals the decoder, ready to go on,
waits for a core a fifth of the time, and later a core lies idle for want of pictures: 9 % of a recording's speed."""
LEAST = 19
TURN_S = 0.0005
"""A thread that computes in Python gives the lock away after so long. Decoding needs it for a moment per frame and a
look a dozen times, on its way from one thread to the next; either would wait 5 ms for it every time."""


def step_back(by: int) -> None:
    """The calling thread, and those it starts from now on, stays so far behind the main thread; never comes forward.

    Where a sandbox refuses it, all stay equal.
    """
    thread = get_native_id()
    # Priorities are worth some speed, never the work: systemd's `SystemCallFilter=~@resources` answers EPERM.
    with suppress(OSError):
        now, usual = (os.getpriority(os.PRIO_PROCESS, which) for which in (thread, os.getpid()))
        os.setpriority(os.PRIO_PROCESS, thread, max(now, min(usual + by, LEAST)))


@dataclass(slots=True)
class _Turns:
    """How long turns were before the first who needs short ones came; the last who goes sets them back."""

    takers: int = 0
    usual_s: float = 0.0
    lock: Lock = field(default_factory=Lock)


_turns = _Turns()


@contextmanager
def taking_turns() -> Iterator[None]:
    """Many threads of this process hand frames to one another: none makes the next one wait for long.

    Several at a time may need it, and end in any order.
    """
    with _turns.lock:
        if not _turns.takers:
            _turns.usual_s = sys.getswitchinterval()
            sys.setswitchinterval(TURN_S)
        _turns.takers += 1
    try:
        yield
    finally:
        with _turns.lock:
            _turns.takers -= 1
            if not _turns.takers:
                sys.setswitchinterval(_turns.usual_s)

"""Who goes first where cores are short: looking before evidence, by the kernel's own priorities of threads.

Python's one lock knows no priorities: whoever holds it while the kernel lets others go first holds all threads up. So
only what seldom runs is put behind, and nobody keeps the lock for long while others wait for it. Linux keeps a nice
value for every thread; raising one's own needs no right.
"""

import os
import sys
from threading import get_native_id

BEHIND = 2
"""For evidence, which has seconds. At 5 cases came half as late again, and not one look more was done for it."""
TURN_S = 0.0005
"""A thread that computes in Python gives the lock away after so long: a look takes it a dozen times, on its way from
one thread to the next, and would wait 5 ms for it every time."""


def step_back(nice: int) -> None:
    """The calling thread, and those it starts, lets others go before it."""
    os.setpriority(os.PRIO_PROCESS, get_native_id(), nice)


def take_turns() -> None:
    """Many threads of this process hand frames to one another: none makes the next one wait for long."""
    sys.setswitchinterval(TURN_S)

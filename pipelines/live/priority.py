"""Who goes first where cores are short: looking before evidence, by the kernel's own priorities of threads.

Called by a thread about itself. Linux keeps a nice value for every thread; raising one's own needs no right.
"""

import os
from threading import get_native_id

ASIDE, BEHIND = 2, 5
"""For reading streams, so that looks at what is decoded come first; for evidence, which has seconds."""


def step_back(nice: int) -> None:
    """The calling thread, and those it starts, lets others go before it."""
    os.setpriority(os.PRIO_PROCESS, get_native_id(), nice)

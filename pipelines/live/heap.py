"""How the C library's heap is set up for many threads that live for months.

By itself glibc gives every few threads an arena of their own, and keeps in it what any of them ever needed at once;
and it moves decoded pictures from memory of their own into these arenas after the first one is freed. With a thread
for every camera both add up to a third of what cameras need. What lies free at the end of the heap it gives back at
every occasion, to fetch it again, page by page, for the next picture: a quarter of all page faults. What compiling
networks and making evidence left between things that are still in use is given back now and then. Elsewhere than on
glibc all of it does nothing.
"""

import ctypes
import time

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
ARENAS = 2
OWN_BYTES = 600_000
"""What is as large (planes of decoded pictures, pictures for the network) has memory of its own, which goes back when
it is freed: packets that live for minutes would lie between them, and leave holes."""
FREE_BYTES = 16_000_000
"""So much may lie free at the end of the heap, until it is given back now and then."""
GIVE_BACK_EVERY_S = 60.0


def share_arenas() -> bool:
    """Sets the heap up, before threads start; False where it cannot be."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    wanted = ((M_ARENA_MAX, ARENAS), (M_MMAP_THRESHOLD, OWN_BYTES), (M_TRIM_THRESHOLD, FREE_BYTES))
    return all(bool(mallopt(name, value)) for name, value in wanted)


class SpareHeap:
    """What compiling networks and making evidence left in the heap goes back now and then; used by one thread."""

    def __init__(self, every_s: float = GIVE_BACK_EVERY_S) -> None:
        self._every_s = every_s
        self._due_s = time.monotonic() + every_s

    def look(self) -> bool:
        """Returns pages that hold nothing to the system if that is due, some milliseconds of work; whether any were."""
        now_s = time.monotonic()
        if now_s < self._due_s:
            return False
        self._due_s = now_s + self._every_s
        try:
            return bool(ctypes.CDLL(None).malloc_trim(0))
        except (OSError, AttributeError):
            return False

"""How the C library's heap is set up for many threads that live for months.

By itself glibc gives every few threads an arena of their own, and keeps in it what any of them ever needed at once;
and it moves decoded pictures from memory of their own into these arenas after the first one is freed. With a thread
for every camera both add up to a third of what cameras need. Called before threads start; elsewhere than on glibc it
does nothing.
"""

import ctypes

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
ARENAS = 2
OWN_BYTES = 1_000_000
"""What is as large (the planes of decoded pictures) has memory of its own, which goes back when it is freed."""


def share_arenas() -> bool:
    """Sets the heap up; False where it cannot be."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(M_ARENA_MAX, ARENAS)) and bool(mallopt(M_MMAP_THRESHOLD, OWN_BYTES))

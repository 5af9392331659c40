"""How long a reader may leave packets in the socket: until just before the next one that may be due can come.

To wake for a packet costs more than to read it, so those between two looks are read together with the second. Pure.
"""

import math

EARLY_S = 0.01
"""Awake so long before a packet that is due can come, which is then timed when it comes."""
AFTER_S = 0.02
"""Awake so long after it has come where that does not matter, which spares waking for it twice."""
LEAST_S, LONGEST_S = 0.02, 0.2
UNHURRIED_S = 0.4
"""The longest where it is known that nobody asks for what comes meanwhile: sockets hold so much."""


def rest_s(
    t_s: float, rate_hz: float, now_s: float, base_lag_s: float, *, punctual: bool = True, next_s: float | None = None
) -> float:
    """Seconds to sleep, 0 where it is not worth it.

    Args:
        t_s: of the packet read last, stream seconds.
        rate_hz: packets that may be due a second: the first of every slot.
        now_s: since the camera was first heard.
        base_lag_s: how much later than its time a packet comes at least.
        punctual: it must be timed when it comes.
        next_s: when one comes next that is asked for, where that is known, in place of the next slot.
    """
    slot_s = 1 / rate_hz
    longest_s = LONGEST_S if next_s is None else UNHURRIED_S
    if next_s is None:
        next_s = t_s + LONGEST_S if slot_s > LONGEST_S else _behind(t_s, slot_s)
    elif next_s > _behind(t_s, UNHURRIED_S):
        # On a grid: behind each of the packets that have come meanwhile it is the same moment.
        next_s, punctual = _behind(t_s, UNHURRIED_S), False
    wait_s = next_s + base_lag_s - (EARLY_S if punctual else -AFTER_S) - now_s
    return min(wait_s, longest_s) if wait_s >= LEAST_S else 0.0


def _behind(t_s: float, slot_s: float) -> float:
    """The beginning of the next slot."""
    return (math.floor(t_s / slot_s + 1e-6) + 1) * slot_s

"""How this installation reviews: when a second officer is needed, how much is looked at twice, how long undo lasts.

Made from the settings once and handed to the services; the defaults are labelled proposals, not law.
"""

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from cases.calendar import WorkCalendar
from cases.settings import Settings
from cases.wording import BY_EYE
from detector.types import ViolationKind

SECOND_DOUBTS = frozenset({"common", "ground_unlikely", BY_EYE})
"""Doubts that one officer alone cannot settle: the drawn scene is in question, or no rule saw the act."""


def _draw() -> float:
    return secrets.randbelow(1_000_000) / 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The numbers review goes by.

    Attributes:
        second_kinds: kinds that always need two officers to confirm.
        second_from_vnd: amounts from which two are needed.
        known_share: how often `next` gives a case whose answer is known.
        blind_share: how many judged cases another officer judges again unknowingly.
        undo_s: how long a decision can be taken back.
        draw: a number from 0 to below 1, unpredictable to officers.
    """

    second_kinds: frozenset[ViolationKind] = frozenset()
    second_from_vnd: int = 15_000_000
    known_share: float = 0.02
    blind_share: float = 0.10
    undo_s: float = 10.0
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    draw: Callable[[], float] = _draw

    def needs_second(self, kind: ViolationKind, amount_vnd: int | None, doubts: Collection[str] = ()) -> bool:
        """Whether confirming takes two officers; always under a doubt that one alone cannot settle."""
        costly = amount_vnd is not None and amount_vnd >= self.second_from_vnd
        return costly or kind in self.second_kinds or not SECOND_DOUBTS.isdisjoint(doubts)


DEFAULT = Policy()


def policy_of(settings: Settings) -> Policy:
    """The policy the settings name."""
    return Policy(
        second_kinds=frozenset(settings.second_kinds),
        second_from_vnd=settings.second_from_vnd,
        known_share=settings.known_share,
        blind_share=settings.blind_share,
        undo_s=settings.undo_s,
        calendar=WorkCalendar(days_off=settings.days_off, days_worked=settings.days_worked),
    )

"""Every code in words, and the life cycle as the server applies it."""

from typing import Literal

from pydantic import ConfigDict

from api.catalogue import WordOut
from api.schemas.base import Out
from cases.lifecycle import Action, Count, State, Track
from cases.roles import Role


class GroundOut(Out):
    """The paper a move rests on; `by_hand`: reasons that ask for no digital signature on it."""

    model_config = ConfigDict(from_attributes=True)

    paper: Literal["notice", "record", "decision"]
    signed: bool
    sent: bool
    by_hand: tuple[str, ...]


class MoveOut(WordOut):
    """An action: from where to where, by whom, for which reasons."""

    from_states: list[State]
    to_state: State | None
    roles: list[Role]
    reasons: list[str]
    needs_note: bool
    needs_claim: bool
    undoable: bool
    by_system: bool
    citizen_from: list[State] | None
    rests_on: GroundOut | None


class DeadlineOut(WordOut):
    """A clock of the life cycle: what starts it (null: the act itself), how long it runs, where the law says so."""

    starts: Action | None
    runs_in: list[State]
    length: int
    count: Count
    warn_days: int
    expiry: Action | None
    binding: bool
    tracks: list[Track]
    source: str


class VocabularyOut(Out):
    """All codes of the product in words."""

    states: dict[str, WordOut]
    actions: dict[str, MoveOut]
    reasons: dict[str, WordOut]
    kinds: dict[str, WordOut]
    vehicles: dict[str, WordOut]
    facts: dict[str, WordOut]
    doubts: dict[str, WordOut]
    sources: dict[str, WordOut]
    clocks: dict[str, WordOut]
    roles: dict[str, WordOut]
    exceptions: dict[str, WordOut]
    deadlines: dict[str, DeadlineOut]
    titles: dict[str, WordOut]
    units: dict[str, WordOut]
    tracks: dict[str, WordOut]
    fixes: dict[str, WordOut]

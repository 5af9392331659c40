"""What every rule is: a pure state machine over one track at one zone or turn of the scene.

`step` is called once per frame and living track, `end` once when the track will never come back. The state is
frozen and belongs to the runner, which creates, keeps, prunes and resets it; a rule holds no memory of its own.
"""

from typing import Protocol, TypeVar

from detector.types import CannotTell, Finding, Track, TrackedFrame, ViolationKind

Verdict = Finding | CannotTell | None
S = TypeVar("S")


class Rule(Protocol[S]):
    """One kind of act at one place of the scene."""

    @property
    def kind(self) -> ViolationKind:
        """What it accuses of."""
        ...

    @property
    def zone_id(self) -> str:
        """Id of the zone or turn it watches."""
        ...

    def step(self, state: S | None, track: Track, frame: TrackedFrame) -> tuple[S | None, Verdict]:
        """The next state and what the rule says now; a None state means nothing to remember about this track.

        A finding comes once when the act is established (`final` False) and once when it is over (`final` True).
        """
        ...

    def end(self, state: S, track: Track) -> Verdict:
        """What remains to be said when the track (as last seen) is over."""
        ...

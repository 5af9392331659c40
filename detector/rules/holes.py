"""Stretches in which the source was not seen, and the mark they leave on every act that reaches over one.

A lost stream, a worker that was restarted, a camera that was covered: time goes on, and what stood before and is found
again in its place has most likely stood there meanwhile. Nobody saw it, so facts and officer's doubts say how long.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from detector.rules.runner import RuleOutput
from detector.types import Moment, Violation
from detector.types.violation import PathRow

KEPT = 256
"""Holes that are remembered; acts are shorter than what so many holes span."""
LOST = "stream_gap"
FROZEN = "picture_frozen"
LEAST_S = 1.0
EDGE_S = 0.01
"""Path rows are rounded to milliseconds: those at a hole's edges were seen."""


class Holes:
    """The latest holes of one source: first and last stream second, and why."""

    def __init__(self) -> None:
        self._spans: deque[tuple[float, float, str]] = deque(maxlen=KEPT)

    def add(self, since_s: float, until_s: float, reason: str = LOST) -> None:
        """Nothing was seen between two times; less than `LEAST_S` is no more than a few dropped frames."""
        if until_s - since_s >= LEAST_S:
            self._spans.append((since_s, until_s, reason))

    def marked(self, output: RuleOutput) -> RuleOutput:
        """The same, with `gaps` and `gap_s` among the facts of acts that reach over holes."""
        if not self._spans or not output.violations:
            return output
        return replace(output, violations=tuple(self._marked(violation) for violation in output.violations))

    def _marked(self, violation: Violation) -> Violation:
        finding = violation.finding
        over = [span for span in self._spans if span[0] < finding.t_end_s and span[1] > finding.t_start_s]
        if not over:
            return violation
        within = [(since_s, until_s) for since_s, until_s, _ in over]
        reasons = (reason for _, _, reason in over)
        unseen_s = sum(until_s - since_s for since_s, until_s in within)
        finding = replace(
            finding,
            moments={name: _seen(moment, finding.path, within) for name, moment in finding.moments.items()},
            facts={**finding.facts, "gaps": len(within), "gap_s": round(unseen_s, 1)},
            cannot_tell=tuple(dict.fromkeys((*finding.cannot_tell, *reasons))),
        )
        return replace(violation, finding=finding)


def _seen(moment: Moment, path: Sequence[PathRow], holes: Sequence[tuple[float, float]]) -> Moment:
    """The moment, or the nearest one at which there was a picture."""
    if not _hidden(moment.t_s, holes):
        return moment
    rows = [row for row in path if not _hidden(row[0], holes)]
    nearest = min(rows, key=lambda row: abs(row[0] - moment.t_s), default=None)
    return moment if nearest is None else Moment(nearest[0], nearest[1:])


def _hidden(t_s: float, holes: Sequence[tuple[float, float]]) -> bool:
    return any(since_s + EDGE_S < t_s < until_s - EDGE_S for since_s, until_s in holes)

"""How well officers agree with one another and with known answers, and what cameras, zones and rules get right.

Agreement is Cohen's kappa (J. Cohen, A coefficient of agreement for nominal scales, 1960) over pairs of judgements of
one case; precision is the share of judged cases that were confirmed, with Wilson's 95 % interval (E. B. Wilson, 1927).
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.blind import VERDICTS
from cases.database import read_transaction
from cases.lifecycle import Action, State
from cases.records import BlindReview, Case, Decision
from cases.roles import OVERSEERS

MAX_ROWS = 200_000
_LEAD_TO = {
    Action.CONFIRM: (State.CONFIRMED, State.SECOND),
    Action.REJECT: (State.REJECTED,),
    Action.CANNOT_TELL: (State.SECOND,),
}
"""What is undone is the step before, known by where it led; who cannot tell leads where a first confirmation does."""
FIX: dict[str, str] = {
    "wrong_vehicle": "zone_or_tracking",
    "technical_fault": "camera_or_zone",
    "queue_or_jam": "limit_of_zone",
    "loading_hours": "calendar_of_zone",
    "permit": "permits_or_calendar",
    "diversion": "suspension_of_zone",
    "priority_vehicle": "priority_vehicles",
    "controller_directed": "suspension_of_zone",
    "no_violation": "zone_or_rule",
    "insufficient_grounds": "evidence_of_camera",
}
"""What a frequent reason for rejecting points at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Agreement of one officer on one kind; `kappa` None with no pairs or when chance alone explains everything."""

    officer: str
    kind: str
    pairs: int
    agreed: int
    kappa: float | None
    known: int
    known_right: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """What one rule in one zone of one camera got right, and what to look at when it did not."""

    camera_id: str
    zone_id: str
    kind: str
    rule_version: str
    judged: int
    confirmed: int
    precision: float
    low: float
    high: float
    main_reason: str | None
    fix: str | None


def kappa(pairs: Iterable[tuple[str, str]]) -> float | None:
    """Cohen's kappa of paired judgements; None without pairs, or when both only ever say one and the same."""
    counted = Counter(pairs)
    total = sum(counted.values())
    if not total:
        return None
    first, second = Counter[str](), Counter[str]()
    for (one, other), count in counted.items():
        first[one] += count
        second[other] += count
    observed = sum(count for (one, other), count in counted.items() if one == other) / total
    expected = sum(first[verdict] * second[verdict] for verdict in first) / total**2
    return None if expected == 1 else (observed - expected) / (1 - expected)


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    z, share = 1.96, hits / total
    middle = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return max((middle - spread) / scale, 0.0), min((middle + spread) / scale, 1.0)


def agreement(sessions: sessionmaker[Session], *, actor: Actor, from_at: datetime, to_at: datetime) -> list[Agreement]:
    """Agreement per officer and kind over second looks answered in a period; for commanders and auditors.

    An officer's pairs are the looks he gave and those given at his cases; kind `all` sums an officer up.
    """
    actor.require(OVERSEERS, "officers' agreement")
    done = (BlindReview.done_at >= from_at, BlindReview.done_at < to_at)
    wards = (BlindReview.ward.in_(actor.wards),) if actor.wards else ()
    with read_transaction(sessions) as session:
        looks = session.scalars(select(BlindReview).where(*done, *wards).limit(MAX_ROWS)).all()
    groups: dict[tuple[str, str], list[BlindReview]] = {}
    for look in looks:
        for officer in {look.officer, look.first_officer} - {None, "known"}:
            for kind in (look.kind, "all"):
                groups.setdefault((str(officer), kind), []).append(look)
    return [_agreement(officer, kind, rows) for (officer, kind), rows in sorted(groups.items())]


def precision(sessions: sessionmaker[Session], *, actor: Actor, from_at: datetime, to_at: datetime) -> list[Precision]:
    """Precision per camera, zone and rule over cases judged in a period, worst first; for those who read cases."""
    actor.require(OVERSEERS, "precision")
    judged = (Decision.at >= from_at, Decision.at < to_at, Decision.action.in_([*_LEAD_TO, Action.UNDO]))
    wards = (Case.ward.in_(actor.wards),) if actor.wards else ()
    columns = (
        Case.id, Case.camera_id, Case.zone_id, Case.kind, Case.rule_version, Decision.action, Decision.reason,
        Decision.from_state,
    )  # fmt: skip
    query = select(*columns).join(Case, Case.id == Decision.case_id).where(*judged, *wards)
    with read_transaction(sessions) as session:
        rows = session.execute(query.order_by(Decision.seq).limit(MAX_ROWS)).all()
    groups: dict[tuple[str, str, str, str], list[tuple[Action, str]]] = {}
    for row in _last_verdicts(rows):
        key = (row.camera_id, row.zone_id, row.kind.value, row.rule_version)
        groups.setdefault(key, []).append((row.action, row.reason))
    found = [_precision(key, verdicts) for key, verdicts in groups.items()]
    return sorted(found, key=lambda row: (row.high, -row.judged))


def _last_verdicts(rows: Iterable[Any]) -> Iterator[Any]:
    """Each case's last confirmation or rejection that was not taken back, of rows in the order of the log."""
    taken: dict[str, list[Any]] = {}
    for row in rows:
        steps = taken.setdefault(row.id, [])
        if row.action is not Action.UNDO:
            steps.append(row)
        elif steps and row.from_state in _LEAD_TO[steps[-1].action]:
            steps.pop()
    for steps in taken.values():
        verdicts = [row for row in steps if row.action in (Action.CONFIRM, Action.REJECT)]
        yield from verdicts[-1:]


def _agreement(officer: str, kind: str, looks: list[BlindReview]) -> Agreement:
    compared = [look for look in looks if look.verdict in VERDICTS.values()]
    repeats = [(look.first_verdict, str(look.verdict)) for look in compared if look.purpose == "repeat"]
    known = [look for look in compared if look.purpose == "known"]
    return Agreement(
        officer=officer,
        kind=kind,
        pairs=len(repeats),
        agreed=sum(first == second for first, second in repeats),
        kappa=kappa(repeats),
        known=len(known),
        known_right=sum(look.first_verdict == look.verdict for look in known),
    )


def _precision(key: tuple[str, str, str, str], verdicts: list[tuple[Action, str]]) -> Precision:
    confirmed = sum(VERDICTS[action] == "violation" for action, _ in verdicts)
    reasons = Counter(reason for action, reason in verdicts if action is Action.REJECT)
    main = reasons.most_common(1)[0][0] if reasons else None
    low, high = wilson(confirmed, len(verdicts))
    return Precision(
        camera_id=key[0],
        zone_id=key[1],
        kind=key[2],
        rule_version=key[3],
        judged=len(verdicts),
        confirmed=confirmed,
        precision=confirmed / len(verdicts),
        low=low,
        high=high,
        main_reason=main,
        fix=FIX.get(main, "look_at_rejected") if main else None,
    )

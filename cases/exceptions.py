"""What may excuse an act, by kind: asked of the officer before a violation is confirmed, and kept with the decision."""

from detector.types import ViolationKind

_K = ViolationKind
EXCEPTIONS: dict[str, frozenset[ViolationKind]] = {
    "priority_vehicle": frozenset(_K) - {_K.SIDEWALK_ENCROACHMENT, _K.UNCOVERED_LOAD},
    "controller_directed": frozenset({_K.WRONG_WAY, _K.FORBIDDEN_TURN, _K.NO_ENTRY, _K.SIDEWALK_RIDING}),
    "permit": frozenset({_K.ILLEGAL_PARKING, _K.SIDEWALK_ENCROACHMENT, _K.NO_ENTRY}),
    "diversion": frozenset({_K.WRONG_WAY, _K.FORBIDDEN_TURN, _K.NO_ENTRY, _K.SIDEWALK_RIDING}),
    "loading_hours": frozenset({_K.ILLEGAL_PARKING, _K.NO_ENTRY}),
}


def exceptions_for(kind: ViolationKind) -> tuple[str, ...]:
    """Codes to be considered for a kind, in the table's order; each is also a reason to reject."""
    return tuple(code for code, kinds in EXCEPTIONS.items() if kind in kinds)

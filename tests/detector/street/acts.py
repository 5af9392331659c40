"""Single unlawful acts to be found among lawful traffic, one per kind that needs no pixels."""

import numpy as np

from detector.types import ObjectClass, ViolationKind
from tests.detector.street.traffic import Course, Float, bend, course, parked, ride

ACTS = (
    ViolationKind.WRONG_WAY,
    ViolationKind.FORBIDDEN_TURN,
    ViolationKind.NO_ENTRY,
    ViolationKind.SIDEWALK_RIDING,
    ViolationKind.ILLEGAL_PARKING,
    ViolationKind.SIDEWALK_ENCROACHMENT,
)


def act(kind: ViolationKind, t_s: Float, seed: int) -> Course:
    """An offender of a kind."""
    rng = np.random.default_rng([seed, 3])
    since_s = float(rng.uniform(4, 10))
    if kind is ViolationKind.WRONG_WAY:
        x = float(rng.uniform(-5.5, -1.0))
        return ride(ObjectClass.MOTORCYCLE, ((x, 2.0), (x, 24.0), (-0.5, 40.0)), since_s, rng.uniform(3, 6), t_s)
    if kind is ViolationKind.FORBIDDEN_TURN:
        way = bend((1.5, -6.0), (1.5, 31.0), (-40.0, 31.0))
        return ride(ObjectClass.CAR, way, since_s, rng.uniform(4, 6), t_s)
    if kind is ViolationKind.NO_ENTRY:
        return ride(ObjectClass.TRUCK, ((40.0, 32.0), (-40.0, 32.0)), since_s, rng.uniform(3.5, 6), t_s)
    if kind is ViolationKind.SIDEWALK_RIDING:
        return ride(ObjectClass.MOTORCYCLE, ((8.0, 4.0), (8.0, 24.0)), since_s, rng.uniform(2.5, 4.5), t_s)
    if kind is ViolationKind.ILLEGAL_PARKING:
        return parked(ObjectClass.CAR, (5.2, float(rng.uniform(12, 15))), since_s + 4, since_s + 55, t_s)
    way = ((8.0, 13.0), (8.0, 30.0))
    away = np.where((t_s >= since_s) & (t_s < since_s + 50), float(rng.uniform(0, 4)), -1.0)
    return course(ObjectClass.MOTORCYCLE, way, away, rng, "left")

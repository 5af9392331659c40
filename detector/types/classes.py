"""The closed vocabularies: what is seen, what a truck's load looks like, what may be violated.

A network's own class numbers never leave `detector.inference`; everything inside speaks these.
"""

from enum import IntEnum, StrEnum


class ObjectClass(IntEnum):
    """A road user or thing. A rider and the two-wheeler are one object of the two-wheeler's class."""

    PERSON = 0
    BICYCLE = 1
    MOTORCYCLE = 2
    CAR = 3
    BUS = 4
    TRUCK = 5
    STALL = 6
    OBJECT = 7
    """Lasting foreground of no known class: goods, tables, signs, awnings."""

    @property
    def label(self) -> str:
        """The lower-case name used in scenes, events and records, e.g. `motorcycle`."""
        return self.name.lower()

    @classmethod
    def from_label(cls, label: str) -> "ObjectClass":
        """The class with that lower-case name.

        Raises:
            KeyError: no class has that name.
        """
        return cls[label.upper()]


MOTOR_VEHICLES = frozenset({ObjectClass.MOTORCYCLE, ObjectClass.CAR, ObjectClass.BUS, ObjectClass.TRUCK})
VEHICLES = MOTOR_VEHICLES | {ObjectClass.BICYCLE}


class LoadState(StrEnum):
    """What can be seen of a truck's load, in the order of the classifier's score columns."""

    UNCOVERED_LOAD = "uncovered_load"
    COVERED = "covered"
    EMPTY = "empty"
    CLOSED_BODY = "closed_body"
    CANNOT_TELL = "cannot_tell"


class ViolationKind(StrEnum):
    """The seven kinds of the contract."""

    ILLEGAL_PARKING = "illegal_parking"
    SIDEWALK_ENCROACHMENT = "sidewalk_encroachment"
    SIDEWALK_RIDING = "sidewalk_riding"
    WRONG_WAY = "wrong_way"
    FORBIDDEN_TURN = "forbidden_turn"
    NO_ENTRY = "no_entry"
    UNCOVERED_LOAD = "uncovered_load"

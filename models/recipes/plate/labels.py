"""Labels of the measured crops that are wrong, as one who looked at the pictures says.

In: `label_faults.csv`, one row per character: folder and file of the crop, the character's place in the label counted
from 1, what is written there (nothing: a character was left out before that place) and what the picture shows. Out: a
label as the picture shows it. No plate stands in the table: without the crops and their labels it names none.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

FAULTS = Path(__file__).with_name("label_faults.csv")


class Fault(NamedTuple):
    """One character of a label."""

    place: int
    written: str
    shown: str


def faults_of(folder: str, path: Path = FAULTS) -> dict[str, list[Fault]]:
    """The faulty labels of a folder of crops, by file name."""
    found: dict[str, list[Fault]] = {}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["folder"] == folder:
                fault = Fault(int(row["place"]), row["written"], row["shown"])
                found.setdefault(row["file"], []).append(fault)
    return found


def as_shown(label: str, faults: Sequence[Fault]) -> str:
    """The label as the picture shows it.

    Raises:
        ValueError: the label does not say what the fault is about; it may have been mended at its source.
    """
    for fault in sorted(faults, reverse=True):
        at = fault.place - 1
        if at > len(label) or not label.startswith(fault.written, at):
            raise ValueError(f"label: expected {fault.written!r} at place {fault.place}; mend {FAULTS.name}")
        label = label[:at] + fault.shown + label[at + len(fault.written) :]
    return label

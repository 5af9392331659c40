"""What is laid aside comes back whole or not at all, and runs nobody's code."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from detector.types import Moment, ObjectClass
from pipelines.live.frozen import ThawError, freeze, replace_file, thaw


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("echo no",)


def test_values_and_the_detectors_types_come_back() -> None:
    value = {"moment": Moment(1.0, (1.0, 2.0, 3.0, 4.0)), "kind": ObjectClass.CAR, "ids": frozenset({1})}
    arrays = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array(True)}
    assert thaw(freeze(value)) == value
    back = thaw(freeze(arrays))
    assert all((back[name] == arrays[name]).all() and back[name].dtype == arrays[name].dtype for name in arrays)


@pytest.mark.parametrize(
    ("label", "data"),
    [
        ("code", pickle.dumps(Evil())),
        ("a function", pickle.dumps(os.system)),
        ("a foreign type", pickle.dumps(Path("a"))),
        ("a function of the detector", b"cdetector.types.violation\nviolation_id\n."),
        ("what the detector imports", b"cdetector.types.violation\nhashlib\n."),
        ("cut short", freeze({"a": 1})[:-3]),
        ("nothing", b""),
    ],
)
def test_anything_else_is_refused(label: str, data: bytes) -> None:
    with pytest.raises(ThawError):
        thaw(data)


def test_a_file_that_cannot_be_written_stands_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "state"
    replace_file(path, [b"first"])

    def torn() -> list[bytes]:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        replace_file(path, (part for part in [b"second", *torn()]))
    assert path.read_bytes() == b"first"
    assert [entry.name for entry in tmp_path.iterdir()] == ["state"]

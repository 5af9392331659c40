"""Latest-frame mailboxes of all cameras: a new frame replaces one that nobody has taken; taking goes round in turn.

Reading threads put, one thread takes. A closed box gives what it still holds, says once that it is over and is taken
away. Boxes are opened while others are in use; a number is never used twice.
"""

import time
from dataclasses import dataclass
from threading import Condition
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Box(Generic[T]):
    item: T | None = None
    closed: bool = False


class MailRoom(Generic[T]):
    """One box per camera, numbered from zero in the order of opening."""

    def __init__(self) -> None:
        self._boxes: dict[int, _Box[T]] = {}
        self._bell = Condition()
        self._opened = 0

    def open(self) -> int:
        """The number of a new box."""
        with self._bell:
            number, self._opened = self._opened, self._opened + 1
            self._boxes[number] = _Box()
            return number

    def put(self, number: int, item: T) -> bool:
        """Leaves an item; True when it replaced one that nobody had taken. A closed box takes nothing."""
        with self._bell:
            box = self._boxes.get(number)
            if box is None or box.closed:
                return False
            replaced = box.item is not None
            box.item = item
            self._bell.notify()
            return replaced

    def close(self, number: int) -> None:
        """Nothing more will be put into a box."""
        with self._bell:
            if number in self._boxes:
                self._boxes[number].closed = True
                self._bell.notify()

    def take(self, timeout_s: float) -> tuple[int, T | None] | None:
        """(box, item), item None when the box is over; None when nothing came in time."""
        deadline_s = time.monotonic() + timeout_s
        with self._bell:
            while (found := self._found()) is None:
                left_s = deadline_s - time.monotonic()
                if left_s <= 0 or not self._bell.wait(left_s):
                    return self._found()
            return found

    def _found(self) -> tuple[int, T | None] | None:
        for number, box in self._boxes.items():
            if box.item is None and not box.closed:
                continue
            item, box.item = box.item, None
            # Whoever was served goes to the end of the row; a box that is over leaves it.
            del self._boxes[number]
            if item is not None:
                self._boxes[number] = box
            return number, item
        return None

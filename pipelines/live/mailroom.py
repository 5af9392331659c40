"""Latest-frame mailboxes of all cameras: a new frame replaces one that nobody has taken; taking goes round in turn.

A few frames at once that are wanted late, because they show a beginning, wait in a row instead. Reading threads put,
one thread takes. A closed box gives what it still holds, says once that it is over and is taken away. Boxes are opened
while others are in use; a number is never used twice.
"""

import time
from collections import deque
from dataclasses import dataclass, field
from threading import Condition
from typing import Generic, TypeVar

from pipelines.live.slots import MOST_OWED

T = TypeVar("T")


@dataclass(slots=True)
class _Box(Generic[T]):
    items: deque[tuple[T, bool]] = field(default_factory=deque)
    closed: bool = False


class MailRoom(Generic[T]):
    """One box per camera, numbered from zero in the order of opening."""

    def __init__(self) -> None:
        self._boxes: dict[int, _Box[T]] = {}
        self._bell = Condition()
        self._opened = 0

    def __len__(self) -> int:
        """Boxes that are not over yet."""
        with self._bell:
            return len(self._boxes)

    def open(self) -> int:
        """The number of a new box."""
        with self._bell:
            number, self._opened = self._opened, self._opened + 1
            self._boxes[number] = _Box()
            return number

    def put(self, number: int, item: T, *, owed: bool = False) -> bool:
        """Leaves an item; True when it replaced one that nobody had taken. A closed box takes nothing.

        Args:
            owed: it replaces none and is not replaced, while no more than `MOST_OWED` wait.
        """
        with self._bell:
            box = self._boxes.get(number)
            if box is None or box.closed:
                return False
            replaced = False
            if box.items and not owed and not box.items[-1][1]:
                box.items.pop()
                replaced = True
            elif len(box.items) > MOST_OWED:
                box.items.popleft()
                replaced = True
            box.items.append((item, owed))
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
            if not box.items and not box.closed:
                continue
            item = box.items.popleft()[0] if box.items else None
            # Whoever was served goes to the end of the row; a box that is over leaves it.
            del self._boxes[number]
            if item is not None:
                self._boxes[number] = box
            return number, item
        return None

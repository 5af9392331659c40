"""Latest-frame mailboxes of all cameras: a new frame replaces one that nobody has taken; taking goes round in turn.

Reading threads put, one thread takes. A closed box gives what it still holds and then says once that it is over.
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
    said: bool = False


class MailRoom(Generic[T]):
    """One box per camera, numbered from zero."""

    def __init__(self, boxes: int) -> None:
        self._boxes: list[_Box[T]] = [_Box() for _ in range(boxes)]
        self._bell = Condition()
        self._next = 0

    def put(self, number: int, item: T) -> bool:
        """Leaves an item; True when it replaced one that nobody had taken. A closed box takes nothing."""
        with self._bell:
            box = self._boxes[number]
            if box.closed:
                return False
            replaced = box.item is not None
            box.item = item
            self._bell.notify()
            return replaced

    def close(self, number: int) -> None:
        """Nothing more will be put into a box."""
        with self._bell:
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
        count = len(self._boxes)
        for number in ((self._next + i) % count for i in range(count)):
            box = self._boxes[number]
            over = box.closed and not box.said
            if box.item is None and not over:
                continue
            item, box.item = box.item, None
            box.said = box.said or (item is None and over)
            self._next = (number + 1) % count
            return number, item
        return None

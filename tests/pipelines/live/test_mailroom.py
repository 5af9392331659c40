"""Latest frame wins, in turn, and a closed box says so once."""

import time
from threading import Thread
from typing import Any

from pipelines.live.mailroom import MailRoom
from pipelines.live.slots import MOST_OWED


def opened(count: int) -> MailRoom[Any]:
    room: MailRoom[Any] = MailRoom()
    assert [room.open() for _ in range(count)] == list(range(count))
    return room


def test_a_new_item_replaces_one_that_nobody_took() -> None:
    room: MailRoom[str] = opened(1)
    assert [room.put(0, "a"), room.put(0, "b")] == [False, True]
    assert room.take(0) == (0, "b")
    assert room.take(0) is None


def test_owed_items_wait_in_a_row_for_a_slow_taker() -> None:
    room: MailRoom[str] = opened(2)
    assert not room.put(0, "now")
    assert not any(room.put(0, f"owed {number}", owed=True) for number in range(MOST_OWED))
    assert [room.put(0, "next"), room.put(0, "newest")] == [True, True], "the first one, and the one before it"
    room.put(1, "other")
    taken = [room.take(0) for _ in range(MOST_OWED + 2)]
    assert taken[1] == (1, "other"), "in turn all the same"
    del taken[1]
    assert taken == [(0, f"owed {number}") for number in range(MOST_OWED)] + [(0, "newest")]
    assert room.take(0) is None


def test_a_row_of_owed_items_is_bounded() -> None:
    room: MailRoom[int] = opened(1)
    assert sum(room.put(0, number, owed=True) for number in range(100)) == 100 - MOST_OWED - 1


def test_a_busy_camera_does_not_starve_the_others() -> None:
    room: MailRoom[int] = opened(3)
    order = []
    for number in range(6):
        room.put(0, number)
        if number % 2 == 0:
            room.put(1, number)
            room.put(2, number)
        taken = room.take(0)
        assert taken is not None
        order.append(taken[0])
    assert order == [0, 1, 2, 0, 1, 2]


def test_a_closed_box_gives_its_last_item_and_then_says_once_that_it_is_over() -> None:
    room: MailRoom[str] = opened(1)
    room.put(0, "last")
    room.close(0)
    assert room.put(0, "late") is False
    assert [room.take(0), room.take(0), room.take(0)] == [(0, "last"), (0, None), None]


def test_taking_waits_for_an_item() -> None:
    room: MailRoom[str] = opened(1)
    thread = Thread(target=lambda: (time.sleep(0.05), room.put(0, "a")))
    thread.start()
    assert room.take(5) == (0, "a")
    thread.join()


def test_boxes_come_and_go_while_others_are_in_use() -> None:
    room = opened(2)
    room.close(0)
    room.put(1, "a")
    assert sorted(taken for taken in (room.take(0), room.take(0)) if taken) == [(0, None), (1, "a")]
    assert room.open() == 2
    assert [room.put(0, "late"), room.put(2, "b"), room.take(0)] == [False, False, (2, "b")]

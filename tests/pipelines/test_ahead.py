"""Work done ahead on a thread of its own: all of it, in order, never too much, and it ends when told to."""

from collections.abc import Generator
from threading import Event, Thread, current_thread
from threading import enumerate as threads

import pytest

from pipelines.ahead import Ahead

PATIENCE_S = 10.0


def counting(upto: int) -> Generator[int]:
    """0, 1, ..."""
    yield from range(upto)


def test_all_comes_out_in_order() -> None:
    assert list(Ahead(lambda _: counting(500), room=2, name="count")) == list(range(500))


def test_it_runs_on_a_thread_of_its_own_with_the_name_given() -> None:
    def name(_: Event) -> Generator[str]:
        yield current_thread().name

    assert list(Ahead(name, room=1, name="read a.mp4")) == ["read a.mp4"]


def test_no_more_is_done_than_there_is_room_for() -> None:
    done: list[int] = []
    full = Event()

    def work(_: Event) -> Generator[int]:
        for number in range(100):
            done.append(number)
            if number == 3:
                full.set()
            yield number

    ahead = Ahead(work, room=3, name="work")
    assert full.wait(PATIENCE_S)
    assert done == [0, 1, 2, 3]  # three wait, the fourth has no room yet
    ahead.stop()


def test_an_error_comes_out_behind_what_was_done_before_it() -> None:
    def work(_: Event) -> Generator[int]:
        yield 1
        raise LookupError("second")

    results = iter(Ahead(work, room=5, name="work"))
    assert next(results) == 1
    with pytest.raises(LookupError, match="second"):
        next(results)


def test_stopped_it_closes_its_work_on_its_thread_and_gives_back_what_nobody_took() -> None:
    closed_on: list[str] = []
    begun = Event()

    def work(_: Event) -> Generator[int]:
        try:
            for number in range(100):
                if number == 2:
                    begun.set()
                yield number
        finally:
            closed_on.append(current_thread().name)

    dropped: list[int] = []
    ahead = Ahead(work, room=2, name="work", dropped=dropped.append)
    assert begun.wait(PATIENCE_S)
    ahead.stop()
    ahead.stop()
    assert sorted(dropped) == [0, 1, 2]
    assert closed_on == ["work"]
    assert "work" not in {thread.name for thread in threads()}


def test_who_waits_for_results_comes_to_the_end_when_it_is_stopped() -> None:
    def nothing(stopped: Event) -> Generator[int]:
        assert stopped.wait(PATIENCE_S)
        yield from ()

    ahead = Ahead(nothing, room=1, name="work")
    taken: list[int] = []
    waiting = Thread(target=lambda: taken.extend(ahead), daemon=True)
    waiting.start()
    ahead.stop()
    waiting.join(PATIENCE_S)
    assert not waiting.is_alive()
    assert taken == []


def test_work_that_waits_itself_is_told_to_stop() -> None:
    def work(stopped: Event) -> Generator[int]:
        yield 0
        assert stopped.wait(PATIENCE_S)

    ahead = Ahead(work, room=1, name="work")
    assert next(iter(ahead)) == 0
    ahead.stop()

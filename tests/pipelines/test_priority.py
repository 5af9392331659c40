"""Threads that step back: by the kernel's own account, never forward, and nobody else with them."""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import get_native_id

from pipelines.priority import LEAST, step_back


def niceness() -> int:
    """Of the calling thread."""
    return os.getpriority(os.PRIO_PROCESS, get_native_id())


def stepped(*steps: int) -> list[int]:
    """How nice a new thread is after each step."""

    def run() -> list[int]:
        told = []
        for by in steps:
            step_back(by)
            told.append(niceness() - usual)
        return told

    usual = niceness()
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def test_a_thread_steps_back_behind_the_main_one_which_stays() -> None:
    before = niceness()
    assert stepped(4) == [min(4, LEAST - before)]
    assert niceness() == before


def test_twice_is_no_further_and_less_is_no_step_forward() -> None:
    before = niceness()
    assert stepped(6, 6, 2) == [min(6, LEAST - before)] * 3


def test_beyond_the_last_place_is_the_last_place() -> None:
    assert stepped(40) == [LEAST - niceness()]


def test_threads_begun_behind_are_behind_too() -> None:
    def run() -> int:
        step_back(5)
        with ThreadPoolExecutor(1) as inner:
            return inner.submit(niceness).result()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(run).result() == min(niceness() + 5, LEAST)

"""Threads that step back: by the kernel's own account, never forward, and nobody else with them."""

import errno
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import get_native_id

import pytest

from pipelines.priority import LEAST, TURN_S, step_back, taking_turns


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


def test_where_it_is_refused_all_stay_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: int) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "setpriority", refuse)
    assert stepped(4) == [0]


def test_threads_begun_behind_are_behind_too() -> None:
    def run() -> int:
        step_back(5)
        with ThreadPoolExecutor(1) as inner:
            return inner.submit(niceness).result()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(run).result() == min(niceness() + 5, LEAST)


def test_turns_are_short_while_anybody_needs_them_and_as_before_when_nobody_does() -> None:
    """Two jobs in one process that end in the order in which they began, one of them by a fault."""
    usual_s = sys.getswitchinterval()
    one, other = taking_turns(), taking_turns()
    one.__enter__()
    other.__enter__()
    assert one.__exit__(MemoryError, MemoryError(), None) in (None, False)
    assert sys.getswitchinterval() == pytest.approx(TURN_S)
    other.__exit__(None, None, None)
    assert sys.getswitchinterval() == usual_s

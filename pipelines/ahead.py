"""Work done ahead on a thread of its own: what an iterator yields, in order, at most so much of it waiting.

Strands of one recording's work (decoding; looking) run side by side this way. Lossless: who is ahead waits. An error
comes out where the results are taken.
"""

from collections.abc import Callable, Generator
from contextlib import closing, suppress
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Generic, TypeVar

T = TypeVar("T")
_WAIT_S = 0.2
"""How often who waits for room looks whether it should stop."""


class _End:
    """Nothing comes any more, for a reason or without one."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class Ahead(Generic[T]):
    """Iterate it once, on one thread, then `stop` it."""

    def __init__(
        self,
        work: Callable[[Event], Generator[T]],
        *,
        room: int,
        name: str,
        dropped: Callable[[T], object] = lambda _: None,
    ) -> None:
        """Begins at once.

        Args:
            work: the generator, which runs on the thread and is closed there; it is given what is set when it
                is to stop, for where it waits itself.
            room: results that may wait to be taken.
            name: the thread's.
            dropped: called with each result that nobody will take.
        """
        self._work = work
        self._dropped = dropped
        self._results: Queue[T | _End] = Queue(room)
        self._stopped = Event()
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def __iter__(self) -> Generator[T]:
        while not isinstance(result := self._results.get(), _End):
            yield result
        if result.error is not None:
            raise result.error

    def tell_to_stop(self) -> None:
        """What is being done is the last; who calls does not wait for it."""
        self._stopped.set()

    def stop(self) -> None:
        """Ends the thread and waits for it, since it may hold a file open; who iterates meanwhile comes to the end.

        A second call does nothing.
        """
        self.tell_to_stop()
        self._thread.join()
        with suppress(Empty):
            while True:
                self._drop(self._results.get_nowait())
        self._results.put(_End())

    def _run(self) -> None:
        try:
            with closing(self._work(self._stopped)) as results:
                for result in results:
                    if not self._put(result):
                        return
            self._put(_End())
        except BaseException as error:  # carried over to who iterates
            self._put(_End(error))

    def _put(self, result: T | _End) -> bool:
        while not self._stopped.is_set():
            try:
                self._results.put(result, timeout=_WAIT_S)
            except Full:
                continue
            return True
        self._drop(result)
        return False

    def _drop(self, result: T | _End) -> None:
        if not isinstance(result, _End):
            self._dropped(result)

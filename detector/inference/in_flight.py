"""A few threads that run inferences, with a bound on how many pictures wait in memory.

Called from any thread. Each job's result or error comes out of its own future.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import ParamSpec, TypeVar

from detector.types.errors import InferenceError

P = ParamSpec("P")
T = TypeVar("T")


class InFlight:
    """Threads of one backend; as many jobs at a time as threads, the next `submit` waits."""

    def __init__(self, *, threads: int, name: str) -> None:
        self._name = name
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._places = BoundedSemaphore(threads)

    def submit(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Start `job` as soon as a thread is free; blocks until then.

        Raises:
            InferenceError: `close` was called before.
        """
        self._places.acquire()
        try:
            future = self._threads.submit(job, *args, **kwargs)
        except RuntimeError as error:
            self._places.release()
            raise InferenceError(f"{self._name}: closed; open a new backend to go on") from error
        future.add_done_callback(lambda _: self._places.release())
        return future

    def close(self) -> None:
        """Wait for running jobs and end the threads; a second call does nothing."""
        self._threads.shutdown(wait=True)

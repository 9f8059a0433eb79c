"""The same work is done once at a time, however many wait for it, and nobody has to wait long."""

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from contextvars import copy_context
from threading import Lock, Thread
from typing import Generic, TypeVar

Result = TypeVar("Result")


class SingleFlight(Generic[Result]):
    """Runs work in threads of its own, so that a caller can give up and leave it behind."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._flying: dict[Hashable, Future[Result]] = {}

    def run(self, key: Hashable, work: Callable[[], Result], timeout_seconds: float) -> Result:
        """The result of ``work``, or of the same work that is under way.

        Raises what ``work`` raises, and ``TimeoutError`` when it takes too long; it then goes
        on, and those who come later wait for it, too.
        """
        with self._lock:
            future = self._flying.get(key)
            if future is None:
                future = self._flying[key] = self._start(key, work)
        return future.result(timeout_seconds)

    def _start(self, key: Hashable, work: Callable[[], Result]) -> Future[Result]:
        future: Future[Result] = Future()
        context = copy_context()  # what it does belongs to the request's trace

        def fly() -> None:
            try:
                result = context.run(work)
            except BaseException as error:  # raised where it is waited for
                self._land(key)
                future.set_exception(error)
            else:
                self._land(key)
                future.set_result(result)

        Thread(target=fly, daemon=True, name="single-flight").start()
        return future

    def _land(self, key: Hashable) -> None:
        with self._lock:
            del self._flying[key]

"""One thread writes; whatever waits when it is free goes into one commit.

Requests hand over their events and wait until they are on disk. The queue is bounded by events:
when it is full, a request is turned away at once instead of waiting in memory.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from queue import Empty, SimpleQueue
from time import perf_counter
from typing import Any, Protocol

from api.storage.event_store import AppendResult, Event, EventStore, StoreUnavailable

logger = logging.getLogger(__name__)

GROUP_EVENTS = 4000  # a commit takes no more requests once it has this many events


class QueueFull(Exception):
    """There is no room for these events at the moment."""


class WriterObserver(Protocol):
    """Hears of every commit, on the writer's thread."""

    def settled(self, events: int, outcome: AppendResult | Exception) -> None:
        """What became of so many events; their requests are answered right after."""

    def committed(self, events: Sequence[Event], result: AppendResult, seconds: float) -> None:
        """``events`` were handed to the store together, which took ``seconds``."""


@dataclass(frozen=True)
class _Submission:
    events: Sequence[Event]
    answer: "asyncio.Future[AppendResult]"


@dataclass(frozen=True)
class _Job:
    """Something else that must not run beside an append."""

    run: Callable[[], Any]
    answer: "asyncio.Future[Any]"


class _Stop:
    """The last thing in the queue."""


class Writer:
    """Owns the store while it runs. Start, use and stop it on one event loop."""

    def __init__(self, store: EventStore, observer: WriterObserver, *, queue_events: int) -> None:
        self._store = store
        self._observer = observer
        self._queue_events = queue_events
        self._queue: SimpleQueue[_Submission | _Job | _Stop] = SimpleQueue()
        self._waiting_events = 0  # only touched on the event loop
        self._thread = threading.Thread(target=self._work, name="event-writer", daemon=True)
        self._accepting = False
        self._loop: asyncio.AbstractEventLoop

    @property
    def waiting_events(self) -> int:
        """Events handed over and not yet settled."""
        return self._waiting_events

    @property
    def is_alive(self) -> bool:
        """Whether what is handed over will be written."""
        return self._accepting and self._thread.is_alive()

    def start(self) -> None:
        """Begin to write."""
        self._loop = asyncio.get_running_loop()
        self._accepting = True
        self._thread.start()

    async def stop(self) -> None:
        """Take nothing more, write what waits, end the thread."""
        self._accepting = False
        self._queue.put(_Stop())
        await asyncio.to_thread(self._thread.join)

    def submit(self, events: Sequence[Event]) -> "asyncio.Future[AppendResult]":
        """Hand events over; the answer comes when they are stored, or is ``StoreUnavailable``.

        Whoever stops waiting does not stop the commit. Raises ``QueueFull``.
        """
        if not self._accepting or self._waiting_events + len(events) > self._queue_events:
            raise QueueFull
        answer: asyncio.Future[AppendResult] = self._loop.create_future()
        self._waiting_events += len(events)
        self._queue.put(_Submission(events, answer))
        return answer

    def run(self, job: Callable[[], Any]) -> "asyncio.Future[Any]":
        """Run ``job`` on the writer's thread, between two commits. Raises ``QueueFull``."""
        if not self._accepting:
            raise QueueFull
        answer: asyncio.Future[Any] = self._loop.create_future()
        self._queue.put(_Job(job, answer))
        return answer

    def _work(self) -> None:
        while True:
            group, ended_by = self._gather()
            if group:
                self._commit(group)
            if isinstance(ended_by, _Job):
                self._run(ended_by)
            elif ended_by is not None:
                return

    def _gather(self) -> tuple[list[_Submission], _Job | _Stop | None]:
        """Wait for something to do, and take what may be done together."""
        group: list[_Submission] = []
        number = 0
        item = self._queue.get()
        while isinstance(item, _Submission):
            group.append(item)
            number += len(item.events)
            if number >= GROUP_EVENTS:
                return group, None
            try:
                item = self._queue.get_nowait()
            except Empty:
                return group, None
        return group, item

    def _commit(self, group: Sequence[_Submission]) -> None:
        events = list(chain.from_iterable(submission.events for submission in group))
        started = perf_counter()
        try:
            result = self._store.append(events)
        except StoreUnavailable as error:
            logger.warning("events cannot be stored at the moment: %s", error)
            self._settle(group, error)
            self._refuse_waiting(error)
        except Exception as error:
            if len(group) > 1:  # one request's trouble must not become that of its neighbours
                for submission in group:
                    self._commit([submission])
                return
            logger.exception("events could not be stored")
            self._settle(group, error)
        else:
            seconds = perf_counter() - started
            self._settle(group, result)
            self._observer.committed(events, result, seconds)

    def _settle(self, group: Sequence[_Submission], outcome: AppendResult | Exception) -> None:
        self._observer.settled(sum(len(submission.events) for submission in group), outcome)
        self._loop.call_soon_threadsafe(self._deliver, group, outcome)

    def _run(self, job: _Job) -> None:
        try:
            outcome: Any = job.run()
        except Exception as error:
            self._loop.call_soon_threadsafe(_fail, job.answer, error)
            if isinstance(error, StoreUnavailable):
                self._refuse_waiting(error)
        else:
            self._loop.call_soon_threadsafe(_answer, job.answer, outcome)

    def _refuse_waiting(self, error: StoreUnavailable) -> None:
        """Whoever came meanwhile is not kept waiting for the store to be away once more."""
        waiting: list[_Submission] = []
        while not self._queue.empty():  # nobody else takes anything out
            item = self._queue.get_nowait()
            if isinstance(item, _Stop):
                self._queue.put(item)  # the last one: nothing comes after it
                break
            if isinstance(item, _Job):
                self._loop.call_soon_threadsafe(_fail, item.answer, error)
            else:
                waiting.append(item)
        if waiting:
            self._settle(waiting, error)

    def _deliver(self, group: Sequence[_Submission], outcome: AppendResult | Exception) -> None:
        """Give each submission its part of the group's outcome. Runs on the event loop."""
        start = 0
        for submission in group:
            end = start + len(submission.events)
            if isinstance(outcome, Exception):
                _fail(submission.answer, outcome)
            else:
                _answer(submission.answer, outcome.part(start, end))
            start = end
        self._waiting_events -= start


def _answer(future: "asyncio.Future[Any]", outcome: Any) -> None:
    if not future.done():
        future.set_result(outcome)


def _fail(future: "asyncio.Future[Any]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)

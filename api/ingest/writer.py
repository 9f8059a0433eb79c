"""One writer; whatever waits when it is free goes into one commit.

Requests hand over their events and wait until they are on disk. The queue is bounded by events:
when it is full, a request is turned away at once instead of waiting in memory.

What waits for the disk, for a lock or for another process is done by a thread. What only computes
is done on the event loop: two busy threads would take the interpreter from each other after every
row and every socket, which costs more than the rows.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from time import perf_counter
from typing import Any, NamedTuple, Protocol

from api.storage.event_store import AppendResult, Event, EventStore, Step, StoreUnavailable

logger = logging.getLogger(__name__)

# A commit takes no more requests once it has this many events, which hold the loop some 15 ms.
GROUP_EVENTS = 1000


class QueueFull(Exception):
    """There is no room for these events at the moment."""


class WriterObserver(Protocol):
    """Hears of every commit, on the event loop."""

    def settled(self, events: int, outcome: AppendResult | Exception) -> None:
        """What became of so many events; their requests are answered right after."""

    def committed(self, events: Sequence[Event], result: AppendResult, seconds: float) -> None:
        """``events`` were handed to the store together, which took ``seconds``."""


class _Submission(NamedTuple):
    events: Sequence[Event]
    answer: "asyncio.Future[AppendResult]"


class _Job(NamedTuple):
    """Something else that must not run beside an append."""

    run: Callable[[], Any]
    answer: "asyncio.Future[Any]"


class Writer:
    """Owns the store while it runs. Start, use and stop it on one event loop."""

    def __init__(self, store: EventStore, observer: WriterObserver, *, queue_events: int) -> None:
        self._store = store
        self._observer = observer
        self._queue_events = queue_events
        self._queue: deque[_Submission | _Job] = deque()
        self._waiting_events = 0
        self._thread = ThreadPoolExecutor(1, "event-writer")
        self._accepting = False
        self._loop: asyncio.AbstractEventLoop
        self._task: asyncio.Task[None]
        self._arrival: asyncio.Event

    @property
    def waiting_events(self) -> int:
        """Events handed over and not yet settled."""
        return self._waiting_events

    @property
    def is_alive(self) -> bool:
        """Whether what is handed over will be written."""
        return self._accepting and not self._task.done()

    def start(self) -> None:
        """Begin to write."""
        self._loop = asyncio.get_running_loop()
        self._arrival = asyncio.Event()
        self._accepting = True
        self._task = self._loop.create_task(self._work(), name="event-writer")

    async def stop(self) -> None:
        """Take nothing more, write what waits, end the thread."""
        self._accepting = False
        self._arrival.set()
        await self._task
        self._thread.shutdown()

    def submit(self, events: Sequence[Event]) -> "asyncio.Future[AppendResult]":
        """Hand events over; the answer comes when they are stored, or is ``StoreUnavailable``.

        Whoever stops waiting does not stop the commit. Raises ``QueueFull``.
        """
        if not self._accepting or self._waiting_events + len(events) > self._queue_events:
            raise QueueFull
        answer: asyncio.Future[AppendResult] = self._loop.create_future()
        self._waiting_events += len(events)
        self._queue.append(_Submission(events, answer))
        self._arrival.set()
        return answer

    def run(self, job: Callable[[], Any]) -> "asyncio.Future[Any]":
        """Run ``job`` on the writer's thread, between two commits. Raises ``QueueFull``."""
        if not self._accepting:
            raise QueueFull
        answer: asyncio.Future[Any] = self._loop.create_future()
        self._queue.append(_Job(job, answer))
        self._arrival.set()
        return answer

    async def _work(self) -> None:
        while True:
            if not self._queue:
                if not self._accepting:
                    return
                self._arrival.clear()
                await self._arrival.wait()
            elif isinstance(self._queue[0], _Job):
                await self._run(self._queue.popleft())  # type: ignore[arg-type]  # just looked at
            else:
                await self._commit(self._gather())

    def _gather(self) -> list[_Submission]:
        """Take what may be stored together."""
        group: list[_Submission] = []
        number = 0
        while self._queue and number < GROUP_EVENTS:
            item = self._queue[0]
            if isinstance(item, _Job):
                break
            self._queue.popleft()
            group.append(item)
            number += len(item.events)
        return group

    async def _commit(self, group: Sequence[_Submission]) -> None:
        events = list(chain.from_iterable(submission.events for submission in group))
        started = perf_counter()
        try:
            result = await self._append(events)
        except StoreUnavailable as error:
            logger.warning("events cannot be stored at the moment: %s", error)
            self._settle(group, error)
            self._refuse_waiting(error)
        except Exception as error:
            if len(group) > 1:  # one request's trouble must not become that of its neighbours
                for submission in group:
                    await self._commit([submission])
                return
            logger.exception("events could not be stored")
            self._settle(group, error)
        else:
            seconds = perf_counter() - started
            self._settle(group, result)
            self._observer.committed(events, result, seconds)

    async def _append(self, events: Sequence[Event]) -> AppendResult:
        """Go through the store's steps, each where it belongs."""
        steps = self._store.steps(events)
        step, result = _next(steps)
        while result is None:
            if step is Step.WAITING:
                step, result = await self._loop.run_in_executor(self._thread, _next, steps)
            else:
                step, result = _next(steps)
        return result

    async def _run(self, job: _Job) -> None:
        try:
            outcome = await self._loop.run_in_executor(self._thread, job.run)
        except Exception as error:  # its own trouble: events may be stored all the same
            _fail(job.answer, error)
        else:
            _answer(job.answer, outcome)

    def _refuse_waiting(self, error: StoreUnavailable) -> None:
        """Whoever came meanwhile is not kept waiting for the store to be away once more."""
        waiting = [item for item in self._queue if isinstance(item, _Submission)]
        for item in self._queue:
            if isinstance(item, _Job):
                _fail(item.answer, error)
        self._queue.clear()
        if waiting:
            self._settle(waiting, error)

    def _settle(self, group: Sequence[_Submission], outcome: AppendResult | Exception) -> None:
        """Give each submission its part of the group's outcome."""
        self._observer.settled(sum(len(submission.events) for submission in group), outcome)
        start = 0
        for submission in group:
            end = start + len(submission.events)
            if isinstance(outcome, Exception):
                _fail(submission.answer, outcome)
            else:
                _answer(submission.answer, outcome.part(start, end))
            start = end
        self._waiting_events -= start


def _next(steps: Generator[Step, None, AppendResult]) -> tuple[Step | None, AppendResult | None]:
    """Where the next step belongs, or what the last one gave."""
    try:
        return next(steps), None
    except StopIteration as end:
        return None, end.value


def _answer(future: "asyncio.Future[Any]", outcome: Any) -> None:
    if not future.done():
        future.set_result(outcome)


def _fail(future: "asyncio.Future[Any]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)

"""Takes events in while the service runs: the writer, the ledger, retention, own samples."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import date, datetime, timedelta

from api.auth.identity import Identity
from api.errors import Unavailable
from api.ingest.own_samples import OwnSamples
from api.ingest.reader import Batch, Circumstances
from api.ingest.writer import QueueFull, Writer
from api.settings import Settings
from api.storage.engine import open_engine
from api.storage.event_engines import open_event_store
from api.storage.event_store import AppendResult, Event, EventStore, StoreUnavailable
from slo.rollup import Counts, Rollup
from telemetry.metrics import Metrics

logger = logging.getLogger(__name__)

FOLD_SECONDS = 10.0
RETENTION_SECONDS = 24 * 3600.0
RETRY_SECONDS = 600.0
LEARN_PATIENCE_SECONDS = 2.0  # of the start; much to count does not delay it for longer
LEARN_RETRY_SECONDS = 10.0  # until then a new objective counts only what comes in
ROLLUP_RETENTION = timedelta(days=400)
BETWEEN_STEPS_SECONDS = 0.02  # commits come first
TRACED_EVENTS = 100  # of a commit that are looked at for exemplars
FULL_RETRY_SECONDS = 1
AWAY_RETRY_SECONDS = 5


class Ingest:
    """Runs as long as the service; ``accept`` is what a request needs."""

    def __init__(
        self,
        settings: Settings,
        metrics: Metrics,
        rollup: Rollup,
        clock: Callable[[], datetime],
    ) -> None:
        self.own_samples = OwnSamples(rollup, clock)
        self._settings = settings
        self._retention = timedelta(days=settings.raw_retention_days)
        self._metrics = metrics
        self._rollup = rollup
        self._clock = clock
        self._ledger = metrics.ingest_ledger
        self._store: EventStore
        self._writer: Writer

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take events in; at the end write what still waits."""
        # An engine of its own: a span and a measurement for each of the writer's statements would
        # cost more than the statements.
        engine = open_engine(self._settings.database_url)
        self._store = open_event_store(engine, self._rollup)
        self._writer = Writer(self._store, self, queue_events=self._settings.event_queue)
        self._writer.start()
        self._metrics.watch_ingest_queue(lambda: self._writer.waiting_events)
        first_tried = asyncio.Event()
        tasks = [
            asyncio.create_task(self._learn(first_tried)),
            asyncio.create_task(self._fold_regularly()),
            asyncio.create_task(self._expire_regularly()),
        ]
        with suppress(TimeoutError):  # nobody should ask before new objectives are counted
            await asyncio.wait_for(first_tried.wait(), LEARN_PATIENCE_SECONDS)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.fold_own_samples()
            await self._writer.stop()
            engine.dispose()

    @property
    def is_alive(self) -> bool:
        """Whether events are being taken in."""
        return self._writer.is_alive

    def circumstances(
        self, idempotency_key: str | None, identity: Identity | None = None
    ) -> Circumstances:
        """What reading an event depends on, at this moment."""
        role = min(identity.roles, default="") if identity else ""
        return Circumstances(self._clock(), self._retention, idempotency_key, role)

    def unparsed(self, reason: str) -> None:
        """Count a request that could not be taken apart into events."""
        self._ledger.unparsed(reason)

    async def accept(self, batch: Batch) -> AppendResult:
        """Store a batch's valid events; when it returns they are on disk.

        Raises ``Unavailable`` when there is no room or no store; nothing is stored then, except
        where a commit's outcome stayed unknown: the same ids may be sent again in any case.
        """
        self._ledger.receive(batch.received)
        if batch.rejections:
            self._ledger.settle(rejected=batch.rejected_by_code)
        events = len(batch.events)
        if not events:
            return AppendResult(0, frozenset())
        try:
            # A client that hangs up cancels the wait, not the commit.
            return await self._writer.submit(batch.events)
        except QueueFull:
            self._ledger.settle(shed={"queue_full": events})
            raise _unavailable("Too many events are waiting.", FULL_RETRY_SECONDS) from None
        except StoreUnavailable:
            detail = "Events cannot be stored at the moment."
            raise _unavailable(detail, AWAY_RETRY_SECONDS) from None

    def settled(self, events: int, outcome: AppendResult | Exception) -> None:
        """Take events out of flight. Called before they are answered."""
        if isinstance(outcome, AppendResult):
            self._ledger.settle(accepted=outcome.accepted, duplicates=len(outcome.duplicates))
        else:
            away = isinstance(outcome, StoreUnavailable)
            self._ledger.settle(shed={"store_away" if away else "store_failed": events})

    def committed(self, events: Sequence[Event], result: AppendResult, seconds: float) -> None:
        """Measure a commit."""
        self._metrics.ingest_commit_seconds.observe(seconds)
        self._metrics.ingest_commit_events.observe(len(events))
        self._count_judged(result.gained)
        traced = _traced(events, result.duplicates)
        for metric, values in result.samples.items():
            self._metrics.observe_rum(metric, values, traced.get(metric, ()))

    async def fold_own_samples(self) -> None:
        """Add the service's own answers to the rollup; what fails is kept for the next time.

        Raises nothing.
        """
        cells = self.own_samples.take()
        if not cells:
            return
        try:
            await self._writer.run(lambda: self._store.fold(cells))
        except Exception as error:
            self.own_samples.give_back(cells)
            if not isinstance(error, StoreUnavailable | QueueFull):
                logger.exception("the service's own answers could not be counted")
        else:
            self._count_judged(self._rollup.by_objective(cells))

    async def expire(self) -> int:
        """Delete what is older than its retention, between commits; gives how much that was."""
        rollups_before = (self._clock().date() - ROLLUP_RETENTION).replace(day=1)
        return await self._in_steps(self._store.expire(self._raw_before(), rollups_before))

    def _raw_before(self) -> date:
        return self._clock().date() - self._retention

    async def _in_steps(self, steps: Iterator[int]) -> int:
        """Run every step between two commits; the sum of what they give."""
        total = 0
        while (step := await self._writer.run(lambda: next(steps, None))) is not None:
            total += step
            await asyncio.sleep(BETWEEN_STEPS_SECONDS)
        return total

    def _count_judged(self, gained: Mapping[str, Counts]) -> None:
        for name, counts in gained.items():
            bad = counts.total - counts.good
            self._metrics.count_slo_events(name, good=counts.good, bad=bad)

    async def _prepare(self) -> None:
        today = self._clock().date()
        try:
            await self._writer.run(lambda: self._store.prepare(today))
        except StoreUnavailable as error:
            logger.warning("the event store cannot be prepared yet: %s", error)

    async def _learn(self, tried: asyncio.Event) -> None:
        """Count what new objectives ask; done once, as soon as the store lets it."""
        while True:
            try:
                hours = await self._in_steps(self._store.learn(self._clock(), self._raw_before()))
            except StoreUnavailable as error:
                logger.warning("objectives cannot be counted afterwards yet: %s", error)
            except Exception:
                logger.exception("objectives could not be counted afterwards")
            else:
                logger.info("hours counted afterwards for new objectives: %d", hours)
                return
            finally:
                tried.set()
            await asyncio.sleep(LEARN_RETRY_SECONDS)

    async def _fold_regularly(self) -> None:
        while True:
            await asyncio.sleep(FOLD_SECONDS)
            await self.fold_own_samples()

    async def _expire_regularly(self) -> None:
        while True:
            pause = RETRY_SECONDS
            try:
                await self._prepare()
                deleted = await self.expire()
            except StoreUnavailable as error:
                logger.warning("old events cannot be deleted at the moment: %s", error)
            except Exception:
                logger.exception("old events could not be deleted")
            else:
                logger.info("deleted what is older than its retention: %d", deleted)
                pause = RETENTION_SECONDS
            await asyncio.sleep(pause)


def _traced(
    events: Sequence[Event], duplicates: frozenset[int]
) -> dict[str, list[tuple[float, str]]]:
    """Of the last events those whose trace is known: value and trace id by metric."""
    traced: dict[str, list[tuple[float, str]]] = {}
    start = max(0, len(events) - TRACED_EVENTS)
    for index, event in enumerate(events[start:], start):
        trace_id = event.texts.get("trace_id")
        if trace_id is not None and not event.synthetic and index not in duplicates:
            for metric, value in event.numbers.items():
                traced.setdefault(metric, []).append((value, trace_id))
    return traced


def _unavailable(detail: str, retry_seconds: int) -> Unavailable:
    return Unavailable(detail, headers={"Retry-After": str(retry_seconds)})

"""Prepared answers of the first screen, renewed when the data change.

A request is answered from memory for ``CHECK_SECONDS`` after the data's version was last
checked. While somebody asks now and then it is checked again before that time is over, so that
requests need not; else the first request does, and builds what it needs if it changed. While
the database is away, or does not answer, the last good answer is served, marked as stale.
"""

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Lock, Thread
from time import monotonic
from typing import TypeVar

from opentelemetry.instrumentation.utils import suppress_instrumentation
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from api import calendar
from api.errors import Unavailable
from api.executive import service
from api.executive.last_good import LastGood
from api.executive.prepared import Prepared
from api.executive.view import View
from api.settings import Settings
from api.single_flight import SingleFlight
from api.storage import versions
from telemetry.database import seconds_spent
from telemetry.metrics import Metrics

logger = logging.getLogger(__name__)

CHECK_SECONDS = 1.0
AHEAD_SECONDS = 0.8  # before the last check is too old, with some time for the next one
AUDIENCE_SECONDS = 600.0  # an open dashboard asks every two minutes
RETRY_SECONDS = 1.0  # a database that is away is not asked by every request
PATIENCE_SECONDS = 1.0  # with a database that does not answer, where an older answer is at hand
LONGEST_WAIT_SECONDS = 10.0  # and where none is
MOST_ANSWERS = 64

Key = TypeVar("Key")


@dataclass(frozen=True)
class Served:
    """An answer, when its data were asked for, and the seconds that its statements took."""

    prepared: Prepared
    asked_at: float = 0.0
    database_seconds: float = 0.0


class Snapshots:
    """The prepared answers of one process."""

    def __init__(self, engine: Engine, settings: Settings, metrics: Metrics) -> None:
        self._engine = engine
        self._settings = settings
        self._metrics = metrics
        self._checked_at = math.nan
        metrics.watch_snapshot_age(lambda: monotonic() - self._checked_at)
        self._last_good = LastGood(settings)
        self._asking = SingleFlight[Served]()
        self._changing = Lock()
        self._answers: dict[View, Prepared] = {}
        self._by_query: dict[bytes, Prepared] = {}
        self._version: int | None = None
        self._trusted_until = 0.0
        self._asked_for_at = -math.inf
        self._away_until = 0.0

    def ready(self, query: bytes, now: datetime) -> Prepared | None:
        """The answer to a query string that was answered before, if it is still known to hold."""
        self._asked_for_at = monotonic()
        return self._if_it_holds(self._by_query.get(query), now)

    def serve(self, view: View, now: datetime, query: bytes | None = None) -> Served:
        """The answer to a view; ``query`` makes it ``ready`` for the same query string.

        Raises ``Unavailable`` when the database is away and no answer is known.
        """
        if known := self._if_it_holds(self._answers.get(view), now):
            self._make_ready(query, known)
            return Served(known)
        if monotonic() < self._away_until:
            return Served(self._stale(view, now))
        try:
            served = self._asking.run(view, lambda: self._current(view, now), self._patience(view))
        except (DBAPIError, PoolTimeout, TimeoutError) as error:
            logger.warning("the database is away: %s", type(error).__name__)
            self._away_until = monotonic() + RETRY_SECONDS
            return Served(self._stale(view, now))
        self._follow(served.prepared.version, served.asked_at)
        self._make_ready(query, served.prepared)
        return served

    @contextmanager
    def checked_ahead(self) -> Iterator[None]:
        """While this lasts, the data's version is checked before a request has to."""
        ended = Event()
        Thread(target=self._check_ahead, args=(ended,), daemon=True, name="data-version").start()
        try:
            yield
        finally:
            ended.set()

    def _check_ahead(self, ended: Event) -> None:
        while not ended.wait(AHEAD_SECONDS):
            asked_at = monotonic()
            if asked_at - self._asked_for_at > AUDIENCE_SECONDS:
                continue
            try:
                with suppress_instrumentation(), Session(self._engine) as session:
                    version = versions.current(session)
            except SQLAlchemyError:
                continue  # the next request finds out, and what it is answered says so
            self._follow(version, asked_at)

    def _current(self, view: View, now: datetime) -> Served:
        """The answer at the data's present version; what it needs is read from one state."""
        with self._metrics.snapshot_refresh_seconds.time():
            return self._refreshed(view, now)

    def _refreshed(self, view: View, now: datetime) -> Served:
        asked_at = monotonic()
        with Session(self._engine) as session:
            connection = session.connection()
            before = seconds_spent(connection)
            version = versions.current(session)
            known = self._answers.get(view)
            if known and known.version == version and now < known.valid_until:
                return Served(known, asked_at, seconds_spent(connection) - before)
            reading = service.read(session, now, self._settings, view)
            database_seconds = seconds_spent(connection) - before
        dashboard = service.compose(reading, now, self._settings, view)
        prepared = Prepared.of(dashboard, version, self._valid_until(now, reading.alerts.until))
        with self._changing:
            _keep(self._answers, view, prepared)
        if self._is_default(view, now):
            self._last_good.keep(view, prepared)
        return Served(prepared, asked_at, database_seconds)

    def _if_it_holds(self, prepared: Prepared | None, now: datetime) -> Prepared | None:
        """Nothing but memory is asked; ``now`` tells whether a day or a snooze has ended."""
        if (
            prepared is None
            or prepared.version != self._version
            or now >= prepared.valid_until
            or monotonic() >= self._trusted_until
        ):
            return None
        return prepared

    def _make_ready(self, query: bytes | None, prepared: Prepared) -> None:
        if query is not None:
            with self._changing:
                _keep(self._by_query, query, prepared)

    def _follow(self, version: int, asked_at: float) -> None:
        """Trust this version for a while, and forget what was ready at another one."""
        with self._changing:
            if asked_at < self._checked_at:
                return  # somebody who asked later was faster
            if version != self._version:
                self._by_query.clear()
                self._version = version
            self._checked_at = asked_at
            self._trusted_until = asked_at + CHECK_SECONDS

    def _patience(self, view: View) -> float:
        return PATIENCE_SECONDS if view in self._answers else LONGEST_WAIT_SECONDS

    def _stale(self, view: View, now: datetime) -> Prepared:
        """The newest answer to the same view; for the default view one of an earlier day, too."""
        known = self._answers.get(view)
        if known is None and self._is_default(view, now):
            known = self._last_good.find(view)
            if known is not None:
                with self._changing:
                    _keep(self._answers, view, known)  # it is read from disk only once
        if known is None:
            raise Unavailable("The database is unavailable.", headers={"Retry-After": "5"})
        self._metrics.snapshot_stale_answers.inc()
        return known.stale

    def _is_default(self, view: View, now: datetime) -> bool:
        return view.as_of == calendar.yesterday(now, self._settings.timezone)

    def _valid_until(self, now: datetime, alerts_until: datetime | None) -> datetime:
        """When the day ends or an alert changes by itself, the answer changes without an import."""
        midnight = calendar.next_midnight(now, self._settings.timezone)
        return midnight if alerts_until is None else min(alerts_until, midnight)


def _keep(answers: dict[Key, Prepared], key: Key, prepared: Prepared) -> None:
    """Put an answer last in line; the one that was put in longest ago goes when it is full."""
    answers.pop(key, None)
    answers[key] = prepared
    if len(answers) > MOST_ANSWERS:
        del answers[next(iter(answers))]

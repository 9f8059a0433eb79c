"""Prepared answers of the first screen, renewed when the data change.

A request is answered from memory while the data's version is trusted; else it checks the version,
and builds what it needs if it changed. While the database is away, or does not answer, the last
good answer is served, marked as stale.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from api import calendar
from api.data_version import DataVersion
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

    def __init__(
        self, engine: Engine, settings: Settings, metrics: Metrics, data: DataVersion
    ) -> None:
        self._engine = engine
        self._data = data
        self._settings = settings
        self._metrics = metrics
        metrics.watch_snapshot_age(data.age_seconds)
        self._last_good = LastGood(settings)
        self._asking = SingleFlight[Served]()
        self._changing = Lock()
        self._answers: dict[View, Prepared] = {}
        self._by_query: dict[bytes, Prepared] = {}
        self._away_until = 0.0

    def ready(self, query: bytes, now: datetime) -> Prepared | None:
        """The answer to a query string that was answered before, if it is still known to hold."""
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
        self._data.follow(served.prepared.version, served.asked_at)
        self._make_ready(query, served.prepared)
        return served

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
        version = self._data.trusted()
        if prepared is None or prepared.version != version or now >= prepared.valid_until:
            return None
        return prepared

    def _make_ready(self, query: bytes | None, prepared: Prepared) -> None:
        if query is not None:
            with self._changing:
                _keep(self._by_query, query, prepared)

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

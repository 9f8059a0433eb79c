"""Fills an empty database with the demonstration company."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice

import orjson
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.alerts.kpi_alerts import evaluate_alerts
from api.calendar import yesterday
from api.demo import queries
from api.demo.files import files
from api.demo.visits import Json, events
from api.errors import Conflict
from api.imports.kinds import KINDS
from api.imports.loader import Origin, merge_file, staged_file
from api.imports.mapping import ColumnMapping
from api.ingest.reader import Circumstances, read
from api.ingest.vocabulary import MAX_EVENTS
from api.settings import Settings
from api.storage import versions
from api.storage.engine import for_writing
from api.storage.event_engines import open_event_store
from api.storage.event_store import Event
from slo.objectives import load_objectives
from slo.rollup import Rollup

ACTOR = "local"
FILENAME = "demo"
COMMIT_EVENTS = 5_000
NOT_EMPTY = "the database has data already; demo data need an empty one"

Progress = Callable[[str], None]


class NotEmpty(Conflict):
    """The database has data already, which demonstration data would mix with."""


def has_data(engine: Engine) -> bool:
    """Whether anything was ever imported."""
    with Session(engine) as session:
        return queries.any_import(session)


def load_demo(
    engine: Engine, settings: Settings, now: datetime, progress: Progress | None = None
) -> None:
    """Import the company as it stands on the day before ``now``, and two weeks of its visitors.

    The company comes in as one transaction: all of it or nothing. ``progress`` is told what is
    being loaded. Raises ``NotEmpty``.
    """
    report = progress or (lambda _step: None)
    if has_data(engine):
        raise NotEmpty(NOT_EMPTY)
    report("visits")
    _store_visits(engine, settings, now)
    with Session(for_writing(engine)) as session:
        versions.lock(session)
        if queries.any_import(session):  # someone was faster
            raise NotEmpty(NOT_EMPTY)
        versions.bump(session, now)
        origin = Origin(FILENAME, ACTOR, now, demo=True)
        for file in files(yesterday(now, settings.timezone)):
            report(file.kind)
            with staged_file(session, KINDS[file.kind], file.lines, ColumnMapping()) as staged:
                merge_file(session, staged, origin)
        evaluate_alerts(session, settings, now, ACTOR)
        session.commit()


def _store_visits(engine: Engine, settings: Settings, now: datetime) -> None:
    """Store the visits as the service would, unless the service saw real ones already."""
    with Session(engine) as session:
        if queries.any_event(session):
            return
    store = open_event_store(engine, Rollup(load_objectives()))
    retention = timedelta(days=settings.raw_retention_days)
    for _ in store.learn(now, now.date() - retention):
        pass  # before there are events: the service need not count them afterwards
    circumstances = Circumstances(now, retention)
    found = events(now)
    while chunk := list(islice(found, COMMIT_EVENTS)):
        store.append(
            [
                event
                for start in range(0, len(chunk), MAX_EVENTS)
                for event in _read(chunk[start : start + MAX_EVENTS], circumstances)
            ]
        )


def _read(visits: list[Json], circumstances: Circumstances) -> list[Event]:
    batch = read(orjson.dumps({"events": visits}), circumstances)
    assert not batch.rejections, batch.rejections
    return batch.events

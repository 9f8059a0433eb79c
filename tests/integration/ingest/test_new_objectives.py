"""An objective that is new or changed is counted from the raw events, as far back as they go."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine, delete

from api.storage.event_engines import open_event_store
from api.storage.event_store import Event, EventStore
from api.storage.event_tables import user_event_meta, user_events
from slo import rollup, rollup_conditions
from slo.objective import Objective, Threshold
from tests.integration.ingest.events import NOW, OBJECTIVES, event, rows, store_of

RETENTION = timedelta(days=35)
RAW_BEFORE = (NOW - RETENTION).date()
STRICTER = replace(OBJECTIVES["ttfb"], threshold=Threshold("lt", value=150.0))
BAND = replace(OBJECTIVES["ttfb"], name="band", threshold=Threshold("band", low=150.0, high=300.0))


def store_asking(engine: Engine, *objectives: Objective) -> EventStore:
    return open_event_store(engine, rollup.Rollup(objectives))


def views(*values: float, days_ago: int = 0, hours_ago: int = 0) -> list[Event]:
    at = NOW - timedelta(days=days_ago, hours=hours_ago)
    return [event(event_time=at, numbers={"ttfb_ms": value}) for value in values]


def counts(engine: Engine, objective: Objective, days: int = 60) -> rollup.Counts:
    last = rollup.hour_number(NOW) + 1
    with engine.connect() as connection:
        return rollup.counts_since(connection, objective, [last - 24 * days], last)[0]


def known_from(engine: Engine, objective: Objective) -> int | None:
    with engine.connect() as connection:
        return rollup_conditions.known_from_hour(connection, objective)


def test_on_an_empty_database_everything_is_known(engine: Engine) -> None:
    assert sum(store_of(engine).learn(NOW, RAW_BEFORE)) == 0
    assert len(rows(engine, rollup.conditions.c.condition)) == len(OBJECTIVES)
    assert known_from(engine, OBJECTIVES["ttfb"]) == rollup_conditions.COMPLETE


def test_a_changed_threshold_is_counted_from_the_raw_events(engine: Engine) -> None:
    before = store_of(engine)
    list(before.learn(NOW, RAW_BEFORE))
    before.append(views(100, 200, 150, 300, days_ago=20))
    before.append([*views(149.9, hours_ago=3), event(synthetic=True)])
    before.append(views(10, days_ago=0))
    after = store_asking(engine, STRICTER, BAND)
    assert counts(engine, STRICTER) == (0, 0)
    assert known_from(engine, STRICTER) is None
    assert sum(after.learn(NOW, RAW_BEFORE)) > 0
    assert counts(engine, STRICTER) == (3, 6)
    assert counts(engine, BAND) == (3, 6)
    assert counts(engine, STRICTER, days=1) == (2, 2)
    assert known_from(engine, STRICTER) == rollup_conditions.COMPLETE
    assert counts(engine, OBJECTIVES["ttfb"]) == (5, 6)


def test_events_that_arrive_before_and_after_are_counted_once(engine: Engine) -> None:
    store_of(engine).append(views(100, 200))
    after = store_asking(engine, STRICTER)
    after.append(views(100, 200))  # counted at once, before the past is
    steps = after.learn(NOW, RAW_BEFORE)
    next(steps)
    after.append(views(100))
    list(steps)
    after.append(views(200))
    assert counts(engine, STRICTER) == (3, 6)


def test_what_is_learned_is_not_learned_again(engine: Engine) -> None:
    store_of(engine).append(views(100))
    after = store_asking(engine, STRICTER)
    assert sum(after.learn(NOW, RAW_BEFORE)) > 0
    assert sum(after.learn(NOW, RAW_BEFORE)) == 0
    assert counts(engine, STRICTER) == (1, 1)


def test_from_before_the_raw_events_nothing_is_known_and_that_is_said(engine: Engine) -> None:
    before = store_of(engine)
    before.append(views(100, days_ago=50) + views(100, days_ago=10))
    with engine.begin() as connection:  # what retention does
        connection.execute(delete(user_events).where(user_events.c.received_at < NOW - RETENTION))
        connection.execute(
            delete(user_event_meta).where(
                user_event_meta.c.event_id.not_in(
                    user_events.select().with_only_columns(user_events.c.id)
                )
            )
        )
    list(store_asking(engine, STRICTER).learn(NOW, RAW_BEFORE))
    assert counts(engine, STRICTER) == (1, 1)
    assert counts(engine, OBJECTIVES["ttfb"]) == (2, 2)
    hour = known_from(engine, STRICTER)
    assert hour is not None
    assert rollup.hour_start(hour) == NOW.replace(hour=1, minute=0) - RETENTION


def test_an_objective_that_comes_back_is_counted_over_its_absence(engine: Engine) -> None:
    first = store_of(engine)
    list(first.learn(NOW, RAW_BEFORE))
    first.append(views(100, hours_ago=5))
    without = store_asking(engine, STRICTER)
    list(without.learn(NOW, RAW_BEFORE))
    without.append(views(100, 900, hours_ago=3))
    assert counts(engine, OBJECTIVES["ttfb"]) == (1, 1)
    again = store_of(engine)
    list(again.learn(NOW, RAW_BEFORE))
    assert counts(engine, OBJECTIVES["ttfb"]) == (2, 3)


def test_the_services_own_samples_count_from_the_next_full_hour(engine: Engine) -> None:
    latency = replace(OBJECTIVES["api-latency"], threshold=Threshold("lt", value=50.0))
    cells: dict[rollup.Place, rollup.Cell] = {}
    judge = rollup.Rollup(OBJECTIVES.values())
    hour = rollup.hour_number(NOW)
    judge.add(cells, rollup.Place("api_latency_ms", "api_response", hour), [10.0])
    store_of(engine).fold(cells)
    list(store_asking(engine, latency).learn(NOW, RAW_BEFORE))
    assert known_from(engine, latency) == hour + 1

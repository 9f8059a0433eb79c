"""The event store keeps its promises on each engine."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from sqlalchemy import Connection, Engine, inspect, select, text
from sqlalchemy import event as event_listener

from api.storage.engine import for_writing, open_engine
from api.storage.event_store import Event, StoreUnavailable
from api.storage.event_tables import event_ids, usage_daily, user_event_meta, user_events
from slo import rollup
from tests.integration.ingest.events import NOW, OBJECTIVES, counts, event, rows, store_of, stored


def test_an_event_is_stored_with_its_numbers_and_texts(engine: Engine) -> None:
    seen = NOW - timedelta(minutes=3)
    one = event(
        event_time=seen,
        client_time=seen - timedelta(hours=1),
        received_at=NOW,
        session_id="s-1",
        release="2026.11",
        numbers={"ttfb_ms": 120.5, "render_total_ms": 800.0},
        texts={"kpi": "rev\\enue", "from": "month"},
    )
    assert store_of(engine).append([one]).accepted == 1
    columns = [column for column in user_events.c if column.name != "id"]
    assert rows(engine, *columns) == [
        (
            one.event_id,
            "page_view",
            seen,
            seen - timedelta(hours=1),
            NOW,
            "s-1",
            "2026.11",
            False,
        )
    ]
    meta = user_event_meta.c
    assert rows(engine, meta.metric, meta.v, meta.text) == [
        ("from", None, "month"),
        ("kpi", None, "rev\\enue"),
        ("render_total_ms", 800.0, None),
        ("ttfb_ms", 120.5, None),
    ]
    assert rows(engine, meta.event_id)[0] == rows(engine, user_events.c.id)[0]


def test_an_id_is_stored_once_and_the_first_arrival_wins(engine: Engine) -> None:
    store, one = store_of(engine), event(numbers={"ttfb_ms": 100.0})
    repeat = one._replace(numbers={"ttfb_ms": 900.0})
    result = store.append([one, event(), repeat])
    assert (result.accepted, result.duplicates) == (2, frozenset({2}))
    result = store.append([event(), repeat])
    assert (result.accepted, result.duplicates) == (1, frozenset({1}))
    assert stored(engine) == (3, 3)
    assert counts(engine, "ttfb") == (3, 3)


def test_many_events_in_one_append_keep_their_own_numbers(engine: Engine) -> None:
    many = [event(numbers={"ttfb_ms": float(n), "drilldown_clicks": 1.0}) for n in range(1000)]
    assert store_of(engine).append(many).accepted == 1000
    joined = (
        select(user_events.c.event_id, user_event_meta.c.v)
        .join(user_event_meta, user_event_meta.c.event_id == user_events.c.id)
        .where(user_event_meta.c.metric == "ttfb_ms")
    )
    with engine.connect() as connection:
        found = {row.event_id: row.v for row in connection.execute(joined)}
    assert found == {one.event_id: one.numbers["ttfb_ms"] for one in many}


def test_a_result_tells_what_each_objective_gained(engine: Engine) -> None:
    store, known = store_of(engine), event(numbers={"ttfb_ms": 10.0})
    store.append([known])
    gained = store.append(
        [known, event(numbers={"ttfb_ms": 300.0, "render_total_ms": 999.0}), event()]
    ).gained
    assert gained == {"ttfb": (1, 2), "render": (1, 1)}


def test_late_events_count_in_the_hour_they_belong_to(engine: Engine) -> None:
    late = NOW - timedelta(days=3, hours=2)
    store_of(engine).append([event(event_time=late, received_at=NOW), event()])
    hours = rows(engine, rollup.hourly.c.hour)
    assert hours == [(rollup.hour_number(late),), (rollup.hour_number(NOW),)]


def test_synthetic_events_are_stored_and_never_judged(engine: Engine) -> None:
    result = store_of(engine).append([event(synthetic=True)])
    assert (result.accepted, result.gained) == (1, {})
    assert stored(engine) == (1, 1)
    assert counts(engine, "ttfb") == (0, 0)
    assert rows(engine, usage_daily.c.events) == []


def test_usage_is_counted_by_day_type_kpi_role_and_feature(engine: Engine) -> None:
    store = store_of(engine)
    click = {"event_type": "drilldown", "kpi": "arr", "role": "executive", "numbers": {}}
    use = {**click, "event_type": "feature_use"}
    store.append([event(**click), event(**click), event(), event(**use, feature="why")])
    store.append([event(**click), event(event_time=NOW - timedelta(days=1))])
    store.append([event(**use, feature="why"), event(**use, feature="rows")])
    table = usage_daily.c
    assert sorted(rows(engine, *table)) == [
        (datetime(2026, 11, 21, tzinfo=UTC).date(), "page_view", "", "", "", 1),
        (NOW.date(), "drilldown", "arr", "executive", "", 3),
        (NOW.date(), "feature_use", "arr", "executive", "rows", 1),
        (NOW.date(), "feature_use", "arr", "executive", "why", 2),
        (NOW.date(), "page_view", "", "", "", 1),
    ]


def test_samples_of_the_server_itself_are_folded_in(engine: Engine) -> None:
    judge, cells = rollup.Rollup(OBJECTIVES.values()), dict[rollup.Place, rollup.Cell]()
    place = rollup.Place("api_status_code", "api_response", rollup.hour_number(NOW))
    judge.add(cells, place, [200.0, 204.0, 503.0])
    store = store_of(engine)
    store.fold(cells)
    store.fold(cells)
    assert counts(engine, "api-errors") == (4, 6)


def test_a_failed_append_leaves_nothing_behind(engine: Engine) -> None:
    store = store_of(engine)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE usage_daily RENAME TO usage_gone"))
    with pytest.raises(Exception, match="usage_daily"):
        store.append([event()])
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE usage_gone RENAME TO usage_daily"))
    assert stored(engine) == (0, 0)
    assert rows(engine, event_ids.c.event_id) == []
    assert counts(engine, "ttfb") == (0, 0)
    assert store.append([event()]).accepted == 1


def test_a_full_disk_loses_nothing_that_was_acknowledged_and_heals(sqlite_url: str) -> None:
    engine, limit = open_engine(sqlite_url), [0]
    event_listener.listen(
        engine, "checkout", lambda raw, *_: raw.execute(f"PRAGMA max_page_count = {limit[0]}")
    )
    store = store_of(engine)
    limit[0] = 60
    with pytest.raises(StoreUnavailable, match="full"):
        store.append([event() for _ in range(3000)])
    assert stored(engine) == (0, 0)
    limit[0] = 1_000_000
    assert store.append([event() for _ in range(3000)]).accepted == 3000
    assert stored(engine) == (3000, 3000)
    engine.dispose()


def test_a_locked_database_is_unavailable_until_it_is_free(sqlite_url: str) -> None:
    engine, other = open_engine(sqlite_url), open_engine(sqlite_url)
    event_listener.listen(
        engine, "checkout", lambda raw, *_: raw.execute("PRAGMA busy_timeout = 20")
    )
    store = store_of(engine)
    with for_writing(other).begin(), pytest.raises(StoreUnavailable, match="locked"):
        store.append([event()])
    assert store.append([event()]).accepted == 1
    engine.dispose()
    other.dispose()


def test_a_server_whose_connections_are_cut_is_unavailable_and_comes_back(
    postgresql_url: str,
) -> None:
    engine, other = open_engine(postgresql_url), open_engine(postgresql_url)
    store, healthy = store_of(engine), [False]

    def cut(connection: Connection, *_rest: object) -> None:
        if healthy[0]:
            return
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with other.begin() as killer:
            killer.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})

    event_listener.listen(engine, "begin", cut)
    with pytest.raises(StoreUnavailable):
        store.append([event()])
    healthy[0] = True
    assert store.append([event()]).accepted == 1
    assert stored(engine) == (1, 1)
    engine.dispose()
    other.dispose()


def test_a_server_that_only_follows_another_is_unavailable(postgresql_url: str) -> None:
    engine, admin = open_engine(postgresql_url), open_engine(postgresql_url)
    store, database = store_of(engine), engine.url.database
    for read_only in ("on", "off"):
        with admin.begin() as connection:
            connection.execute(text("SET TRANSACTION READ WRITE"))
            connection.execute(
                text(f"ALTER DATABASE {database} SET default_transaction_read_only = {read_only}")
            )
        for each in (admin, engine):
            each.dispose()  # connections that were there keep what they began with
        if read_only == "on":
            with pytest.raises(StoreUnavailable, match="read-only"):
                store.append([event()])
    assert store.append([event()]).accepted == 1
    engine.dispose()
    admin.dispose()


def test_a_reader_of_an_old_partition_delays_its_end_and_nobody_else(postgresql_url: str) -> None:
    engine, other = open_engine(postgresql_url), open_engine(postgresql_url)
    store = store_of(engine)
    store.append([event(event_time=NOW - timedelta(days=40))])
    with other.begin() as reader:
        reader.execute(select(user_events.c.id))
        started = monotonic()
        with pytest.raises(StoreUnavailable):
            list(store.expire((NOW - timedelta(days=35)).date(), NOW.date()))
        assert monotonic() - started < 2
        assert store.append([event()]).accepted == 1
    list(store.expire((NOW - timedelta(days=35)).date(), NOW.date()))
    assert stored(engine) == (1, 1)
    engine.dispose()
    other.dispose()


def test_old_events_go_and_their_ids_stay_a_day_longer(engine: Engine) -> None:
    store = store_of(engine)
    days = [NOW - timedelta(days=days) for days in (40, 36, 35, 34, 0)]
    many = [event(event_time=day) for day in days for _ in range(1500)]
    store.append(many)
    steps = list(store.expire((NOW - timedelta(days=35)).date(), NOW.date()))
    assert sum(steps) > 0
    received = {at for (at,) in rows(engine, user_events.c.received_at)}
    assert received == set(days[2:])
    assert stored(engine) == (4500, 4500)
    known = {one.event_id for one in many if one.received_at in days[1:]}
    assert {event_id for (event_id,) in rows(engine, event_ids.c.event_id)} == known


def test_rollups_and_usage_are_kept_apart_from_raw_events(engine: Engine) -> None:
    store = store_of(engine)
    old, recent = NOW - timedelta(days=500), NOW - timedelta(days=300)
    store.append([event(event_time=old), event(event_time=recent)])
    list(store.expire(NOW.date(), (NOW - timedelta(days=400)).date()))
    assert stored(engine) == (0, 0)
    assert rows(engine, rollup.hourly.c.hour) == [(rollup.hour_number(recent),)]
    assert rows(engine, rollup.hourly_counts.c.hour) == [(rollup.hour_number(recent),)]
    assert rows(engine, usage_daily.c.day) == [(recent.date(),)]


def test_partitions_are_made_ahead_and_dropped_whole(postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    store = store_of(engine)
    names = inspect(engine).get_table_names()
    assert {f"user_events_202611{day}" for day in range(22, 30)} <= set(names)
    store.append([event(event_time=NOW - timedelta(days=40))])
    assert "user_event_meta_20261013" in inspect(engine).get_table_names()
    list(store.expire(NOW.date(), NOW.date()))
    assert "user_event_meta_20261013" not in inspect(engine).get_table_names()
    engine.dispose()


def test_of_two_writers_with_the_same_events_exactly_one_accepts_each(database_url: str) -> None:
    many = [event(numbers={"ttfb_ms": float(n)}) for n in range(400)]
    backwards = many[::-1]

    def write(events: list[Event]) -> int:
        engine = open_engine(database_url)
        store = store_of(engine)
        accepted = sum(store.append(events[n : n + 20]).accepted for n in range(0, 400, 20))
        engine.dispose()
        return accepted

    with ThreadPoolExecutor() as threads:
        accepted = list(threads.map(write, [many, backwards, many]))
    assert sum(accepted) == 400
    engine = open_engine(database_url)
    assert stored(engine) == (400, 400)
    assert counts(engine, "ttfb") == (300, 400)
    engine.dispose()

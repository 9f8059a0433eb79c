"""The rollup is held against the stored events, and what differs is named."""

import random
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, update

from api.cli import main
from api.storage.event_engines import open_event_store
from api.storage.event_store import Event
from slo import sketch
from slo.objectives import load_objectives
from slo.rollup import (
    Cell,
    Place,
    Rollup,
    daily,
    fold,
    hour_number,
    hour_start,
    hourly,
    hourly_counts,
)
from tests.integration.slo.commands import Done, Execdash

OBJECTIVES = load_objectives()
NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


Verify = Callable[..., Done]


@pytest.fixture
def verify(execdash: Execdash, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Verify:
    """Run ``execdash slo verify`` on the test's database."""
    monkeypatch.setenv("EXECDASH_DATABASE_URL", database_url)
    return partial(execdash, "slo", "verify")


def view(at: datetime, value: float, *, synthetic: bool = False) -> Event:
    return Event(
        str(uuid.uuid4()),
        "page_view",
        at,
        None,
        max(at, NOW - timedelta(days=40)),
        None,
        None,
        synthetic,
        {"ttfb_ms": value, "render_total_ms": 3 * value},
        {},
    )


def store(engine: Engine, events: Sequence[Event]) -> None:
    opened = open_event_store(engine, Rollup(OBJECTIVES))
    list(opened.learn(NOW, (NOW - timedelta(days=35)).date()))
    opened.append(events)


def some_traffic(days: int = 6) -> list[Event]:
    source = random.Random(11)
    return [
        view(NOW - source.random() * timedelta(days=days), source.lognormvariate(5, 0.8))
        for _ in range(1200)
    ]


def of(done: Done, name: str) -> dict[str, object]:
    found = done.json["objectives"]
    assert isinstance(found, list)
    return next(one for one in found if one["name"] == name)


def test_a_rollup_that_is_true_holds_in_every_hour(engine: Engine, verify: Verify) -> None:
    traffic = [*some_traffic(), view(NOW, 100.0, synthetic=True)]
    store(engine, traffic)
    done = verify("--window", "7d", "--json")
    good = sum(one.numbers["ttfb_ms"] < 300 for one in traffic[:-1])
    ttfb = of(done, "ttfb")
    assert done.returncode == done.json["exit_code"] == 0
    assert done.json["largest_difference"] is None
    assert ttfb["exact"] == ttfb["rollup"] == {"good": good, "total": 1200}
    percentiles = ttfb["percentiles"]
    assert isinstance(percentiles, list)
    assert [one["percentile"] for one in percentiles] == [95, 99]
    exact = sorted(one.numbers["ttfb_ms"] for one in traffic[:-1])[1140 - 1]
    assert percentiles[0]["exact"] == exact
    assert 0 < percentiles[0]["relative_error"] <= 0.01
    shown = verify().stdout
    assert f"{good:,} of 1,200" in shown
    assert "Largest difference of a count: none" in shown


def test_what_cannot_be_compared_is_said_and_is_no_failure(engine: Engine, verify: Verify) -> None:
    store(engine, [view(NOW, 100.0)])
    with engine.begin() as connection:
        cells: dict[Place, Cell] = {}
        place = Place("api_status_code", "api_response", hour_number(NOW))
        Rollup(OBJECTIVES).add(cells, place, [200.0])
        fold(connection, cells, shard=0)
    done = verify()
    assert done.returncode == 0
    assert "Not compared: api-errors: no single events are kept of api_response." in done.stdout
    only = verify("--objective", "api-errors", "--objective", "api-latency")
    assert only.returncode == 3
    assert "Nothing could be compared" in only.stdout


def test_hours_whose_events_may_be_deleted_are_left_out(engine: Engine, verify: Verify) -> None:
    store(engine, [view(NOW - timedelta(days=50), 100.0), view(NOW, 100.0)])
    since = f"{NOW - timedelta(days=60):%Y-%m-%d}"
    done = verify("--from", since, "--objective", "ttfb", "--json")
    kept = f"{NOW - timedelta(days=35):%Y-%m-%d}T01:00Z"
    ttfb = of(done, "ttfb")
    assert done.returncode == 0
    assert ttfb["exact"] == {"good": 1, "total": 1}
    assert ttfb["compared"] == {"from": kept, "to": done.json["to"]}
    assert ttfb["not_compared"] == [f"events of hours before {kept} may be deleted"]


def test_what_was_not_counted_yet_is_not_called_wrong(engine: Engine, verify: Verify) -> None:
    open_event_store(engine, Rollup([])).append([view(NOW, 100.0)])
    done = verify("--objective", "ttfb")
    assert done.returncode == 3
    assert "ttfb: not counted yet" in done.stdout


@pytest.mark.parametrize("number", ["good", "total"])
def test_one_wrong_count_in_one_hour_is_named(engine: Engine, verify: Verify, number: str) -> None:
    hour = hour_number(NOW) - 5
    store(engine, [*some_traffic(), view(hour_start(hour), 10.0)])
    column = hourly_counts.c[number]
    with engine.begin() as connection:
        connection.execute(
            update(hourly_counts)
            .where(hourly_counts.c.hour == hour, hourly_counts.c.metric == "ttfb_ms")
            .values({column: column + 1})
        )
    done = verify("--json")
    largest = done.json["largest_difference"]
    assert isinstance(largest, dict)
    assert done.returncode == 1
    assert (largest["objective"], largest["number"]) == ("ttfb", number)
    assert largest["rollup"] == largest["exact"] + 1
    assert largest["hour"] == f"{hour_start(hour):%Y-%m-%dT%H:%MZ}"
    assert of(done, "render")["holds"] is True
    assert f"hour {largest['hour']}, {number}" in verify().stdout


def test_errors_that_cancel_each_other_are_found(engine: Engine, verify: Verify) -> None:
    hour = hour_number(NOW) - 5
    store(engine, [view(hour_start(hour + n), 10.0) for n in (0, 0, 1, 1)])
    with engine.begin() as connection:
        for wrong, there in ((1, hour), (3, hour + 1)):
            connection.execute(
                update(hourly_counts)
                .where(hourly_counts.c.hour == there, hourly_counts.c.metric == "ttfb_ms")
                .values(good=wrong, total=wrong)
            )
    done = verify("--objective", "ttfb", "--json")
    ttfb = of(done, "ttfb")
    assert ttfb["exact"] == ttfb["rollup"]
    assert (done.returncode, ttfb["differences"]) == (1, 4)


def test_a_lost_hour_is_named(engine: Engine, verify: Verify) -> None:
    store(engine, some_traffic())
    with engine.begin() as connection:
        connection.execute(hourly.delete().where(hourly.c.metric == "ttfb_ms"))
    done = verify("--objective", "ttfb", "--json")
    largest = done.json["largest_difference"]
    assert isinstance(largest, dict)
    assert done.returncode == 1
    assert (largest["number"], largest["rollup"]) == ("samples", 0)


@pytest.mark.parametrize(
    ("column", "value", "found"),
    [
        ("count", 1, 1),
        ("sketch", sketch.add(sketch.EMPTY, {1: 2}), 0),
        ("sketch", b"", None),
    ],
    ids=["count", "buckets", "unreadable"],
)
def test_a_day_that_is_not_the_sum_of_its_hours_is_named(
    engine: Engine, verify: Verify, column: str, value: object, found: int | None
) -> None:
    hour = hour_number(NOW) // 24 * 24 - 20
    store(engine, [view(hour_start(hour + n), 10.0) for n in range(2)])
    assert verify("--objective", "ttfb").returncode == 0
    with engine.begin() as connection:
        connection.execute(update(daily).values({column: value}))
    done = verify("--objective", "ttfb", "--json")
    largest = done.json["largest_difference"]
    assert isinstance(largest, dict)
    assert (done.returncode, of(done, "ttfb")["differences"]) == (1, 1)
    assert (largest["number"], largest["exact"], largest["rollup"]) == ("day", 2, found)


@pytest.mark.parametrize("broken", [b"", b"\x09" + sketch.EMPTY[1:], sketch.EMPTY[:10]])
def test_a_sketch_that_cannot_be_read_is_named(
    engine: Engine, verify: Verify, broken: bytes
) -> None:
    store(engine, [view(NOW, 10.0), view(NOW - 3 * HOUR, 10.0)])
    with engine.begin() as connection:
        connection.execute(
            update(hourly).where(hourly.c.hour == hour_number(NOW)).values(sketch=broken)
        )
    done = verify("--objective", "ttfb")
    assert done.returncode == 1
    assert "sketch: unreadable in the rollup, 1 in the events" in done.stdout


def test_a_percentile_out_of_bounds_is_named(engine: Engine, verify: Verify) -> None:
    store(engine, [view(NOW, float(n)) for n in range(1, 101)])
    moved = sketch.add(sketch.EMPTY, sketch.count_buckets([n * 1.03 for n in range(1, 101)]))
    with engine.begin() as connection:
        for table in (hourly, daily):  # in the last hour of a day that day is verified, too
            connection.execute(
                update(table).where(table.c.metric == "ttfb_ms").values(sketch=moved, max=200.0)
            )
    done = verify("--objective", "ttfb", "--json")
    largest = done.json["largest_percentile_error"]
    assert isinstance(largest, dict)
    assert done.returncode == 1
    assert (done.json["largest_difference"], largest["objective"]) == (None, "ttfb")
    assert 0.02 < largest["relative_error"] < 0.05
    assert "ttfb, P9" in verify("--objective", "ttfb").stdout


def test_any_window_of_whole_hours_may_be_asked(engine: Engine, verify: Verify) -> None:
    hour = hour_number(NOW) - 30
    store(engine, [view(hour_start(hour + n), 10.0) for n in range(4)])
    first, end = (f"{hour_start(hour + n):%Y-%m-%dT%H:%MZ}" for n in (1, 3))
    done = verify("--from", first, "--to", end, "--objectives", "ttfb", "--json")
    assert (done.returncode, done.json["from"], done.json["to"]) == (0, first, end)
    assert of(done, "ttfb")["exact"] == {"good": 2, "total": 2}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--window", "31d"], "allowed: 1d to 30d"),
        (["--window", "7d", "--from", "2026-11-01"], "exclude each other"),
        (["--to", "2026-11-01"], "--to needs --from"),
        (["--from", "2026-11-01T10:30Z"], "nor the start of an hour"),
        (["--from", "2026-11-01T10:00"], "nor the start of an hour"),
        (["--from", "yesterday"], "'yesterday' is neither a UTC day such as"),
        (["--from", "0001-01-01T00:00+05:00"], "neither a UTC day"),
        (["--from", "2026-11-02", "--to", "2026-11-02"], "--to must be after --from"),
        (["--objective", "tfb"], "did you mean ttfb?"),
    ],
)
def test_a_mistake_is_one_clear_line(
    capsys: pytest.CaptureFixture[str], options: list[str], says: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["slo", "verify", *options])
    written = capsys.readouterr()
    assert ended.value.code == 2
    assert says in written.err
    assert len(written.err.strip().splitlines()) == 1


def test_a_database_that_cannot_be_read_proves_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("EXECDASH_DATABASE_URL", f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(SystemExit) as ended:
        main(["slo", "verify"])
    assert ended.value.code == 3
    assert "the stored events cannot be read: no such table" in capsys.readouterr().err

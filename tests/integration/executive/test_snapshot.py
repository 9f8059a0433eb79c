"""Prepared answers: how they follow the data, and what happens while the database is away."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event, make_url, text

from api.data_version import AHEAD_SECONDS
from api.executive.snapshot import MOST_ANSWERS
from api.storage.engine import open_engine
from tests.factories import add, order
from tests.integration.executive.conftest import Clock, Start

URL = "/api/executive-dashboard"
Outage = Callable[[TestClient], Any]


def application(client: TestClient) -> FastAPI:
    assert isinstance(client.app, FastAPI)
    return client.app


def recognized(amount: int) -> dict[str, Any]:
    return order("2024-06-01", amount, recognized_on="2024-06-02")


def revenue(body: dict[str, Any]) -> float | None:
    kpis = body["executiveKpis"]
    value: float | None = next(kpi["value"] for kpi in kpis if kpi["key"] == "revenue")
    return value


@pytest.fixture
def outage(database_url: str, engine: Engine, tmp_path: Path) -> Outage:
    """The database is really away: nobody can connect to it."""
    url = make_url(database_url)

    @contextmanager
    def away_file(client: TestClient) -> Iterator[None]:
        for opened in (engine, application(client).state.engine):
            opened.dispose()  # a file that is open outlives its name
        file, away = Path(str(url.database)), tmp_path / "away"
        away.mkdir()
        _move(file, away)
        _put_a_folder_at(file)
        application(client).state.engine.dispose()  # what was opened again just before
        yield
        file.rmdir()
        _move(away / file.name, file.parent)

    @contextmanager
    def away_server(_client: TestClient) -> Iterator[None]:
        admin = open_engine(url.set(database="postgres").render_as_string(hide_password=False))
        with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            allow = f'ALTER DATABASE "{url.database}" WITH ALLOW_CONNECTIONS'
            connection.execute(text(f"{allow} false"))
            backends = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
            )
            connection.execute(text(backends), {"name": url.database})
            yield
            connection.execute(text(f"{allow} true"))
        admin.dispose()

    return away_file if url.get_backend_name() == "sqlite" else away_server


def _move(database: Path, folder: Path) -> None:
    """A database file with the log and the index beside it, which may hold its newest rows."""
    for file in sorted(database.parent.glob(f"{database.name}*")):
        file.rename(folder / file.name)


def _put_a_folder_at(file: Path) -> None:
    """Where the database was; a service at work may be quicker and make a new one there."""
    while not file.is_dir():
        for made in file.parent.glob(f"{file.name}*"):
            made.unlink()
        with suppress(FileExistsError):
            file.mkdir()


@pytest.fixture
def statements() -> Callable[[TestClient], list[str]]:
    """The statements that a service sends from now on."""

    def watch(client: TestClient) -> list[str]:
        sent: list[str] = []
        engine = application(client).state.engine

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            sent.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        return sent

    return watch


def ask_until_fresh(client: TestClient, *, longest_seconds: float = 3.0) -> dict[str, Any]:
    """Ask again until the answer is not stale any more."""
    deadline = time.monotonic() + longest_seconds
    while True:
        body: dict[str, Any] = client.get(URL).json()
        if not body["freshness"]["stale"] or time.monotonic() > deadline:
            return body
        time.sleep(0.05)


def test_every_process_follows_an_import_within_two_seconds(engine: Engine, start: Start) -> None:
    add(engine, "orders", recognized(100))
    processes = [start(), start()]
    for client in processes:
        assert revenue(client.get(URL).json()) == 100
        assert revenue(client.get(f"{URL}?range=6m").json()) == 100
    add(engine, "orders", recognized(50))
    deadline = time.monotonic() + 2
    for client in processes:
        while revenue(client.get(URL).json()) != 150:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        # Another view does not lag behind the one that noticed.
        assert revenue(client.get(f"{URL}?range=6m").json()) == 150


def test_the_database_is_asked_about_once_a_second_however_many_requests_come(
    engine: Engine, start: Start, statements: Callable[[TestClient], list[str]]
) -> None:
    add(engine, "orders", recognized(100))
    client = start()
    client.get(URL)
    sent = statements(client)
    started = time.monotonic()
    while time.monotonic() < started + 2.2:
        assert client.get(URL).status_code == 200
    assert 1 <= len([statement for statement in sent if "data_version" in statement]) <= 3
    assert not [statement for statement in sent if "revenue_trend" in statement]


def test_a_request_after_a_pause_need_not_ask_the_database(
    engine: Engine, start: Start, statements: Callable[[TestClient], list[str]]
) -> None:
    add(engine, "orders", recognized(100))
    client = start()
    client.get(URL)
    time.sleep(2.5)
    sent = statements(client)
    asked = len(sent)
    assert client.get(URL).status_code == 200
    assert len(sent) == asked


def test_nobody_asks_the_database_while_nobody_asks_for_the_screen(
    start: Start, statements: Callable[[TestClient], list[str]]
) -> None:
    client = start()
    sent = statements(client)
    time.sleep(2 * AHEAD_SECONDS)
    assert not [statement for statement in sent if "data_version" in statement]


def test_an_answer_that_a_client_has_is_not_sent_again(engine: Engine, start: Start) -> None:
    add(engine, "orders", recognized(100))
    client = start()
    first = client.get(URL)
    etag = first.headers["etag"]
    assert etag.startswith('"')
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        for url in (URL, f"{URL}?range=12m"):  # one from memory, one that is parsed
            again = client.get(url, headers={"If-None-Match": known})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == etag
    assert client.get(URL, headers={"If-None-Match": '"other"'}).status_code == 200


def test_an_etag_leaves_out_when_the_answer_was_generated_and_nothing_else(
    engine: Engine, start: Start, clock: Clock
) -> None:
    add(engine, "orders", recognized(100))
    first = start().get(URL)
    clock.now += timedelta(hours=1)
    later = start().get(URL)
    assert first.json()["freshness"] != later.json()["freshness"]
    assert first.headers["etag"] == later.headers["etag"]
    add(engine, "orders", recognized(0))  # no number changes, but the count of rows does
    assert start().get(URL).headers["etag"] != first.headers["etag"]


def test_answers_say_how_long_the_database_took(engine: Engine, start: Start) -> None:
    client = start()

    def database_ms() -> float:
        timing = client.get(URL).headers["server-timing"]
        entry = next(part for part in timing.split(",") if part.strip().startswith("db;dur="))
        return float(entry.strip().removeprefix("db;dur="))

    assert database_ms() > 0
    assert database_ms() == 0


def test_answers_may_be_kept_by_a_browser_but_not_by_a_proxy(start: Start) -> None:
    assert start().get(URL).headers["cache-control"] == "private, no-cache"


def test_an_answer_sent_many_times_keeps_its_headers(start: Start) -> None:
    client = start()
    shapes = [sorted(name for name, _ in client.get(URL).headers.multi_items()) for _ in range(5)]
    assert shapes == [shapes[0]] * 5


def test_while_the_database_is_away_the_last_good_answer_is_shown_as_stale(
    engine: Engine, start: Start, outage: Outage
) -> None:
    add(engine, "orders", recognized(100))
    client = start()
    good = client.get(URL)
    with outage(client):
        time.sleep(1.1)  # until the answer in memory has to be checked
        response = client.get(URL)
        stale = response.json()
        assert response.status_code == 200
        assert stale["freshness"] == good.json()["freshness"] | {"stale": True}
        assert stale["executiveKpis"] == good.json()["executiveKpis"]
        assert response.headers["etag"] != good.headers["etag"]
        known = client.get(URL, headers={"If-None-Match": response.headers["etag"]})
        assert known.status_code == 304
    assert ask_until_fresh(client) == good.json()


def test_a_database_that_is_away_is_not_asked_by_every_request(
    engine: Engine, start: Start, outage: Outage, caplog: pytest.LogCaptureFixture
) -> None:
    client = start()
    client.get(URL)
    with outage(client):
        time.sleep(1.1)
        started = time.monotonic()
        for _ in range(20):
            assert client.get(URL).json()["freshness"]["stale"] is True
        asked = [record for record in caplog.records if record.name == "api.executive.snapshot"]
        assert 1 <= len(asked) <= 1 + (time.monotonic() - started)


def test_the_last_good_answer_survives_a_restart(
    engine: Engine, start: Start, outage: Outage, clock: Clock
) -> None:
    add(engine, "orders", recognized(100))
    before = start()
    good = before.get(URL).json()
    compared = before.get(f"{URL}?range=6m&compare=year_ago").json()
    restarted = start()
    with outage(restarted):
        assert restarted.get(URL).json()["freshness"]["stale"] is True
        # A day later it is still what there is, and says which day it is from.
        clock.now += timedelta(days=1)
        body = restarted.get(URL).json()
        assert body["timeframe"] == good["timeframe"]
        assert body["executiveKpis"] == good["executiveKpis"]
        kept = restarted.get(f"{URL}?range=6m&compare=year_ago").json()
        assert kept["comparison"] == compared["comparison"]
        # What was not asked before is not known; nor is a day that was asked for by name kept.
        for query in ("range=6m", "granularity=quarter", "compare=year_ago", "as_of=2024-06-30"):
            refused = restarted.get(f"{URL}?{query}")
            assert refused.status_code == 503
            assert refused.headers["content-type"] == "application/problem+json"
            assert refused.headers["retry-after"]


def test_a_day_asked_for_by_name_is_answered_from_memory_while_the_database_is_away(
    engine: Engine, start: Start, outage: Outage
) -> None:
    client = start()
    client.get(f"{URL}?as_of=2024-06-30")
    with outage(client):
        time.sleep(1.1)
        body = client.get(f"{URL}?as_of=2024-06-30").json()
        assert (body["timeframe"]["as_of"], body["freshness"]["stale"]) == ("2024-06-30", True)


def test_without_any_good_answer_the_service_is_unavailable(start: Start, outage: Outage) -> None:
    client = start()
    with outage(client):
        response = client.get(URL)
        assert response.status_code == 503
        assert response.headers["content-type"] == "application/problem+json"
        assert "Traceback" not in response.text
    time.sleep(1.1)
    assert client.get(URL).status_code == 200


@pytest.mark.parametrize("damage", ["", "{}", "nonsense", '{"freshness": {}}'])
def test_a_kept_answer_that_cannot_be_read_is_none(
    start: Start, outage: Outage, tmp_path: Path, damage: str
) -> None:
    start().get(URL)
    (kept,) = (tmp_path / "state").iterdir()
    kept.write_text(damage)
    restarted = start()
    with outage(restarted):
        assert restarted.get(URL).status_code == 503


def test_a_kept_answer_is_private_and_of_one_currency(
    start: Start, outage: Outage, tmp_path: Path
) -> None:
    start().get(URL)
    (kept,) = (tmp_path / "state").iterdir()
    assert kept.stat().st_mode & 0o077 == 0
    other = start(currency="USD")
    with outage(other):
        assert other.get(URL).status_code == 503


def test_a_state_folder_that_cannot_be_written_costs_nothing_but_the_kept_answer(
    start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert start(state_dir=tmp_path / "file").get(URL).status_code == 200
    assert "the last good answer is not kept" in caplog.text


def test_memory_holds_a_bounded_number_of_answers(start: Start) -> None:
    client = start()
    days = [f"20{year:02}-03-{day:02}" for year in range(20) for day in (1, 11, 21, 30)]
    for day in days[: MOST_ANSWERS + 6]:
        assert client.get(f"{URL}?as_of={day}").json()["timeframe"]["as_of"] == day
    snapshots = application(client).state.snapshots
    assert len(snapshots._answers) == MOST_ANSWERS
    assert len(snapshots._by_query) <= MOST_ANSWERS


def test_a_database_that_does_not_answer_keeps_nobody_waiting_for_long(
    postgresql_url: str, tmp_path: Path, start_on: Callable[[str], TestClient]
) -> None:
    client = start_on(postgresql_url)
    client.get(URL)
    other = open_engine(postgresql_url)
    with other.connect() as connection:
        connection.execute(text("LOCK TABLE data_version IN ACCESS EXCLUSIVE MODE"))
        time.sleep(1.1)
        started = time.monotonic()
        assert client.get(URL).json()["freshness"]["stale"] is True
        assert time.monotonic() - started < 5
        started = time.monotonic()
        assert client.get(URL).json()["freshness"]["stale"] is True
        assert time.monotonic() - started < 0.9  # it does not wait in vain again
        connection.rollback()
    assert ask_until_fresh(client)["freshness"]["stale"] is False
    other.dispose()

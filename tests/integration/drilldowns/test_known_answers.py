"""What was asked before is answered from memory: the same bytes, while it holds."""

import math
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from api import data_version, known_answers
from api.app import create_app
from api.data_version import DataVersion
from api.drilldowns import service
from api.settings import Settings
from api.storage import versions
from tests.factories import add, order
from tests.integration.alerts.conftest import Clock
from tests.integration.auth.conftest import add_alert

PATHS = [
    "/api/alerts",
    "/api/drivers/revenue?by=region",
    "/api/kpis/revenue",
    "/api/kpis/revenue/rows?page_size=1",
]
EVENING = datetime.fromisoformat("2025-06-20T22:30:00+00:00")
OF_ONE_ANSWER = ("server-timing", "traceparent", "date")

Statements = Callable[[], list[str]]


@pytest.fixture
def clock() -> Clock:
    stands = Clock()
    stands.now = EVENING
    return stands


@pytest.fixture
def app(database_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """Its version is trusted for as long as a test takes, and asked for by nobody else."""
    monkeypatch.setattr(data_version, "CHECK_SECONDS", 600.0)
    monkeypatch.setattr(data_version, "AHEAD_SECONDS", 600.0)
    return create_app(Settings(database_url=database_url), clock)


@pytest.fixture
def client(app: FastAPI, engine: Engine) -> Iterator[TestClient]:
    add(engine, "orders", order("2025-05-01", 5, recognized_on="2025-05-02", region="North"))
    with TestClient(app, "http://127.0.0.1", raise_server_exceptions=False) as opened:
        trust(app, engine)
        yield opened


@pytest.fixture
def statements(client: TestClient, app: FastAPI) -> Statements:
    """What the database was asked since this was asked last."""
    sent: list[str] = []
    event.listen(app.state.engine, "before_cursor_execute", lambda *a: sent.append(a[2]))

    def since() -> list[str]:
        found = sent[:]
        sent.clear()
        return found

    return since


def trust(app: FastAPI, engine: Engine) -> None:
    """Know the version that the database has."""
    with Session(engine) as session:
        app.state.data_version.follow(versions.current(session), monotonic())


@pytest.mark.parametrize("path", PATHS)
def test_the_second_answer_is_the_same_and_the_database_is_not_asked(
    client: TestClient, statements: Statements, path: str
) -> None:
    first = client.get(path)
    assert (first.status_code, statements() != []) == (200, True)
    again = client.get(path)
    assert statements() == []
    assert (again.status_code, again.content) == (200, first.content)
    told, told_again = (
        {name: value for name, value in answer.headers.items() if name not in OF_ONE_ANSWER}
        for answer in (first, again)
    )
    assert told_again == told
    for tags in (first.headers["etag"], f'"other", {first.headers["etag"]}', "*"):
        known = client.get(path, headers={"If-None-Match": tags})
        assert (known.status_code, known.content) == (304, b"")
        assert known.headers["etag"] == first.headers["etag"]
    assert client.get(path, headers={"If-None-Match": '"other"'}).content == first.content
    assert statements() == []


def test_it_is_measured_and_counted_like_every_other(client: TestClient) -> None:
    for _ in range(3):
        client.get("/api/kpis/revenue/rows")
        client.get("/api/alerts")
    told = client.get("/metrics").text
    labels = 'method="GET",route="/api/kpis/{key}/rows",status="200"'
    assert f"http_request_duration_seconds_count{{{labels}}} 3.0" in told
    assert "alerts_polls_total 3.0" in told


def test_another_question_is_another_answer(client: TestClient) -> None:
    for path in ("/api/kpis/revenue", "/api/drivers/revenue"):
        texts = [client.get(f"{path}{view}").text for view in ("", "?range=6m", "?range=12m")]
        assert texts[0] == texts[2] != texts[1]
    for wrong in ("/api/kpis/revenue?range=7m", "/api/kpis/revenue?colour=1", "/api/kpis/none"):
        for _ in range(2):
            assert client.get(wrong).status_code in {400, 404}


def test_what_the_same_process_changes_is_seen_at_once(client: TestClient, engine: Engine) -> None:
    alert = add_alert(engine, "revenue")
    assert client.get("/api/alerts").json()["alerts"][0]["status"] == "open"
    assert client.post(f"/api/alerts/{alert}/acknowledge").status_code == 200
    assert client.get("/api/alerts").json()["alerts"][0]["status"] == "acknowledged"


def test_an_older_version_that_was_on_its_way_is_not_believed(
    client: TestClient, app: FastAPI, engine: Engine, statements: Statements
) -> None:
    asked_at = monotonic()
    with Session(engine) as session:
        version = versions.current(session)
    app.state.data_version.distrust()  # somebody changed the data in between
    app.state.data_version.follow(version, asked_at)
    client.get("/api/kpis/revenue")
    statements()
    client.get("/api/kpis/revenue")
    assert statements() != []


def test_a_change_is_no_check(engine: Engine) -> None:
    data = DataVersion(engine)
    data.distrust()
    assert (math.isnan(data.age_seconds()), data.trusted()) == (True, None)
    data.follow(1, monotonic())
    assert (data.age_seconds() < 60, data.trusted()) == (True, 1)


@pytest.mark.parametrize("path", PATHS)
def test_when_the_data_change_it_is_made_anew(
    client: TestClient, app: FastAPI, engine: Engine, statements: Statements, path: str
) -> None:
    client.get(path)
    with Session(engine) as session, session.begin():
        versions.bump(session, EVENING)
    trust(app, engine)
    statements()
    client.get(path)
    assert statements() != []


def test_when_the_day_ends_yesterday_is_another_day(client: TestClient, clock: Clock) -> None:
    first = client.get("/api/kpis/revenue").json()
    clock.now = EVENING + timedelta(hours=1.4)  # still the same day in UTC
    assert client.get("/api/kpis/revenue").json() == first
    clock.now = EVENING + timedelta(hours=1.6)
    later = client.get("/api/kpis/revenue").json()
    assert (later["timeframe"]["as_of"], first["timeframe"]["as_of"]) == (
        "2025-06-20",
        "2025-06-19",
    )


def test_an_answer_of_yesterday_that_was_made_until_today_is_not_kept(
    client: TestClient, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    detail = service.detail

    def slow(*arguments: Any) -> Any:
        clock.now = EVENING + timedelta(hours=1.6)
        return detail(*arguments)

    monkeypatch.setattr(service, "detail", slow)
    before = client.get("/api/kpis/revenue").json()["timeframe"]["as_of"]
    after = client.get("/api/kpis/revenue").json()["timeframe"]["as_of"]
    assert [before, after] == ["2025-06-19", "2025-06-20"]


def test_alerts_tell_their_time_to_the_second(client: TestClient, clock: Clock) -> None:
    first = client.get("/api/alerts").json()["generated_at"]
    clock.now = EVENING + timedelta(seconds=0.9)
    assert client.get("/api/alerts").json()["generated_at"] == first
    clock.now = EVENING + timedelta(seconds=1)
    assert client.get("/api/alerts").json()["generated_at"] > first


def test_memory_is_bounded(
    client: TestClient, app: FastAPI, statements: Statements, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = len(client.get("/api/kpis/revenue/rows").content)
    monkeypatch.setattr(known_answers, "MOST_BYTES", 3 * size)
    for page in range(1, 12):
        path = f"/api/kpis/revenue/rows?page={page}"
        client.get(path)
        statements()
        client.get(path)  # the newest is always known
        assert statements() == []
        assert app.state.known_answers._bytes <= 3 * size

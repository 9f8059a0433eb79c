"""With accounts, events are limited and counted by who sends them, not by their address."""

import httpx2
from fastapi.testclient import TestClient
from sqlalchemy import select

from api.app import create_app
from api.auth.roles import Role
from api.settings import Settings
from api.storage.event_tables import usage_daily
from tests.integration.auth.conftest import Clock, Desk, bearer

EVENT = {"event_type": "page_view", "meta": {"ttfb_ms": 123, "kpi": "arr"}}


def test_who_is_refused_too_often_at_one_address_waits_and_who_is_known_there_does_not(
    desk: Desk, clock: Clock, sqlite_url: str
) -> None:
    settings = Settings(
        database_url=sqlite_url,
        accounts=True,
        public_url="http://127.0.0.1",
        requests_per_second=10,
    )
    known = bearer(desk.token(Role.INGEST))
    with TestClient(create_app(settings, clock), base_url="http://127.0.0.1") as client:
        assert client.post("/api/events", json=EVENT, headers=known).status_code == 200
        answers: list[httpx2.Response] = []
        while 429 not in [answer.status_code for answer in answers]:
            stranger = bearer(f"guess-{len(answers)}")
            answers.append(client.post("/api/events", json=EVENT, headers=stranger))
            assert client.post("/api/events", json=EVENT, headers=known).status_code == 200
            assert len(answers) < 200
        assert {answer.status_code for answer in answers} == {401, 429}
        assert len(answers) > 10
        assert answers[-1].headers["retry-after"] == "1"
        assert answers[-1].headers["content-type"] == "application/problem+json"


def test_each_subject_has_a_rate_of_its_own(desk: Desk, clock: Clock, sqlite_url: str) -> None:
    settings = Settings(
        database_url=sqlite_url,
        accounts=True,
        public_url="http://127.0.0.1",
        event_requests_per_second=3,
    )
    one, other = desk.token(Role.SRE), desk.token(Role.EXECUTIVE)
    with TestClient(create_app(settings, clock), base_url="http://127.0.0.1") as client:
        statuses = [
            client.post("/api/events", json=EVENT, headers=bearer(one)).status_code
            for _ in range(6)
        ]
        assert 429 in statuses
        assert client.post("/api/events", json=EVENT, headers=bearer(other)).status_code == 200
    with desk.engine.connect() as connection:
        used = connection.execute(select(usage_daily.c.role, usage_daily.c.events)).all()
    assert dict(map(tuple, used)) == {"executive": 1, "sre": statuses.count(200)}

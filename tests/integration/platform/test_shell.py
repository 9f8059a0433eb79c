"""What surrounds every answer: strict headers, allowed names, problems without tracebacks."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.integration.platform.conftest import Start

PATHS = [
    ("/dashboard", 200),
    ("/assets/index-3c4d.css", 200),
    ("/api/executive-dashboard", 200),
    ("/api/nothing", 404),
    ("/api/executive-dashboard?range=x", 400),
    ("/metrics", 200),
]


@pytest.mark.parametrize(("path", "status"), PATHS)
def test_every_answer_tells_browsers_to_be_strict(
    client: TestClient, path: str, status: int
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    policy = answer.headers["content-security-policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/api/alerts", "/api/nothing", "/api/health"])
def test_answers_of_the_api_are_not_kept_unless_they_say_so(client: TestClient, path: str) -> None:
    assert client.get(path).headers["cache-control"] == "no-store"


def test_an_answer_that_may_be_checked_again_keeps_its_own_rule(client: TestClient) -> None:
    answer = client.get("/api/executive-dashboard")
    assert answer.headers.get_list("cache-control") == ["private, no-cache"]


@pytest.mark.parametrize(
    ("allowed", "host", "status"),
    [
        ("kpi.corp", "kpi.corp", 200),
        ("kpi.corp", "KPI.corp:8443", 200),
        ("*.corp", "kpi.corp", 200),
        ("[::1]", "[::1]:8000", 200),
        ("kpi.corp", "evil.example", 400),
        ("kpi.corp", "kpi.corp.evil.example", 400),
        ("*.corp", "corp", 400),
        ("*.corp", "evilcorp", 400),
        ("kpi.corp", "kpi.corp:port", 400),
        ("kpi.corp", "kpi.corp@evil.example", 400),
        ("kpi.corp", "", 400),
    ],
)
def test_only_the_names_that_were_allowed_are_answered(
    start: Start, sqlite_url: str, allowed: str, host: str, status: int
) -> None:
    client = start(sqlite_url, allowed_hosts=allowed)
    answer = client.get("/api/health", headers={"host": host})
    assert answer.status_code == status
    if status == 400:
        assert answer.headers["content-type"] == "application/problem+json"


def test_what_breaks_inside_shows_nothing_of_itself(client: TestClient) -> None:
    assert isinstance(client.app, FastAPI)
    client.app.state.snapshots.serve = None
    answer = client.get("/api/executive-dashboard?range=6m")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Traceback" not in answer.text
    assert "NoneType" not in answer.text

"""What surrounds every answer: strict headers, allowed names, problems without tracebacks."""

import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.integration.platform.conftest import Start
from tests.integration.platform.running import execdash, serving

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
    is_page = not path.startswith("/api/")
    assert ("script-src 'self'" in policy) == is_page  # nothing of an API answer ever runs
    assert ("style-src 'self'" in policy) == is_page
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "strict-transport-security" not in answer.headers
    assert "server" not in answer.headers


@pytest.mark.parametrize("path", ["/api/session", "/api/nothing", "/api/health"])
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
    accounts = {"accounts": True, "public_url": "http://127.0.0.1"}
    client = start(sqlite_url, allowed_hosts=allowed, **accounts)
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
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["server-timing"].startswith("total;dur=")


def test_over_https_browsers_are_told_to_stay_there(client: TestClient) -> None:
    client.base_url = client.base_url.copy_with(scheme="https")
    for path in ("/dashboard", "/metrics", "/api/alerts"):
        assert client.get(path).headers["strict-transport-security"].startswith("max-age=31536000")


def test_a_client_that_asks_too_often_is_told_when_to_come_back(
    start: Start, sqlite_url: str
) -> None:
    client = start(sqlite_url, requests_per_second=5)
    answers = [client.get("/api/slo") for _ in range(12)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert {answer.status_code for answer in answers} == {200, 429}
    assert refused[0].headers["retry-after"] == "1"
    assert refused[0].headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("trusted", "statuses"), [("", {401, 429}), ("127.0.0.0/8", {401})])
def test_only_a_trusted_proxy_says_who_asks(
    tmp_path: Path, trusted: str, statuses: set[int]
) -> None:
    settings = {
        "EXECDASH_DATABASE_URL": f"sqlite:///{tmp_path}/execdash.db",
        "EXECDASH_REQUESTS_PER_SECOND": "1",
        "EXECDASH_TRUSTED_PROXIES": trusted,
        "EXECDASH_ACCOUNTS": "true",
        "EXECDASH_PUBLIC_URL": "http://127.0.0.1",
    }
    with serving(tmp_path, **settings) as running:
        time.sleep(1)  # the start asked as well
        seen = set()
        for number in range(6):
            forwarded = {
                "X-Forwarded-For": f"10.9.9.9, 192.0.2.{number}",
                "X-Forwarded-Proto": "https",
            }
            request = Request(f"{running.url}/api/alerts", headers=forwarded)
            try:
                answer = urlopen(request, timeout=10)
            except HTTPError as error:
                answer = error
            with answer:
                seen.add(answer.status)
                told = "Strict-Transport-Security" in answer.headers
        assert seen == statuses
        assert told == bool(trusted)


@pytest.mark.parametrize("proxies", ["nginx", "10.0.0.0/99", "*"])
def test_a_proxy_is_an_address_or_a_network(proxies: str, tmp_path: Path) -> None:
    ended = execdash("serve", EXECDASH_TRUSTED_PROXIES=proxies)
    assert ended.returncode == 2
    assert "EXECDASH_TRUSTED_PROXIES" in ended.stderr
    assert "10.0.0.0/8" in ended.stderr

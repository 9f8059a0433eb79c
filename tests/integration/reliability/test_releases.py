"""Figures per release, from single events: each held against a plain count of what was sent."""

import dataclasses
import math
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api.reliability.releases import MOST_RELEASES, releases
from api.storage.event_store import Event
from slo.maintenance import Maintenance
from tests.integration.ingest.events import NOW, OBJECTIVES, event
from tests.integration.reliability.conftest import Append

TTFB = OBJECTIVES["ttfb"]
HOUR = timedelta(hours=1)
START = NOW.replace(minute=0) - timedelta(days=7)


def some_views() -> list[Event]:
    """Three releases and some events that tell none; a few are synthetic or too old."""
    source = random.Random(8)
    return [
        event(
            event_time=NOW - source.random() * timedelta(days=8),
            received_at=NOW,
            numbers={"ttfb_ms": source.choice([300.0, 299.9, source.lognormvariate(5.2, 0.7)])},
            release=source.choice(["1.0", "1.1", "2.0-rc.1", None]),
            synthetic=source.random() < 0.1,
        )
        for _ in range(1500)
    ]


def by_hand(events: list[Event]) -> dict[str | None, list[Event]]:
    found: dict[str | None, list[Event]] = {}
    for one in events:
        if one.event_time >= START and not one.synthetic:
            found.setdefault(one.release, []).append(one)
    return found


def rank(values: list[float], percent: int) -> float:
    return sorted(values)[math.ceil(percent * len(values) / 100) - 1]


def test_each_release_is_counted_apart(client: TestClient, append: Append) -> None:
    sent = some_views()
    append(sent)
    answer = client.get("/api/slo/ttfb/releases?window=7d").json()
    assert (answer["name"], answer["window"], answer["not_shown"]) == ("ttfb", "7d", 0)
    assert "unknown" not in answer
    expected = by_hand(sent)
    assert {one["release"] for one in answer["releases"]} == set(expected)
    for one in answer["releases"]:
        values = [each.numbers["ttfb_ms"] for each in expected[one["release"]]]
        good = sum(value < 300 for value in values)
        assert (one["good"], one["total"]) == (good, len(values))
        assert one["good_ratio"] == pytest.approx(good / len(values))
        assert one["verdict"] == ("pass" if good / len(values) >= 0.95 else "fail")
        # Failed, so the percentile that equals the target is not under the threshold.
        assert one["p95"] == max(rank(values, 95), 300.0)
        times = [each.event_time for each in expected[one["release"]]]
        assert datetime.fromisoformat(one["first_seen"]) == min(times)
        assert datetime.fromisoformat(one["last_seen"]) == max(times)
    last_seen = [one["last_seen"] for one in answer["releases"]]
    assert last_seen == sorted(last_seen, reverse=True)


def test_all_releases_together_are_what_the_rollup_counts(
    client: TestClient, append: Append
) -> None:
    append(some_views())
    found = client.get("/api/slo/ttfb/releases").json()["releases"]
    whole = client.get("/api/slo/ttfb").json()
    for number in ("good", "total"):
        assert sum(one[number] for one in found) == whole[number]


def test_one_release_alone(client: TestClient, append: Append) -> None:
    append(some_views())
    every = client.get("/api/slo/ttfb/releases").json()["releases"]
    (one,) = client.get("/api/slo/ttfb/releases", params={"release": "1.1"}).json()["releases"]
    assert one in every
    assert client.get("/api/slo/ttfb/releases?release=9.9").json()["releases"] == []
    assert client.get("/api/slo/ttfb/releases", params={"release": "x" * 81}).status_code == 400


def test_few_events_of_a_release_are_no_verdict(client: TestClient, append: Append) -> None:
    append([event(release="new", numbers={"ttfb_ms": 1.0})])
    (one,) = client.get("/api/slo/ttfb/releases").json()["releases"]
    assert (one["verdict"], one["total"]) == ("insufficient_data", 1)


def test_what_is_only_counted_by_the_hour_has_no_releases(client: TestClient) -> None:
    answer = client.get("/api/slo/api-latency/releases").json()
    assert answer["releases"] == []
    assert "only counted by the hour" in answer["unknown"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/slo/speed/releases", 404),
        ("/api/slo/ttfb/releases?window=31d", 400),
        ("/api/slo/ttfb/releases?by=x", 400),
    ],
)
def test_what_cannot_be_answered_is_refused(client: TestClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


@pytest.fixture
def connection(engine: Engine) -> Iterator[Any]:
    with engine.connect() as opened:
        yield opened


def test_maintenance_is_left_out(append: Append, connection: Any) -> None:
    sent = some_views()
    append(sent)
    window = Maintenance(START + 10 * HOUR, START + 60 * HOUR, "why")
    objective = dataclasses.replace(TTFB, maintenance=(window,))
    found = releases(connection, objective, NOW, days=7)
    outside = [one for one in sent if not window.start <= one.event_time < window.end]
    assert {one.name: one.judgement.total for one in found.releases} == {
        name: len(events) for name, events in by_hand(outside).items()
    }


def test_the_latest_releases_are_shown_and_the_others_counted(
    append: Append, connection: Any
) -> None:
    append([event(event_time=NOW - n * HOUR, release=f"r{n}") for n in range(MOST_RELEASES + 3)])
    found = releases(connection, TTFB, NOW, days=7)
    assert [one.name for one in found.releases] == [f"r{n}" for n in range(MOST_RELEASES)]
    assert found.not_shown == 3

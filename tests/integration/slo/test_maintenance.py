"""Maintenance is left out of every count, and shown: held against single events, counted here."""

import dataclasses
import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api.app import create_app
from api.settings import Settings
from api.storage.event_store import Event
from slo.maintenance import rounded_outward
from slo.objectives import DEFAULT_FILE, load_objectives
from tests.answering import answering
from tests.integration.ingest.events import event, store_of
from tests.integration.slo.commands import Execdash

NOW = datetime.now(UTC)
HOUR = NOW.replace(minute=0, second=0, microsecond=0)
WINDOWS = [
    (HOUR - timedelta(days=9), HOUR - timedelta(days=8, hours=20), "Before the window"),
    (HOUR - timedelta(days=3, minutes=90), HOUR - timedelta(days=3), "New disks"),
    (HOUR - timedelta(hours=5, minutes=1), HOUR - timedelta(hours=4, minutes=1), "Move"),
    (HOUR + timedelta(days=1), HOUR + timedelta(days=1, hours=2), "Planned"),
]
MAINTENANCE = tuple(rounded_outward(*window) for window in WINDOWS)


def some_views() -> list[Event]:
    """A week of views; those in maintenance are slow ones."""
    source = random.Random(5)
    times = [NOW - source.random() * timedelta(days=7) for _ in range(2500)]
    times += [HOUR - timedelta(days=3, minutes=source.randrange(-30, 120)) for _ in range(200)]
    return [
        event(
            event_time=at,
            numbers={"ttfb_ms": 900.0 if in_maintenance(at) else source.lognormvariate(5, 0.5)},
        )
        for at in times
    ]


def in_maintenance(at: datetime) -> bool:
    return any(one.start <= at < one.end for one in MAINTENANCE)


def by_hand(events: list[Event], days: int, until: datetime = HOUR) -> list[Event]:
    start = until - timedelta(days=days)
    return [one for one in events if start <= one.event_time and not in_maintenance(one.event_time)]


def good(events: list[Event]) -> int:
    return sum(one.numbers["ttfb_ms"] < 300 for one in events)


@pytest.fixture
def events(engine: Engine) -> list[Event]:
    made = some_views()
    store = store_of(engine)
    list(store.learn(NOW, (NOW - timedelta(days=35)).date()))
    store.append(made)
    return made


@pytest.fixture
def answer(database_url: str, tmp_path: Path) -> Iterator[Callable[[str], Any]]:
    settings = Settings(database_url=database_url, state_dir=tmp_path / "state")
    app = create_app(settings, lambda: NOW)
    with TestClient(app, "http://127.0.0.1") as client:
        app.state.objectives = tuple(
            dataclasses.replace(one, maintenance=MAINTENANCE) for one in load_objectives()
        )
        yield lambda path: client.get(path).json()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    lines = "".join(
        f"      - {{from: {start.isoformat()}, to: {end.isoformat()}, reason: {reason}}}\n"
        for start, end, reason in WINDOWS
    )
    text = DEFAULT_FILE.read_text().replace(
        "    execdash/alert-minimum",
        f"    execdash/maintenance: |\n{lines}    execdash/alert-minimum",
    )
    path = tmp_path / "objectives.yaml"
    path.write_text(text)
    return path


def test_the_api_counts_what_lies_outside(
    events: list[Event], answer: Callable[[str], Any]
) -> None:
    for days in (1, 7):
        expected = by_hand(events, days)
        report = answer(f"/api/slo?window={days}d")
        (found,) = [one for one in report["objectives"] if one["name"] == "ttfb"]
        assert (found["good"], found["total"]) == (good(expected), len(expected))
        assert found["budget_remaining"] == pytest.approx(
            1 - (1 - good(expected) / len(expected)) / 0.05
        )
        ordered = sorted(one.numbers["ttfb_ms"] for one in expected)
        assert found["p95"] == pytest.approx(ordered[-(-95 * len(ordered) // 100) - 1], rel=0.02)
        for span, hours in (("6h", 6), ("1d", 24), ("3d", 72)):
            since = [
                one for one in by_hand(events, 7) if one.event_time >= HOUR - timedelta(hours=hours)
            ]
            bad_share = 1 - good(since) / len(since)
            assert found["burn_rates"][span] == pytest.approx(bad_share / 0.05)


def test_the_api_shows_it_with_what_was_left_out(
    events: list[Event], answer: Callable[[str], Any]
) -> None:
    found = answer("/api/slo/ttfb?window=7d")
    shown = [(one["reason"], one["left_out"]) for one in found["maintenance"]]
    held = [
        (one.reason, sum(one.start <= each.event_time < one.end for each in events))
        for one in MAINTENANCE
    ]
    assert shown == [(reason, count) for reason, count in held if reason != "Before the window"]
    assert dict(shown)["New disks"] > 100
    assert dict(shown)["Planned"] == 0
    assert found["maintenance"][0]["start"] == MAINTENANCE[1].start.strftime("%Y-%m-%dT%H:%M:%SZ")
    slowest = [one["value"] for one in found["slowest"]]
    outside = sorted((one.numbers["ttfb_ms"] for one in by_hand(events, 7)), reverse=True)
    assert slowest == outside[:10]
    assert sum(day["total"] for day in found["daily"]) == found["total"]
    assert [one["total"] for one in found["windows"] if one["window"] == "7d"] == [found["total"]]


def test_the_commands_leave_it_out_and_say_so(
    events: list[Event],
    file: Path,
    execdash: Execdash,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EXECDASH_DATABASE_URL", database_url)
    # A command looks at its own clock, which may be an hour past that of this file's import.
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    expected = by_hand(events, 7, hour)
    options = ["--window", "7d", "--objectives", "ttfb", "--file", file]

    report = execdash("slo", "report", *options, "--json")
    (row,) = json.loads(report.stdout)["objectives"]
    assert (row["good"], row["total"]) == (good(expected), len(expected))
    assert [one["reason"] for one in row["maintenance"]] == ["New disks", "Move", "Planned"]

    shown = execdash("slo", "report", *options).stdout
    window = MAINTENANCE[1]
    count = sum(window.start <= one.event_time < window.end for one in events)
    assert f"maintenance {window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M} UTC" in shown
    assert f"(New disks), events left out: ttfb {count}." in shown

    (replayed,) = json.loads(execdash("slo", "backtest", *options, "--json").stdout)
    assert (replayed["good"], replayed["total"]) == (good(expected), len(expected))
    assert replayed["maintenance"] == row["maintenance"][:2]  # what is planned is not replayed

    plain = json.loads(execdash("slo", "backtest", *options[:-2], "--json").stdout)[0]
    assert plain["total"] == sum(hour - timedelta(days=7) <= one.event_time for one in events)


def test_what_is_stored_is_verified_all_the_same(
    events: list[Event],
    file: Path,
    execdash: Execdash,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EXECDASH_DATABASE_URL", database_url)
    done = execdash("slo", "verify", "--window", "7d", "--objective", "ttfb", "--file", file)
    assert done.returncode == 0, done.stdout
    assert "Hours of maintenance are compared too" in done.stdout
    found = json.loads(
        execdash("slo", "verify", "--objective", "ttfb", "--file", file, "--json").stdout
    )
    (one,) = found["objectives"]
    assert one["maintenance_hours"] == sum(len(each.hours) for each in MAINTENANCE[1:3])


def test_a_gate_over_http_counts_and_shows_what_the_service_does(
    events: list[Event], answer: Callable[[str], Any], execdash: Execdash
) -> None:
    expected = by_hand(events, 7)
    with answering(json.dumps(answer("/api/slo?window=7d")).encode()) as service:
        options = ["--source", "http", "--url", service.url, "--objectives", "ttfb"]
        (row,) = json.loads(execdash("slo", "gate", *options, "--json").stdout)["objectives"]
    assert (row["good"], row["total"]) == (good(expected), len(expected))
    assert [one["reason"] for one in row["maintenance"]] == ["New disks", "Move", "Planned"]

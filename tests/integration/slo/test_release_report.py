"""``execdash slo report`` by release."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from tests.integration.ingest.events import event, store_of
from tests.integration.slo.commands import Execdash

HOUR = timedelta(hours=1)


def test_the_command_shows_releases_and_what_it_cannot_know(
    engine: Engine,
    database_url: str,
    execdash: Execdash,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EXECDASH_DATABASE_URL", database_url)
    now = datetime.now(UTC)
    slow = [event(event_time=now - HOUR, release="1.1", numbers={"ttfb_ms": 900.0})]
    fast = [event(event_time=now - 2 * HOUR, release="1.0") for _ in range(200)]
    store_of(engine).append([*slow, *fast, event(event_time=now - 3 * HOUR)])
    shown = execdash("slo", "report", "--by", "release", "--window", "30d")
    assert shown.returncode == 0, shown.stderr
    for part in ("1.0", "1.1", "(none told)", "too few events (1 of 200)"):
        assert part in shown.stdout
    assert "api-errors: its events are only counted by the hour, not by release." in shown.stdout
    assert "render: no event in this window." in shown.stdout

    one = execdash("slo", "report", "--release", "1.0", "--objectives", "ttfb", "--json")
    (found,) = json.loads(one.stdout)["objectives"]
    assert [each["release"] for each in found["releases"]] == ["1.0"]
    assert (found["releases"][0]["good"], found["releases"][0]["verdict"]) == (200, "pass")
    assert execdash("slo", "report", "--by", "team").returncode == 2

"""``execdash slo lint`` and ``backtest`` over stored events, on both databases."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.integration.ingest.events import event, store_of
from tests.integration.slo.commands import Execdash

ROOT = Path(__file__).parents[3]
SPEC = (ROOT / "slo" / "objectives.yaml").read_text()
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXECDASH_DATABASE_URL", database_url)


def store_views(engine: Engine, start: datetime, minutes: int, ttfb_ms: float) -> None:
    """Ten page views in each minute."""
    views = [
        event(event_time=start + timedelta(minutes=minute), numbers={"ttfb_ms": ttfb_ms})
        for minute in range(minutes)
        for _ in range(10)
    ]
    store_of(engine).append(views)


def test_a_backtest_says_which_alerts_when_and_the_budget_spent(
    execdash: Execdash, engine: Engine
) -> None:
    start = (NOW - timedelta(hours=8)).replace(second=30, microsecond=0)
    store_views(engine, start, 120, 100.0)
    store_views(engine, start + timedelta(minutes=120), 60, 900.0)
    done = execdash("slo", "backtest", "--window", "1d", "--objectives", "ttfb", "--json")
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)
    assert (found["good"], found["total"]) == (1200, 1800)
    assert found["budget_spent"] == pytest.approx((600 / 1800) / 0.05)
    fast = next(alert for alert in found["alerts"] if alert["tier"] == "page-fast")
    # Two thirds of an hour are bad after 41 minutes; seen when that minute ends.
    seen = start.replace(second=0) + timedelta(minutes=120 + 41)
    assert datetime.fromisoformat(fast["from"]) == seen
    assert (fast["severity"], fast["long"], fast["short"]) == ("page", "1h", "5m")
    shown = execdash("slo", "backtest", "--window", "1d").stdout
    assert "page-fast (page)" in shown
    assert "api-errors: its events are only counted by the hour" in shown


def test_a_backtest_without_events_is_unknown(execdash: Execdash) -> None:
    assert execdash("slo", "backtest", "--window", "1d").returncode == 3


def test_the_programs_own_file_has_no_error(execdash: Execdash, engine: Engine) -> None:
    store_views(engine, NOW - timedelta(hours=1), 30, 100.0)
    done = execdash("slo", "lint", "--json")
    findings = json.loads(done.stdout)
    assert done.returncode == 0
    assert not [each for each in findings if each["level"] == "error"]
    assert {
        "level": "warning",
        "objective": "render",
        "message": "28d is too short: about 0 events come, a verdict needs 200",
    } in findings
    assert not [
        each
        for each in findings
        if each["objective"] == "ttfb" and "28d is too short" in each["message"]
    ]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("value: 300", "value: 250"), "no bucket at 250 ms"),
        (("metric: ttfb_ms", "metric: ttfb"), "nothing measures 'ttfb'"),
        (("[page_view]", "[feature_use]"), "'feature_use' has no ttfb_ms"),
        (("burn_rate: 13.44", "burn_rate: 20"), "page-fast can never fire"),
    ],
)
def test_a_file_that_promises_what_cannot_be_is_an_error(
    execdash: Execdash, tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    assert change[0] in SPEC
    (tmp_path / "other.yaml").write_text(SPEC.replace(*change))
    done = execdash("slo", "lint", "--file", tmp_path / "other.yaml", "--json")
    assert done.returncode == 1, done.stderr
    errors = [each["message"] for each in json.loads(done.stdout) if each["level"] == "error"]
    assert any(says in message for message in errors), errors


def test_without_a_database_the_rest_is_still_looked_at(
    execdash: Execdash, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXECDASH_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    done = execdash("slo", "lint")
    assert done.returncode == 0
    assert "nothing is said of volume: the stored events cannot be read" in done.stderr
    assert "0 errors, 0 warnings" in done.stdout
    assert execdash("slo", "backtest").returncode == 3

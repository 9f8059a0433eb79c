"""Alerts are judged at the start and on each new day, and a lost database stops nothing."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.alerts import schedule
from api.alerts.schedule import judging
from api.alerts.service import current_alerts
from api.app import create_app
from api.settings import Settings
from api.storage.engine import for_writing, open_engine
from api.storage.migrate import upgrade
from telemetry.metrics import Metrics
from tests.factories import add, order, target
from tests.integration.alerts.conftest import LOOPBACK, Clock

SOON = 0.01


def given_a_bad_january(engine: Engine) -> None:
    add(engine, "orders", order("2026-01-01", 40, recognized_on="2026-01-10"))
    add(engine, "targets", target("revenue", 100, watch=100, act=50))


def titles(engine: Engine, now: datetime) -> list[str]:
    with Session(engine) as session:
        return [alert.title for alert in current_alerts(session, now).alerts]


async def until(engine: Engine, now: datetime, count: int) -> bool:
    for _ in range(500):
        if len(titles(engine, now)) == count:
            return True
        await asyncio.sleep(SOON)
    return False


def test_the_start_of_the_service_judges(database_url: str, engine: Engine, clock: Clock) -> None:
    given_a_bad_january(engine)
    clock.now = datetime(2026, 2, 4, tzinfo=UTC)
    with TestClient(create_app(Settings(database_url=database_url), clock), LOOPBACK) as client:
        (alert,) = client.get("/api/alerts").json()["alerts"]
    assert alert["title"] == "Recognized Revenue below the act line: £40 (line £50)"


def test_a_new_day_judges_again_and_the_same_day_does_not(engine: Engine, clock: Clock) -> None:
    async def run() -> None:
        clock.now = datetime(2026, 1, 31, 23, 59, tzinfo=UTC)
        async with judging(engine, Settings(database_url="sqlite://"), clock, Metrics("1"), SOON):
            given_a_bad_january(engine)
            await asyncio.sleep(20 * SOON)
            assert titles(engine, clock.now) == []
            clock.now += timedelta(minutes=1)
            assert await until(engine, clock.now, 1)

    asyncio.run(run())


def test_a_database_that_is_away_at_the_start_is_tried_again(clock: Clock, tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/late.db")

    async def run() -> None:
        async with judging(engine, Settings(database_url="sqlite://"), clock, Metrics("1"), SOON):
            clock.now = datetime(2026, 2, 4, tzinfo=UTC)
            upgrade(engine)
            given_a_bad_january(engine)
            assert await until(engine, clock.now, 1)

    asyncio.run(run())
    engine.dispose()


def test_a_judgement_that_takes_long_does_not_delay_the_start(
    sqlite_url: str,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(schedule, "FIRST_PATIENCE_SECONDS", SOON)
    engine = open_engine(sqlite_url)
    given_a_bad_january(engine)
    clock.now = datetime(2026, 2, 4, tzinfo=UTC)

    async def run() -> None:
        other = for_writing(engine).connect()
        other.begin()  # the judgement waits for this lock
        settings = Settings(database_url="sqlite://")
        async with judging(engine, settings, clock, Metrics("1"), SOON):
            assert caplog.messages == []  # it waits still, and has not given up
            assert titles(engine, clock.now) == []
            other.rollback()
            other.close()
            assert await until(engine, clock.now, 1)

    asyncio.run(run())
    engine.dispose()

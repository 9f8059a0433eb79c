"""Deleting old events takes small steps, and events are stored between them."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, func, select

from api.ingest import service
from api.storage.event_store_expiry import ROWS_PER_STEP
from api.storage.event_tables import event_ids
from tests.integration.ingest.conftest import Start
from tests.integration.ingest.events import NOW, event, store_of

OLD = NOW - timedelta(days=40)
OLD_EVENTS = 8 * ROWS_PER_STEP


@pytest.fixture
def old_events(engine: Engine) -> None:
    store_of(engine).append([event(event_time=OLD) for _ in range(OLD_EVENTS)])


@pytest.mark.usefixtures("old_events")
def test_no_step_deletes_more_than_a_thousand_rows(engine: Engine) -> None:
    steps = list(store_of(engine).expire((NOW - timedelta(days=35)).date(), NOW.date()))
    assert max(steps) == ROWS_PER_STEP
    assert sum(steps) >= OLD_EVENTS


@pytest.mark.usefixtures("old_events")
def test_an_event_does_not_wait_until_everything_old_is_deleted(
    engine: Engine, start_on: Start, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "BETWEEN_STEPS_SECONDS", 0.3)
    client: TestClient = start_on(database_url)
    answer = client.post("/api/events", json={"event_type": "page_view", "meta": {"ttfb_ms": 1}})
    assert answer.json()["accepted"] == 1
    with engine.connect() as connection:
        known = connection.execute(select(func.count()).select_from(event_ids)).scalar_one()
    assert known > 1  # the expiry that began with the service is not through

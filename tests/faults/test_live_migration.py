"""The schema goes back and forward under the running service, which is sent events all the time."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.storage.engine import open_engine
from api.storage.migrate import downgrade, upgrade
from tests.factories import add, order
from tests.faults.load import (
    EVENTS,
    browsing,
    check_stored,
    wait_for_acknowledgements,
    wait_until_objectives_are_counted,
)
from tests.faults.process import serving
from tests.integration.test_migrations import REVISIONS

WITH_EVENTS = REVISIONS[1:-1]  # the first has no table for them


@pytest.fixture
def patient(database_url: str) -> Engine:
    """As commands open the database."""
    return open_engine(database_url, patient=True)


def test_nothing_acknowledged_is_lost_while_the_schema_goes_back_and_forward(
    engine: Engine, patient: Engine, tmp_path: Path
) -> None:
    add(engine, "orders", order("2024-01-05"))
    with serving(engine.url.render_as_string(hide_password=False), tmp_path) as service:
        wait_until_objectives_are_counted(engine)
        with browsing(service) as browsers:
            for revision in reversed(WITH_EVENTS):
                wait_for_acknowledgements(browsers, EVENTS)
                downgrade(patient, revision)
                assert service.get("/api/ready").status == 503
                assert service.get("/api/executive-dashboard").status == 200
                upgrade(patient)
                assert service.get("/api/ready").status == 200
                wait_for_acknowledgements(browsers, EVENTS)
            for browser in browsers:
                assert set(browser.statuses) <= {200, 503}
                assert browser.without_advice == 0
        assert service.starts == 1
        acknowledged = set().union(*(one.acknowledged for one in browsers))
        refused = sum(one.statuses.count(503) for one in browsers)
        stored = check_stored(engine, acknowledged, set().union(*(one.sent for one in browsers)))
        print(
            f"{len(WITH_EVENTS)} migrations each way: {len(acknowledged)} acknowledged,"
            f" {stored} stored, {refused} batches refused"
        )
    patient.dispose()

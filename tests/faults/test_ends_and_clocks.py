"""Told to end under load, clocks that jump, a collector that swallows everything."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from tests.faults.load import (
    EVENTS,
    browsing,
    check_stored,
    page_views,
    wait_for_acknowledgements,
    wait_until_objectives_are_counted,
)
from tests.faults.process import serving
from tests.faults.test_store_away import opened
from tests.integration.ingest.events import NOW
from tests.integration.platform.running import serving as running_once

JUMPS = [timedelta(days=1), timedelta(hours=-3), timedelta(days=-40), timedelta(days=400)]


def test_told_to_end_under_load_it_writes_what_it_has_and_starts_again(
    database_url: str, tmp_path: Path
) -> None:
    with serving(database_url, tmp_path) as service, opened(database_url) as engine:
        wait_until_objectives_are_counted(engine)
        with browsing(service) as browsers:
            took = []
            for restarts in range(2, 4):
                wait_for_acknowledgements(browsers, EVENTS)
                started = time.monotonic()
                service.terminate()
                while service.starts < restarts:
                    assert time.monotonic() - started < 15
                    time.sleep(0.01)
                took.append(time.monotonic() - started)
            wait_for_acknowledgements(browsers, EVENTS)
            statuses = {status for one in browsers for status in one.statuses}
        sent = set().union(*(one.sent for one in browsers))
        acknowledged = set().union(*(one.acknowledged for one in browsers))
        check_stored(engine, acknowledged, sent)
        print(f"ended after {max(took):.2f} s at most; {len(acknowledged)} acknowledged, 0 lost")
        assert statuses <= {200, 503}
        assert service.exit_codes == [0, 0]
        assert "Traceback" not in service.log


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def test_a_clock_that_jumps_breaks_nothing(database_url: str, tmp_path: Path) -> None:
    clock, accepted = Clock(), 0
    options = {"database_url": database_url, "state_dir": tmp_path}
    app = create_app(Settings.model_validate(options), clock)
    with TestClient(app, "http://127.0.0.1", raise_server_exceptions=False) as client:
        for jump in [timedelta(0), *JUMPS]:
            clock.now += jump
            for _ in range(2):
                events = {"events": page_views(5)}
                answer = client.post("/api/events", json=events)
                assert (answer.status_code, answer.json()["accepted"]) == (200, 5)
                accepted += 5
                answer = client.post("/api/events", json=events)
                assert answer.json()["duplicates"] == 5  # sent again over the jump
            for path in ("executive-dashboard", "slo", "alerts", "ready", "kpis/revenue"):
                assert client.get(f"/api/{path}").status_code == 200, (path, jump)
    with opened(database_url) as engine, engine.connect() as connection:
        counted = connection.exec_driver_sql("SELECT count(*) FROM event_ids").scalar_one()
        assert counted == accepted


@pytest.fixture
def black_hole() -> Iterator[int]:
    """A collector's address: connections are taken, and nothing ever comes back."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield listener.getsockname()[1]


def test_a_collector_that_swallows_everything_delays_nobody(
    black_hole: int, tmp_path: Path
) -> None:
    took: dict[str, float] = {}
    for name, endpoint in (("without", ""), ("with", f"http://127.0.0.1:{black_hole}")):
        environment = {
            "EXECDASH_DATABASE_URL": f"sqlite:///{tmp_path}/{name}.db",
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
            "OTEL_TRACES_SAMPLER": "always_on",
            "OTEL_BSP_MAX_QUEUE_SIZE": "64",
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "32",
            "OTEL_BSP_SCHEDULE_DELAY": "50",
        }
        with running_once(tmp_path, **environment) as running:
            started = time.monotonic()
            for _ in range(200):  # far more spans than there is room for
                assert json.loads(running.get("/api/alerts"))["alerts"] == []
            took[name] = time.monotonic() - started
            started = time.monotonic()
            assert running.stop(signal.SIGTERM) == 0
            took[f"end {name}"] = time.monotonic() - started
    print({name: round(seconds, 2) for name, seconds in took.items()})
    assert took["with"] < 3 * took["without"] + 2
    assert took["end with"] < 9  # a container is killed after 10

"""Told to end under load, clocks that jump, a collector that swallows everything."""

import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import select

from api.app import create_app
from api.settings import Settings
from api.storage.event_tables import event_ids
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
from tests.ports import free_port
from tests.program import until

JUMPS = [timedelta(days=1), timedelta(hours=-3), timedelta(days=-40), timedelta(days=400)]
PATHS = ("executive-dashboard", "slo", "alerts", "ready", "kpis/revenue")


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
        stored = check_stored(engine, acknowledged, sent)
        print(
            f"ended after {max(took):.2f} s at most; {len(acknowledged)} acknowledged,"
            f" {stored} stored, 0 lost"
        )
        assert statuses <= {200, 503}
        assert service.exit_codes == [0, 0]
        assert "Traceback" not in service.log


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class InThisProcess:
    """A service whose clock is the test's."""

    port: int
    client: httpx2.Client
    headers: Mapping[str, str] = field(default_factory=dict)

    def deliver(self, events: list[dict[str, Any]]) -> dict[str, int]:
        """What became of a batch."""
        answer = self.client.post("/api/events", json={"events": events})
        assert answer.status_code == 200, answer.text
        counts: dict[str, int] = answer.json()
        return counts


@contextmanager
def in_this_process(app: FastAPI) -> Iterator[InThisProcess]:
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_config=None, timeout_graceful_shutdown=5)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started, "the service to start")
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            yield InThisProcess(port, client)
    finally:
        server.should_exit = True
        thread.join()


def test_a_clock_that_jumps_under_load_breaks_nothing(database_url: str, tmp_path: Path) -> None:
    clock = Clock()
    options = {"database_url": database_url, "state_dir": tmp_path}
    app = create_app(Settings.model_validate(options), clock)
    asked: list[int] = []
    sent_over_a_jump: list[dict[str, Any]] = []
    with in_this_process(app) as service, browsing(service) as browsers:
        for jump in JUMPS:
            wait_for_acknowledgements(browsers, EVENTS)
            batch = page_views(EVENTS)
            assert service.deliver(batch)["accepted"] == EVENTS
            clock.now += jump
            assert service.deliver(batch)["duplicates"] == EVENTS
            sent_over_a_jump += batch
            asked += [service.client.get(f"/api/{path}").status_code for path in PATHS]
        wait_for_acknowledgements(browsers, EVENTS)
        statuses = {status for one in browsers for status in one.statuses}
    assert statuses == {200}
    assert set(asked) == {200}
    assert sum(one.broken for one in browsers) == 0
    acknowledged = set().union(*(one.acknowledged for one in browsers))
    acknowledged |= {event["event_id"] for event in sent_over_a_jump}
    with opened(database_url) as engine, engine.connect() as connection:
        known = list(connection.execute(select(event_ids.c.event_id)).scalars())
    print(
        f"{len(JUMPS)} jumps: {len(acknowledged)} events acknowledged, {len(known)} known,"
        f" {len(asked)} other answers good"
    )
    assert len(known) == len(set(known))
    assert acknowledged <= set(known)


@pytest.fixture
def black_hole() -> Iterator[int]:
    """A collector's address: connections are taken, and nothing ever comes back."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield listener.getsockname()[1]


@dataclass(frozen=True)
class Load:
    """What browsers met with, and how long the service took to end."""

    acknowledged: int
    stored: int
    refused: int
    seconds: list[float]
    end_seconds: float

    def __str__(self) -> str:
        median, slowest = sorted(self.seconds)[len(self.seconds) // 2], max(self.seconds)
        return (
            f"{self.acknowledged} acknowledged, {self.stored} stored, {self.refused} batches"
            f" refused; a batch {median * 1000:.0f} ms in the middle, {slowest * 1000:.0f} ms at"
            f" most; ended in {self.end_seconds:.2f} s"
        )


def under_load(folder: Path, endpoint: str) -> Load:
    """The same load on a fresh service, which sends its traces to the endpoint; "" is nowhere."""
    folder.mkdir()
    url = f"sqlite:///{folder}/execdash.db"
    environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_TRACES_SAMPLER": "always_on",
        "OTEL_BSP_MAX_QUEUE_SIZE": "64",  # far more spans than there is room for
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "32",
        "OTEL_BSP_SCHEDULE_DELAY": "50",
    }
    with serving(url, folder, None, None, **environment) as service, opened(url) as engine:
        wait_until_objectives_are_counted(engine)
        with browsing(service) as browsers:
            for _ in range(20):
                wait_for_acknowledgements(browsers, EVENTS)
                assert json.loads(service.get("/api/alerts").body)["alerts"] == []
        acknowledged = set().union(*(one.acknowledged for one in browsers))
        stored = check_stored(engine, acknowledged, set().union(*(one.sent for one in browsers)))
        assert sum(one.broken for one in browsers) == 0
        started = time.monotonic()
        service.terminate()
        until(lambda: service.exit_codes, "the end", pause_seconds=0.01)
        ended = time.monotonic() - started
        assert service.exit_codes == [0]
    statuses = [status for one in browsers for status in one.statuses]
    seconds = [taken for one in browsers for taken in one.seconds]
    refused = sum(status != 200 for status in statuses)
    return Load(len(acknowledged), stored, refused, seconds, ended)


def test_a_collector_that_swallows_everything_delays_nobody_under_load(
    black_hole: int, tmp_path: Path
) -> None:
    without = under_load(tmp_path / "without", "")
    swallowed = under_load(tmp_path / "with", f"http://127.0.0.1:{black_hole}")
    print(f"no collector: {without}")
    print(f"one that swallows everything: {swallowed}")
    for load in (without, swallowed):
        assert load.refused == 0
        assert load.acknowledged == load.stored
    typical, before = (
        sorted(load.seconds)[len(load.seconds) // 2] for load in (swallowed, without)
    )
    assert typical < 3 * before + 0.1
    assert max(swallowed.seconds) < 3 * max(without.seconds) + 2
    assert swallowed.end_seconds < 9  # a container is killed after 10

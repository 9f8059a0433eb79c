"""The server is killed in the middle of its work, again and again; nothing acknowledged is lost."""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from api.storage import event_reads
from api.storage.engine import open_engine
from api.storage.event_tables import event_ids, user_event_meta, user_events
from slo import rollup
from tests.integration.ingest.events import OBJECTIVES

ROUNDS = 3
CLIENTS = 4
EVENTS = 25  # in each request


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _server(database_url: str, folder: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A server of its own process; killed without warning at the end."""
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "serve", "--port", str(port)],
        env={
            **os.environ,
            "EXECDASH_DATABASE_URL": database_url,
            "EXECDASH_STATE_DIR": str(folder),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        yield port, process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended by itself"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the server did not start")


def _wait_for_load(clients: "list[_Client]") -> None:
    """Let every client be answered some times, then a little longer, to strike anywhere."""
    deadline = time.monotonic() + 60
    while min(len(client.acknowledged) for client in clients) < 3 * EVENTS:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(random.random() * 0.2)


class _Client(threading.Thread):
    """Sends batches until the server is gone, and remembers which were acknowledged."""

    def __init__(self, port: int, events_to_repeat: list[str]) -> None:
        super().__init__()
        self._port = port
        self._repeat = events_to_repeat[:EVENTS]
        self.acknowledged: list[str] = []
        self.sent: list[str] = []

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        ids = self._repeat or _new_ids()
        try:
            while True:
                self.sent += ids
                connection.request(
                    "POST", "/api/events", _body(ids), {"Content-Type": "application/json"}
                )
                response = connection.getresponse()
                response.read()
                if response.status == 200:
                    self.acknowledged += ids
                ids = _new_ids()
        except (OSError, http.client.HTTPException):
            return  # killed
        finally:
            connection.close()


def _new_ids() -> list[str]:
    return [str(uuid.uuid4()) for _ in range(EVENTS)]


def _body(ids: list[str]) -> bytes:
    events = [
        {
            "event_type": "page_view",
            "event_id": event_id,
            "meta": {"ttfb_ms": int(event_id[:4], 16) % 600, "render_total_ms": 900},
        }
        for event_id in ids
    ]
    return json.dumps({"events": events}).encode()


def test_every_acknowledged_event_is_there_once_however_often_the_server_is_killed(
    database_url: str, tmp_path: Path
) -> None:
    acknowledged: set[str] = set()
    sent: set[str] = set()
    for _ in range(ROUNDS):
        with _server(database_url, tmp_path) as (port, _process):
            # The first request repeats what may or may not have been stored before the kill.
            clients = [_Client(port, sorted(sent - acknowledged)) for _ in range(CLIENTS)]
            for client in clients:
                client.start()
            time.sleep(0.8)
        for client in clients:
            client.join()
            acknowledged.update(client.acknowledged)
            sent.update(client.sent)
    _check(database_url, acknowledged, sent)


def _check(database_url: str, acknowledged: set[str], sent: set[str]) -> None:
    engine = open_engine(database_url)
    last = rollup.hour_number(datetime.now(UTC))
    since, until = rollup.hour_start(last - 24), rollup.hour_start(last + 1)
    with engine.connect() as connection:
        stored = list(connection.execute(select(user_events.c.event_id)).scalars())
        assert len(stored) == len(set(stored))
        assert acknowledged <= set(stored) <= sent
        assert set(connection.execute(select(event_ids.c.event_id)).scalars()) == set(stored)
        numbers = select(func.count()).select_from(user_event_meta)
        assert connection.execute(numbers).scalar_one() == 2 * len(stored)
        for name in ("ttfb", "render"):
            exact = event_reads.exact_counts(connection, OBJECTIVES[name], since, until)
            assert exact.total == len(stored)
            assert rollup.counts_since(connection, OBJECTIVES[name], [last - 24], last) == [exact]
            samples = rollup.distribution(connection, OBJECTIVES[name], last - 24, last)
            assert samples.count == samples.sketch.count == len(stored)
    engine.dispose()

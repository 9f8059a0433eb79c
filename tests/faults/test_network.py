"""The network to PostgreSQL is cut or slow: honest answers, the last good screen, recovery."""

import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.storage.unit_of_work import REQUESTS_AT_ONCE
from tests.factories import add, order
from tests.faults.load import (
    EVENTS,
    Browser,
    browsing,
    check_stored,
    wait_for_acknowledgements,
    wait_until_objectives_are_counted,
)
from tests.faults.network import Network, network_to
from tests.faults.process import Service, serving
from tests.faults.test_store_away import check_healed, opened, wait_for_refusals
from tests.program import until

Browsers = Sequence[Browser]

DELAY_SECONDS = 0.02  # of each message, each way
READY_SECONDS = 4.0  # 2 s are for the database, the rest for a busy machine
SILENT_SECONDS = 12.0  # a look at an open connection, then a new one, then no more


@dataclass(frozen=True)
class Beyond:
    """A database with one order, which ``url`` reaches by a network and ``engine`` without."""

    engine: Engine
    network: Network
    url: str


@pytest.fixture
def beyond(postgresql_url: str) -> Iterator[Beyond]:
    with opened(postgresql_url) as engine, network_to(postgresql_url) as (network, url):
        add(engine, "orders", order("2024-01-05"))
        yield Beyond(engine, network, url)


@contextmanager
def at_work(beyond: Beyond, folder: Path, number: int = 4) -> Iterator[tuple[Service, Browsers]]:
    """A service that shows a good screen, and browsers whose events it acknowledges."""
    with serving(beyond.url, folder) as service:
        wait_until_objectives_are_counted(beyond.engine)
        assert not is_stale(service)
        with browsing(service, number) as browsers:
            wait_for_acknowledgements(browsers, EVENTS)
            yield service, browsers


def is_stale(service: Service) -> bool:
    """Whether the screen, which is always there, says that it is an old one."""
    answer = service.get("/api/executive-dashboard")
    assert answer.status == 200
    stale: bool = json.loads(answer.body)["freshness"]["stale"]
    return stale


def wait_until(service: Service, *, stale: bool) -> float:
    started = time.monotonic()
    while is_stale(service) != stale:
        assert time.monotonic() - started < 30
        time.sleep(0.05)
    return time.monotonic() - started


def test_a_cut_network_shows_the_last_good_screen_until_it_is_mended(
    beyond: Beyond, tmp_path: Path
) -> None:
    with at_work(beyond, tmp_path) as (service, browsers):
        beyond.network.cut()
        wait_for_refusals(browsers)
        noticed = wait_until(service, stale=True)
        assert service.get("/api/health").status == 200
        assert service.get("/api/ready").status == 503
        assert service.get("/api/drivers/revenue").status == 503
        beyond.network.mend()
        mended = time.monotonic()
        wait_for_acknowledgements(browsers, EVENTS)
        acknowledged = time.monotonic() - mended
        recovered = wait_until(service, stale=False)
        print(
            f"cut: stale after {noticed:.2f} s; mended: acknowledged after"
            f" {acknowledged:.2f} s, screen good after {recovered:.2f} s more"
        )
        check_healed(service, browsers, beyond.engine)


def test_a_restart_under_load_while_the_network_is_cut_shows_the_kept_screen_and_loses_nothing(
    beyond: Beyond, tmp_path: Path
) -> None:
    with at_work(beyond, tmp_path) as (service, browsers):
        kept = list((tmp_path / "state").glob("last-good-*.json"))
        assert len(kept) == 1
        beyond.network.cut()
        before = acknowledged_by(browsers)
        service.terminate()
        until(lambda: service.starts == 2, "the restart")
        service.wait_until_it_listens()
        for browser in browsers:
            browser.statuses.clear()
        wait_for_refusals(browsers)
        assert is_stale(service)
        assert service.get("/api/ready").status == 503
        beyond.network.mend()
        mended = time.monotonic()
        wait_until(service, stale=False)
        until(lambda: service.get("/api/ready").status == 200, "readiness")
        wait_for_acknowledgements(browsers, EVENTS)
        recovered = time.monotonic() - mended
        for browser in browsers:
            assert set(browser.statuses) == {200, 503}
            assert browser.without_advice == 0
        assert service.exit_codes == [0]
        assert "Traceback" not in service.log
    acknowledged = acknowledged_by(browsers)
    stored = check_stored(beyond.engine, acknowledged, set().union(*(one.sent for one in browsers)))
    print(
        f"restarted while cut: {len(before)} acknowledged before, {len(acknowledged)} in all,"
        f" {stored} stored; {recovered:.2f} s from mended to good"
    )
    assert before < acknowledged


def acknowledged_by(browsers: Browsers) -> set[str]:
    return set().union(*(one.acknowledged.copy() for one in browsers))


def test_a_slow_network_makes_answers_late_and_loses_nothing(
    beyond: Beyond, tmp_path: Path
) -> None:
    with at_work(beyond, tmp_path, 2) as (service, browsers):
        beyond.network.delay_seconds = DELAY_SECONDS
        started = time.monotonic()
        wait_for_acknowledgements(browsers, 2 * EVENTS)
        slow = (time.monotonic() - started) / 2
        assert service.get("/api/executive-dashboard").status == 200
        assert service.get("/api/ready").status == 200
        beyond.network.delay_seconds = 0
        assert {status for one in browsers for status in one.statuses} == {200}
        print(f"delayed by {DELAY_SECONDS} s a message: {slow:.2f} s a batch")
        wait_for_acknowledgements(browsers, EVENTS)
    acknowledged = acknowledged_by(browsers)
    stored = check_stored(beyond.engine, acknowledged, set().union(*(one.sent for one in browsers)))
    print(f"{len(acknowledged)} acknowledged, {stored} stored")


def test_a_database_that_takes_everything_and_answers_nothing_holds_nobody_for_long(
    beyond: Beyond, tmp_path: Path
) -> None:
    with at_work(beyond, tmp_path) as (service, browsers):
        assert service.get("/api/drivers/revenue").status == 200
        beyond.network.freeze()
        noticed = wait_until(service, stale=True)
        readiness, status = timed(service, "/api/ready")
        assert status == 503
        assert readiness < READY_SECONDS
        assert service.get("/api/health").status == 200
        drilled = asked_at_once(service, "/api/kpis/revenue/rows", 3 * REQUESTS_AT_ONCE)
        assert {status for _, status in drilled} == {503}
        slowest = max(seconds for seconds, _ in drilled)
        assert slowest < SILENT_SECONDS
        again, status = timed(service, "/api/drivers/revenue")
        assert status == 503
        assert again < SILENT_SECONDS
        assert timed(service, "/api/ready")[0] < READY_SECONDS
        wait_for_refusals(browsers)
        beyond.network.thaw()
        thawed = time.monotonic()
        recovered = wait_until(service, stale=False)
        wait_for_acknowledgements(browsers, EVENTS)
        acknowledged = time.monotonic() - thawed
        print(
            f"silent: stale after {noticed:.2f} s, not ready after {readiness:.2f} s,"
            f" drill-downs refused within {slowest:.2f} s, later ones {again:.2f} s;"
            f" back: screen good after {recovered:.2f} s, events {acknowledged:.2f} s"
        )
        check_healed(service, browsers, beyond.engine)


def timed(service: Service, path: str) -> tuple[float, int]:
    """How many seconds an answer took, and its status."""
    started = time.monotonic()
    status = service.get(path).status
    return time.monotonic() - started, status


def asked_at_once(service: Service, path: str, number: int) -> list[tuple[float, int]]:
    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(lambda _: timed(service, path), range(number)))

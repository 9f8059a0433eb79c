"""The network to PostgreSQL is cut or slow: honest answers, the last good screen, recovery."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from api.storage.unit_of_work import REQUESTS_AT_ONCE
from tests.factories import add, order
from tests.faults.load import (
    EVENTS,
    browsing,
    check_stored,
    wait_for_acknowledgements,
    wait_until_objectives_are_counted,
)
from tests.faults.network import network_to
from tests.faults.process import Service, serving
from tests.faults.test_store_away import check_healed, opened, wait_for_refusals

DELAY_SECONDS = 0.02  # of each message, each way
READY_SECONDS = 4.0  # 2 s are for the database, the rest for a busy machine
SILENT_SECONDS = 12.0  # a look at an open connection, then a new one, then no more


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
    postgresql_url: str, tmp_path: Path
) -> None:
    with opened(postgresql_url) as engine, network_to(postgresql_url) as (network, url):
        add(engine, "orders", order("2024-01-05"))
        with serving(url, tmp_path) as service:
            wait_until_objectives_are_counted(engine)
            assert not is_stale(service)
            with browsing(service) as browsers:
                wait_for_acknowledgements(browsers, EVENTS)
                network.cut()
                wait_for_refusals(browsers)
                noticed = wait_until(service, stale=True)
                assert service.get("/api/health").status == 200
                assert service.get("/api/ready").status == 503
                assert service.get("/api/drivers/revenue").status == 503
                network.mend()
                mended = time.monotonic()
                wait_for_acknowledgements(browsers, EVENTS)
                acknowledged = time.monotonic() - mended
                recovered = wait_until(service, stale=False)
                print(
                    f"cut: stale after {noticed:.2f} s; mended: acknowledged after"
                    f" {acknowledged:.2f} s, screen good after {recovered:.2f} s more"
                )
                check_healed(service, browsers, engine)


def test_a_restart_while_the_network_is_cut_is_not_possible_but_the_screen_was_kept(
    postgresql_url: str, tmp_path: Path
) -> None:
    with opened(postgresql_url) as engine, network_to(postgresql_url) as (network, url):
        add(engine, "orders", order("2024-01-05"))
        with serving(url, tmp_path) as service:
            assert not is_stale(service)
        kept = list((tmp_path / "state").glob("last-good-*.json"))
        assert len(kept) == 1
        network.cut()
        with serving(url, tmp_path) as service:
            assert is_stale(service)
            assert service.get("/api/ready").status == 503
            network.mend()
            wait_until(service, stale=False)
            assert service.get("/api/ready").status == 200


def test_a_slow_network_makes_answers_late_and_loses_nothing(
    postgresql_url: str, tmp_path: Path
) -> None:
    with opened(postgresql_url) as engine, network_to(postgresql_url) as (network, url):
        add(engine, "orders", order("2024-01-05"))
        with serving(url, tmp_path) as service:
            wait_until_objectives_are_counted(engine)
            with browsing(service, 2) as browsers:
                wait_for_acknowledgements(browsers, EVENTS)
                network.delay_seconds = DELAY_SECONDS
                started = time.monotonic()
                wait_for_acknowledgements(browsers, 2 * EVENTS)
                slow = (time.monotonic() - started) / 2
                assert service.get("/api/executive-dashboard").status == 200
                assert service.get("/api/ready").status == 200
                network.delay_seconds = 0
                assert {status for one in browsers for status in one.statuses} == {200}
                print(f"delayed by {DELAY_SECONDS} s a message: {slow:.2f} s a batch")
                wait_for_acknowledgements(browsers, EVENTS)
        acknowledged = set().union(*(one.acknowledged for one in browsers))
        stored = check_stored(engine, acknowledged, set().union(*(one.sent for one in browsers)))
        print(f"{len(acknowledged)} acknowledged, {stored} stored")


def test_a_database_that_takes_everything_and_answers_nothing_holds_nobody_for_long(
    postgresql_url: str, tmp_path: Path
) -> None:
    with opened(postgresql_url) as engine, network_to(postgresql_url) as (network, url):
        add(engine, "orders", order("2024-01-05"))
        with serving(url, tmp_path) as service:
            wait_until_objectives_are_counted(engine)
            assert not is_stale(service)
            assert service.get("/api/drivers/revenue").status == 200
            with browsing(service) as browsers:
                wait_for_acknowledgements(browsers, EVENTS)
                network.freeze()
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
                network.thaw()
                thawed = time.monotonic()
                recovered = wait_until(service, stale=False)
                wait_for_acknowledgements(browsers, EVENTS)
                acknowledged = time.monotonic() - thawed
                print(
                    f"silent: stale after {noticed:.2f} s, not ready after {readiness:.2f} s,"
                    f" drill-downs refused within {slowest:.2f} s, later ones {again:.2f} s;"
                    f" back: screen good after {recovered:.2f} s, events {acknowledged:.2f} s"
                )
                check_healed(service, browsers, engine)


def timed(service: Service, path: str) -> tuple[float, int]:
    """How many seconds an answer took, and its status."""
    started = time.monotonic()
    status = service.get(path).status
    return time.monotonic() - started, status


def asked_at_once(service: Service, path: str, number: int) -> list[tuple[float, int]]:
    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(lambda _: timed(service, path), range(number)))

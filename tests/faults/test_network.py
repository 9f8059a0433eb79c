"""The network to PostgreSQL is cut or slow: honest answers, the last good screen, recovery."""

import json
import time
from pathlib import Path

from tests.factories import add, order
from tests.faults.load import (
    EVENTS,
    browsing,
    wait_for_acknowledgements,
    wait_until_objectives_are_counted,
)
from tests.faults.network import network_to
from tests.faults.process import Service, serving
from tests.faults.test_store_away import check_healed, opened, wait_for_refusals

DELAY_SECONDS = 0.02  # of each message, each way


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

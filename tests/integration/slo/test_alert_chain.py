"""Prometheus' rule, Alertmanager's route, the service's webhook, the executives' screen.

Time is compressed by the rules' window scale alone: a month is 11 hours, an hour a minute.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from loadtests.chromium import FLAGS
from tests.e2e.conftest import chromium_path
from tests.integration.slo.live import (
    Prometheus,
    Service,
    running_alertmanager,
    running_prometheus,
    running_service,
)
from tests.program import until

CONFIG = Path(__file__).parents[3] / "deploy" / "alertmanager" / "alertmanager.yml"
SCREEN = "http://execdash:8000/"
SCALE = Fraction(1, 60)
VIEWS = 20  # a second
TITLE = "Time to first byte: the error budget burns"
FIRING = 'ALERTS{alertname="SloErrorBudgetBurn", alertstate="firing", slo="ttfb"}'


def views(slow: int, every: int) -> list[dict[str, Any]]:
    samples = [2000.0] * slow + [50.0] * (every - slow)
    return [{"event_type": "page_view", "meta": {"ttfb_ms": value}} for value in samples]


@dataclass(frozen=True)
class Chain:
    service: Service
    prometheus: Prometheus

    def visit(self, slow: int, every: int) -> None:
        """A second of traffic."""
        self.service.send(views(slow, every))
        time.sleep(1)

    def firing(self) -> set[str]:
        return {one["metric"]["tier"] for one in self.prometheus.now(FIRING)}

    def on_screen(self) -> list[dict[str, Any]]:
        """What the executives see to act on; a slow machine burns other objectives for real."""
        alerts = json.loads(self.service.get("/api/executive-dashboard"))["alerts"]
        return [one for one in alerts if one["title"].startswith(TITLE)]


@contextmanager
def running_chain(database_url: str, folder: Path) -> Iterator[Chain]:
    """All of it, with the kept configuration: only addresses differ, and no token is asked for."""
    config = CONFIG.read_text()
    assert SCREEN in config
    config = config.replace("/run/secrets/", f"{folder}/")
    (folder / "alertmanager-token").write_text("execdash_token")
    with (
        running_service(database_url, folder, "--demo") as service,
        running_alertmanager(config.replace(SCREEN, f"{service.url}/"), folder) as alertmanager,
        running_prometheus(service, folder, SCALE, alertmanager) as prometheus,
    ):
        yield Chain(service, prometheus)


def on_the_page(page: Page, service: Service) -> list[str]:
    """What stands under Action when an executive opens the dashboard now."""
    page.goto(f"{service.url}/dashboard")
    page.get_by_role("heading", name="Alerts").wait_for()
    return page.get_by_role("heading", name=TITLE).all_inner_texts()


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield browser.new_page()
        browser.close()


def test_ten_percent_slow_is_a_ticket_fifty_a_page_and_none_resolves(
    sqlite_url: str, tmp_path: Path, page: Page
) -> None:
    with running_chain(sqlite_url, tmp_path) as chain:

        def severities_after_a_second(slow: int, every: int = VIEWS) -> list[str]:
            chain.visit(slow, every)
            return [one["severity"] for one in chain.on_screen()]

        for _ in range(3):
            assert severities_after_a_second(slow=0) == []
        assert chain.firing() == set()

        until(lambda: severities_after_a_second(slow=2), "the ticket on the screen", 90)
        for _ in range(5):  # and nothing more comes of it
            assert severities_after_a_second(slow=2) == ["medium"]
        assert chain.firing() == {"ticket-slow"}
        assert len(on_the_page(page, chain.service)) == 1

        until(lambda: severities_after_a_second(slow=10) == ["high"], "it to become a page", 90)
        assert {"page-slow", "ticket-slow"} <= chain.firing()
        assert "page-fast" not in chain.firing()  # at most half of the events were bad
        assert len(on_the_page(page, chain.service)) == 1  # of however many tiers

        # Twenty times as many views, so that the bad ones are soon a small share of every window.
        until(lambda: not severities_after_a_second(0, 20 * VIEWS), "it to resolve", 120)
        assert on_the_page(page, chain.service) == []

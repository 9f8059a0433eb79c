"""Measurements survive a service that is down, slow or busy, and a tab that closes too early."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.conftest import PATIENCE_MS, Service, until, until_measured
from tests.e2e.faulty import SLOW_SECONDS, Faulty, Mode, faulty

# The page's long timers run ten times as fast: it gathers for half a second, and waits for two
# when it is told to come back in twenty.
FASTER = 10
HURRY = f"""(() => {{
  const real = window.setTimeout
  window.setTimeout = (work, ms, ...rest) => real(work, ms >= 1000 ? ms / {FASTER} : ms, ...rest)
}})()"""


@pytest.fixture
def proxy(demo_service: Service) -> Iterator[Faulty]:
    with faulty(demo_service) as opened:
        yield opened


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1920, "height": 1080})
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    opened.close()


def open_page(context: BrowserContext, proxy: Faulty) -> Page:
    """A page in a hurry, with its view measured."""
    page = context.new_page()
    page.add_init_script(HURRY)
    page.goto(f"{proxy.url}/dashboard")
    until_measured(page, "page_view")
    return page


def stored(service: Service, ids: set[str]) -> list[str]:
    """Ids of the stored events among ``ids``, one entry for each row."""
    marks = ",".join("?" * len(ids))
    with closing(sqlite3.connect(f"file:{service.database}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            f"SELECT event_id FROM user_events WHERE event_id IN ({marks})", sorted(ids)
        )
        return sorted(row[0] for row in rows)


def all_stored_once(proxy: Faulty) -> bool:
    return stored(proxy.service, proxy.ids) == sorted(proxy.ids)


@pytest.mark.parametrize("mode", ["429", "503"])
def test_a_busy_service_is_asked_again_when_it_said_and_with_the_same_ids(
    context: BrowserContext, proxy: Faulty, mode: Mode
) -> None:
    proxy.mode = mode
    page = open_page(context, proxy)
    until(page, lambda: len(proxy.sent) == 1)
    assert stored(proxy.service, proxy.ids) == []
    proxy.mode = "well"
    until(page, lambda: len(proxy.sent) == 2)
    refused_at, asked_again_at = proxy.came_at
    assert (asked_again_at - refused_at) * FASTER >= proxy.retry_after_seconds
    assert set(proxy.sent[0]) <= set(proxy.sent[1])
    until(page, lambda: all_stored_once(proxy))


@pytest.mark.parametrize("mode", ["down", "deaf"])
def test_without_an_answer_the_same_events_are_sent_again_and_stored_once(
    context: BrowserContext, proxy: Faulty, mode: Mode
) -> None:
    proxy.mode = mode
    page = open_page(context, proxy)
    until(page, lambda: len(proxy.sent) >= 1)
    proxy.mode = "well"
    until(page, lambda: len(proxy.sent) >= 2 and all_stored_once(proxy))
    assert set(proxy.sent[0]) <= set(proxy.sent[-1])


def test_what_is_under_way_is_not_sent_a_second_time(
    context: BrowserContext, proxy: Faulty
) -> None:
    proxy.mode = "slow"
    page = open_page(context, proxy)
    until(page, lambda: len(proxy.sent) == 1)
    page.get_by_role("button", name="Quarter").click()  # measured and sent meanwhile
    until(page, lambda: len(proxy.sent) >= 2 and all_stored_once(proxy))
    sent = [one for batch in proxy.sent for one in batch]
    assert len(sent) == len({*sent})


def test_a_tab_that_closes_in_mid_flight_loses_nothing(
    context: BrowserContext, proxy: Faulty
) -> None:
    proxy.mode = "slow"
    page = open_page(context, proxy)
    until(page, lambda: len(proxy.sent) == 1)
    page.close()
    proxy.mode = "well"
    later = open_page(context, proxy)
    until(later, lambda: len(proxy.sent) >= 2)
    later.wait_for_timeout(SLOW_SECONDS * 1000)
    until(later, lambda: all_stored_once(proxy))


def test_what_could_not_be_sent_when_the_page_was_left_is_sent_by_the_next_one(
    context: BrowserContext, proxy: Faulty
) -> None:
    proxy.mode = "down"
    page = open_page(context, proxy)
    page.goto("about:blank")
    until(page, lambda: len(proxy.sent) >= 1)
    lost = set(proxy.sent[0])
    assert stored(proxy.service, lost) == []
    proxy.mode = "well"
    page.close()
    later = open_page(context, proxy)
    until(later, lambda: stored(proxy.service, lost) == sorted(lost))
    until(later, lambda: all_stored_once(proxy))

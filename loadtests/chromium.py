"""The dashboard in a real browser, timed by the page's own measurements."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from playwright.sync_api import Error as BrowserError

from loadtests.run import FAILED_MS, RENDER, SWITCH, TTFB, Kind

VIEWPORT: ViewportSize = {"width": 1920, "height": 1080}
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
]
VIEWS_A_VISITOR = 10  # the first with an empty cache, the others as people come back
CRASHED = re.compile(r"(?:Page|Target) crashed|browser has been closed")
DRAWN = "execdash:page_view"
SWITCHED = "execdash:switch_range_or_granularity"
MARKED = "name => performance.getEntriesByName(name).length > 0"
DETAIL = "name => performance.getEntriesByName(name)[0].detail"

# What the page sends of itself is marked, so that no objective of the service counts it.
MARK_SYNTHETIC = """
const send = window.fetch
window.fetch = (input, init) => {
  if (input !== '/api/events' || typeof init?.body !== 'string') return send(input, init)
  const body = JSON.parse(init.body)
  for (const event of body.events) event.meta.synthetic = true
  return send(input, { ...init, body: JSON.stringify(body) })
}
"""

Sample = tuple[Kind, float]


class ViewFailed(Exception):
    """The page did not show what was waited for. ``sample`` is as bad as there can be."""

    def __init__(self, kind: Kind, said: str) -> None:
        super().__init__(said)
        self.sample: Sample = (kind, FAILED_MS)


class TabCrashed(Exception):
    """The browser failed by itself, which says nothing about the service."""


class Visitors:
    """One browser, and a new visitor with an empty cache every few views, or after a crash."""

    def __init__(self, browser: Browser, host: str, token: str = "") -> None:
        self._browser, self._host = browser, host
        self._headers = {"Authorization": f"Bearer {token}"} if token else None
        self._page: Page | None = None
        self._views = 0

    def view(self) -> Iterator[Sample]:
        """Open the dashboard and choose quarters at once. Raises ViewFailed or TabCrashed."""
        yield from self.open()
        yield from self.switch()

    def open(self) -> list[Sample]:
        """Open the dashboard. Raises ViewFailed or TabCrashed."""
        page = self._next_page()
        try:
            page.goto(f"{self._host}/dashboard", wait_until="commit")
            return _measured(page, DRAWN, TTFB, RENDER)
        except BrowserError as error:
            raise self._failure(RENDER, error) from error

    def switch(self) -> list[Sample]:
        """Choose quarters on the page that is open. Raises ViewFailed or TabCrashed."""
        assert self._page is not None
        try:
            self._page.get_by_role("button", name="Quarter", exact=True).click()
            return _measured(self._page, SWITCHED, SWITCH)
        except BrowserError as error:
            raise self._failure(SWITCH, error) from error

    def _failure(self, kind: Kind, error: BrowserError) -> ViewFailed | TabCrashed:
        said = str(error).splitlines()[0]
        if not CRASHED.search(said):
            return ViewFailed(kind, said)
        self._page = None  # nothing is drawn there any more
        return TabCrashed(said)

    def _next_page(self) -> Page:
        if self._page is None or self._views % VIEWS_A_VISITOR == 0:
            if self._page is not None:
                self._page.context.close()
            self._page = self._new_page()
        self._views += 1
        return self._page

    def _new_page(self) -> Page:
        context = self._browser.new_context(
            viewport=VIEWPORT, locale="en-GB", extra_http_headers=self._headers
        )
        context.add_init_script(MARK_SYNTHETIC)
        context.set_default_timeout(FAILED_MS)
        return context.new_page()


def _measured(page: Page, mark: str, *kinds: Kind) -> list[Sample]:
    """The page's own measurements, where it made them."""
    page.wait_for_function(MARKED, arg=mark)
    detail: dict[str, Any] = page.evaluate(DETAIL, mark)
    return [(kind, float(detail[kind[0]])) for kind in kinds if detail.get(kind[0]) is not None]


@contextmanager
def launched(chromium: str) -> Iterator[Browser]:
    """A browser that ends with the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        with browser:
            yield browser

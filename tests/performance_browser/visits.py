"""One visit with an empty cache: what a browser saw from outside, and what it fetched."""

import json
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from loadtests.chromium import VIEWPORT
from tests.performance_browser import shown
from tests.performance_browser.service import Running

OBSERVER = (Path(__file__).parent / "observer.js").read_text()
PATIENCE_MS = 60_000
QUIET_MS = 1_000  # nothing is fetched for so long: what is loaded when idle has been loaded
# What the visit before leaves behind ends first: its processes and its last events would take a
# third of the next one's first byte.
APART_MS = 500
# "Fast 4G" as Chromium's developer tools have it.
FAST_4G = {
    "offline": False,
    "latency": 165,
    "downloadThroughput": 9e6 / 8 * 0.9,
    "uploadThroughput": 1.5e6 / 8 * 0.9,
}
SLOW_PROCESSOR = 4


@dataclass(frozen=True)
class Conditions:
    """How fast the machine and the network of a visit are."""

    name: str
    throttled: bool


UNTHROTTLED, THROTTLED = Conditions("unthrottled", False), Conditions("throttled", True)


@dataclass(frozen=True)
class Visit:
    """Times in ms; bytes as they came over the wire, until all was drawn and in all.

    A switch counts from the click, which a mouse sends when its button is let go: here at the
    moment of the press, in life a tenth of a second after it.
    """

    ttfb_ms: float
    fcp_ms: float
    render_ms: float
    switch_ms: float
    switch_from_press_ms: float
    layout_shift: float
    requests: int
    bytes: int
    script_bytes: int
    requests_in_all: int
    bytes_in_all: int
    script_bytes_in_all: int

    def numbers(self) -> dict[str, float]:
        """By name."""
        return asdict(self)


def visit(browser: Browser, service: Running, path: str, conditions: Conditions) -> Visit:
    """Open ``path`` as somebody who was never here, wait until it is idle, and switch once."""
    context = browser.new_context(viewport=VIEWPORT, locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    try:
        page = context.new_page()
        page.add_init_script(OBSERVER.replace("__EXPECTED__", json.dumps(expected(service))))
        page.wait_for_timeout(APART_MS)
        if conditions.throttled:
            _slow_down(context, page)
        with _told(page, "complete"):
            page.goto(f"{service.url}{path}", wait_until="commit")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(QUIET_MS)
        with _told(page, "switched"):
            page.get_by_role("button", name="Quarter", exact=True).click()
        return _seen(page)
    finally:
        context.close()


def _told(page: Page, what: str) -> AbstractContextManager[object]:
    return page.expect_console_message(lambda message: message.text == what, timeout=PATIENCE_MS)


def expected(service: Running) -> dict[str, Any]:
    """What has to be on the page before and after the switch."""
    current = [item["title"] for kind in ("alerts", "risks") for item in service.month[kind]]
    before, after = service.month["revenueTrend"], service.quarter["revenueTrend"]
    return {
        "first": {
            "texts": [*_numbers(service.month, service.currency), *current],
            "chart": _chart(before, fewer_than=10 * len(before)),
        },
        "after": {
            "texts": [*_numbers(service.quarter, service.currency), *current],
            "chart": _chart(after, fewer_than=len(before)),
        },
    }


def _numbers(dashboard: dict[str, Any], currency: str) -> list[str]:
    return [
        text
        for kpi in dashboard["executiveKpis"]
        for text in (kpi["label"], shown.value(kpi, currency))
    ]


def _chart(rows: list[dict[str, Any]], fewer_than: int) -> dict[str, Any]:
    first = shown.period(rows[0]["period"])  # of the others an axis may leave some out
    return {"bars": len(rows), "fewerThan": fewer_than, "label": first}


def _slow_down(context: BrowserContext, page: Page) -> None:
    protocol = context.new_cdp_session(page)
    protocol.send("Network.enable")
    protocol.send("Network.emulateNetworkConditions", FAST_4G)
    protocol.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_PROCESSOR})


def _seen(page: Page) -> Visit:
    seen, files = page.evaluate("[globalThis.__seen, globalThis.__files()]")
    return Visit(
        ttfb_ms=seen["ttfb_ms"],
        fcp_ms=seen["fcp_ms"],
        render_ms=seen["render_ms"],
        switch_ms=seen["switch_ms"],
        switch_from_press_ms=seen["switch_from_press_ms"],
        layout_shift=seen["shift"],
        requests=len(seen["files"]),
        bytes=_sum(seen["files"]),
        script_bytes=_sum(seen["files"], ".js"),
        requests_in_all=len(files),
        bytes_in_all=_sum(files),
        script_bytes_in_all=_sum(files, ".js"),
    )


def _sum(files: list[dict[str, Any]], ending: str = "") -> int:
    return sum(file["bytes"] for file in files if file["name"].endswith(ending))

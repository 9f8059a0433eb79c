"""Page views and switches in a real browser, timed by the page's own measurements.

Run ``python -m loadtests.browser --host http://127.0.0.1:8000 --result FILE``; then
``execdash slo gate --source browser --result FILE`` judges. See ``docs/slo.md``.
"""

import argparse
import shutil
import sys
import time
from array import array
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Playwright, ViewportSize, sync_playwright
from playwright.sync_api import Error as BrowserError
from rich.console import Console
from rich.progress import track

from loadtests import results
from loadtests.run import TIMEOUT_SECONDS, Kind
from slo import evaluation

TTFB: Kind = ("ttfb_ms", "page_view")
RENDER: Kind = ("render_total_ms", "page_view")
SWITCH: Kind = ("switch_latency_ms", "switch_range_or_granularity")

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
MOST_FAILURES = 5  # one after the other: the service is gone, not slow
PATIENCE_MS = TIMEOUT_SECONDS * 1000
DRAWN = "execdash:page_view"
SWITCHED = "execdash:switch_range_or_granularity"
MARKED = "name => performance.getEntriesByName(name).length > 0"
DETAIL = "name => performance.getEntriesByName(name)[0].detail"


@dataclass
class Measured:
    """Samples of one run. A view that is never drawn counts with the whole time it was given."""

    samples: "dict[Kind, array[float]]" = field(
        default_factory=lambda: {kind: array("d") for kind in (TTFB, RENDER, SWITCH)}
    )
    answers: int = 0
    failures: int = 0
    failures_in_a_row: int = 0

    def add(self, kind: Kind, detail: dict[str, Any]) -> None:
        """Keep the page's own measurement, where it made one."""
        value = detail.get(kind[0])
        if value is not None:
            self.samples[kind].append(float(value))

    def succeed(self) -> None:
        """Count a view that was drawn and switched."""
        self.answers += 1
        self.failures_in_a_row = 0

    def fail(self, kind: Kind) -> None:
        """Count what did not come in time."""
        self.samples[kind].append(PATIENCE_MS)
        self.failures += 1
        self.failures_in_a_row += 1


def measure(browser: Browser, host: str, views: int, warm_up: int) -> Measured:
    """Open the dashboard ``views`` times and switch once in each; the warm-up comes before."""
    measured, page = Measured(), None
    rounds = range(-warm_up, views)
    for number in track(rounds, "Browsing", console=Console(stderr=True), transient=True):
        if number == 0:
            measured = Measured()
        if page is None or number % VIEWS_A_VISITOR == 0:
            page = _new_visitor(browser, page)
        _view(page, host, measured)
        if measured.failures_in_a_row >= MOST_FAILURES:
            break
    return measured


def _new_visitor(browser: Browser, before: Page | None) -> Page:
    if before is not None:
        before.context.close()
    page = browser.new_context(viewport=VIEWPORT, locale="en-GB").new_page()
    page.set_default_timeout(PATIENCE_MS)
    return page


def _view(page: Page, host: str, measured: Measured) -> None:
    waited_for = RENDER
    try:
        page.goto(f"{host}/dashboard", wait_until="commit")
        page.wait_for_function(MARKED, arg=DRAWN)
        seen = page.evaluate(DETAIL, DRAWN)
        measured.add(TTFB, seen)
        measured.add(RENDER, seen)
        waited_for = SWITCH
        page.get_by_role("button", name="Quarter", exact=True).click()
        page.wait_for_function(MARKED, arg=SWITCHED)
        measured.add(SWITCH, page.evaluate(DETAIL, SWITCHED))
    except BrowserError:
        measured.fail(waited_for)
    else:
        measured.succeed()


def main() -> int:
    """Run, write the file, and give the exit code: 0 written, 2 wrong use, 3 not valid."""
    options = _options()
    chromium = options.chromium or shutil.which("chromium")
    if chromium is None:
        sys.stderr.write("browser run: no Chromium; install it or name one with --chromium\n")
        return evaluation.EXIT_USAGE
    started_at, begun = datetime.now(UTC), time.monotonic()
    with sync_playwright() as playwright, _launched(playwright, chromium) as browser:
        measured = measure(browser, options.host.rstrip("/"), options.views, options.warm_up)
    invalid = None if measured.answers else "no page was drawn"
    run = results.Recorded("browser", measured.samples, measured.answers, measured.failures)
    parameters = {"views": options.views, "warm_up": options.warm_up}
    conditions = results.Conditions(options.host, started_at, datetime.now(UTC), parameters)
    results.write(options.result, run, conditions, invalid)
    sys.stdout.write(
        f"{measured.answers} views drawn and switched, {measured.failures} not,"
        f" in {time.monotonic() - begun:.0f} s\n"
    )
    if invalid:
        sys.stderr.write(f"browser run: result not valid: {invalid}\n")
        return evaluation.EXIT_UNKNOWN
    return evaluation.EXIT_PASS


def _launched(playwright: Playwright, chromium: str) -> Browser:
    return playwright.chromium.launch(executable_path=chromium, args=FLAGS)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests.browser", description=__doc__)
    parser.add_argument("--host", required=True, help="The service: http://127.0.0.1:8000")
    parser.add_argument("--result", required=True, type=Path, help="File for every sample.")
    parser.add_argument("--chromium", help="The browser. Default: the installed chromium")
    parser.add_argument("--views", type=_positive, default=220, help="Default: 220")
    parser.add_argument("--warm-up", type=_positive, default=10, help="Views left out. Default: 10")
    return parser.parse_args()


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a whole number from 1 to 100,000")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())

"""A real service in a process of its own, and a real Chromium that looks at it."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from loadtests.chromium import FLAGS, MARKED
from tests import program
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
SUPERSTORE = "tests/data/superstore.csv"
PATIENCE_MS = 15_000
LOOK_MS = 50

# Notes in `window.shifts` what moves on a page.
SHIFTS = """
  window.shifts = []
  new PerformanceObserver(list => {
    for (const { sources } of list.getEntries()) {
      window.shifts.push(...sources.map(({ node }) => node?.textContent?.slice(0, 60) ?? '?'))
    }
  }).observe({ type: 'layout-shift', buffered: true })
"""


@dataclass
class Service:
    """A running service: its address, its database file and its process."""

    url: str
    database: Path
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)


def execdash(folder: Path, *arguments: str) -> None:
    """Run one command on the database in ``folder``."""
    subprocess.run([*program.EXECDASH, *arguments], env=program.settings(folder), check=True)


def start_service(
    folder: Path, *options: str, port: int | None = None, settings: dict[str, str] | None = None
) -> Service:
    """Start ``execdash serve`` on ``port``, else a free one, and wait until it is ready."""
    port = port or free_port()
    url, log = f"http://127.0.0.1:{port}", folder / f"service-{port}.log"
    command = [*program.EXECDASH, "serve", "--port", str(port), *options]
    process = program.start(command, log, program.settings(folder) | (settings or {}))
    program.until_ready(url, process, log)
    return Service(url, folder / "execdash.db", process)


@pytest.fixture(scope="package")
def demo_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service with demo data."""
    service = start_service(tmp_path_factory.mktemp("demo"), "--demo")
    yield service
    service.stop()


@pytest.fixture(scope="package")
def empty_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service on its first day, without any data."""
    service = start_service(tmp_path_factory.mktemp("empty"))
    yield service
    service.stop()


@pytest.fixture(scope="package")
def superstore_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service with real orders and nothing else, imported as a user does."""
    folder = tmp_path_factory.mktemp("superstore")
    execdash(folder, "db", "upgrade")
    mapping = str(ROOT / "mappings/superstore.yaml")
    execdash(folder, "import", "orders", str(ROOT / SUPERSTORE), "--mapping", mapping)
    service = start_service(folder)
    yield service
    service.stop()


def chromium_path() -> str:
    """Chromium as installed; ``CHROMIUM_PATH`` names another one."""
    path = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
    if path is None:
        pytest.fail("no Chromium on this machine: install Debian's chromium or set CHROMIUM_PATH")
    return path


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One headless Chromium for these tests.

    Not for the session: Playwright's event loop would still run under the tests that come after.
    """
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield opened
        opened.close()


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Let real time pass, as much as anything else may take, until something holds."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        page.wait_for_timeout(LOOK_MS)


def until_measured(page: Page, event_type: str) -> None:
    """Wait until the page has measured something, and will send it."""
    page.wait_for_function(MARKED, arg=f"execdash:{event_type}")


@dataclass
class Problems:
    """What the browser complained about."""

    messages: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.messages.append(f"page error: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.messages.append(f"{message.type}: {message.text}")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page at 1920x1080; any error or warning in its console fails the test."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="en-GB")
    yield from watched(context)


def watched(context: BrowserContext) -> Iterator[Page]:
    """A page of it, which is closed with it; then any error or warning in its console fails."""
    context.set_default_timeout(PATIENCE_MS)
    opened, problems = context.new_page(), Problems()
    problems.watch(opened)
    yield opened
    context.close()
    assert problems.messages == []

"""Measures both pages in one run. ``python -m tests.performance_browser --help``"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.progress import track

from loadtests.chromium import FLAGS
from tests.performance_browser import report, server
from tests.performance_browser.service import Running, running
from tests.performance_browser.visits import THROTTLED, UNTHROTTLED, Visit, visit

PAGES = {"ours": "/dashboard", "static": server.PATH}
CONDITIONS = (UNTHROTTLED, THROTTLED)

Measured = dict[str, dict[str, list[Visit]]]


def main() -> int:
    """Print the table, keep the JSON; 1 when a target is missed."""
    options = _options()
    with (
        tempfile.TemporaryDirectory(prefix="bench-browser-") as folder,
        running(Path(folder)) as service,
        sync_playwright() as playwright,
    ):
        chromium = options.chromium or os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        version = browser.version
        visits = measure(browser, service, options.runs)
        browser.close()
    missed = report.missed(visits)
    sys.stdout.write(report.table(visits) + "\n")
    sys.stdout.writelines(f"missed: {line}\n" for line in missed)
    document = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "browser": version,
        "runs": options.runs,
        "missed": missed,
        "medians": report.summary(visits),
    }
    options.result.parent.mkdir(parents=True, exist_ok=True)
    options.result.write_text(json.dumps(document, indent=1) + "\n")
    return 1 if missed else 0


def measure(browser: Browser, service: Running, runs: int) -> Measured:
    """The pages take turns, so that what the machine does beside them meets both alike."""
    found: Measured = {each.name: {page: [] for page in PAGES} for each in CONDITIONS}
    rounds = range(-1, runs)  # the first warms the server up
    for number in track(rounds, "Visiting", console=Console(stderr=True), transient=True):
        for conditions in CONDITIONS:
            for page in sorted(PAGES, reverse=number % 2 == 0):
                seen = visit(browser, service, PAGES[page], conditions)
                if number >= 0:
                    found[conditions.name][page].append(seen)
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench-browser", description=__doc__)
    parser.add_argument("--runs", type=int, default=10, help="visits of each page and condition")
    parser.add_argument("--chromium", help="the browser; default: the installed chromium")
    parser.add_argument("--result", type=Path, default=Path("test-results/bench-browser.json"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

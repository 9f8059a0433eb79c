"""Page views and switches in a real browser, timed by the page's own measurements.

Run ``python -m loadtests.browser --host http://127.0.0.1:8000 --result FILE``; then
``execdash slo gate --source browser --result FILE`` judges. See ``docs/slo.md``.
"""

import argparse
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import track

from loadtests import results
from loadtests.arguments import chromium, count, token_in
from loadtests.chromium import Sample, TabCrashed, ViewFailed, Visitors, launched
from loadtests.run import RENDER, SWITCH, TTFB, Kind, Series
from slo import evaluation

MOST_FAILURES = 5  # one after the other: the service is gone, not slow


@dataclass
class Measured:
    """Samples of one run. A view that is never drawn counts with the whole time it was given."""

    samples: "dict[Kind, Series]" = field(
        default_factory=lambda: {kind: Series() for kind in (TTFB, RENDER, SWITCH)}
    )
    started: float = field(default_factory=time.monotonic)
    answers: int = 0
    failures: int = 0
    failures_in_a_row: int = 0
    trouble: str = ""

    def add(self, sample: Sample) -> None:
        """Keep what the page measured."""
        kind, value = sample
        self.samples[kind].add(value, time.monotonic() - self.started)

    def succeed(self) -> None:
        """Count a view that was drawn and switched."""
        self.answers += 1
        self.failures_in_a_row = 0

    def fail(self, failed: ViewFailed) -> None:
        """Count what did not come in time."""
        self.add(failed.sample)
        self.failures += 1
        self.failures_in_a_row += 1


def measure(visitors: Visitors, views: int, warm_up: int) -> Measured:
    """Open the dashboard ``views`` times and switch once in each; the warm-up comes before."""
    measured = Measured()
    rounds = range(-warm_up, views)
    for number in track(rounds, "Browsing", console=Console(stderr=True), transient=True):
        if number == 0:
            measured = Measured()
        try:
            for sample in visitors.view():
                measured.add(sample)
            measured.succeed()
        except ViewFailed as failed:
            measured.fail(failed)
        except TabCrashed as crashed:
            measured.trouble = f"a tab of the browser crashed: {crashed}"
            break
        if measured.failures_in_a_row >= MOST_FAILURES:
            break
    return measured


def main() -> int:
    """Run, write the file, and give the exit code: 0 written, 2 wrong use, 3 not valid."""
    options = _options()
    browser_path = chromium(options.chromium)
    if browser_path is None:
        sys.stderr.write("browser run: no Chromium; install it or name one with --chromium\n")
        return evaluation.EXIT_USAGE
    started_at, begun = datetime.now(UTC), time.monotonic()
    with launched(browser_path) as browser:
        visitors = Visitors(browser, options.host.rstrip("/"), options.token)
        measured = measure(visitors, options.views, options.warm_up)
    invalid = measured.trouble or (None if measured.answers else "no page was drawn")
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


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests.browser", description=__doc__)
    parser.add_argument("--host", required=True, help="The service: http://127.0.0.1:8000")
    parser.add_argument("--result", required=True, type=Path, help="File for every sample.")
    parser.add_argument("--chromium", help="The browser. Default: the installed chromium")
    parser.add_argument(
        "--token-file",
        dest="token",
        default="/dev/null",
        type=token_in,
        metavar="FILE",
        help="Holds the access token that every request carries. Default: none",
    )
    parser.add_argument("--views", type=count, default=220, help="Default: 220")
    parser.add_argument("--warm-up", type=count, default=10, help="Views left out. Default: 10")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

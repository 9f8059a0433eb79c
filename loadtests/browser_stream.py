"""One real browser for a load run: it looks on and on, and writes a line for each measurement.

Locust's own loop and the browser's cannot share a process. ``loadtests/scenarios/browsers.py``
starts this one, with its settings as JSON on the standard input, and ends it by closing that.
A line is ``{"metric", "event_type", "value", "error"}``; ``error`` is null for what was drawn.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Iterable

from loadtests.chromium import Sample, ViewFailed, Visitors, launched

PAUSE_AFTER_FAILURE_SECONDS = 1.0


def main() -> None:
    """Look until the one who started this goes away."""
    settings = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with launched(settings["chromium"]) as browser:
        visitors = Visitors(browser, settings["host"], settings["token"])
        while True:
            try:
                _tell(visitors.open())
                time.sleep(settings["think_seconds"])
                _tell(visitors.switch())
                time.sleep(settings["think_seconds"])
            except ViewFailed as failed:
                _tell([failed.sample], str(failed))
                time.sleep(PAUSE_AFTER_FAILURE_SECONDS)


def _tell(samples: Iterable[Sample], error: str | None = None) -> None:
    for (metric, event_type), value in samples:
        line = {"metric": metric, "event_type": event_type, "value": value, "error": error}
        print(json.dumps(line), flush=True)  # noqa: T201 - this is what the process is for


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)  # the browser's driver ends when its pipe does


if __name__ == "__main__":
    main()

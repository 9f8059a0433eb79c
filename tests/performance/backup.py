"""How long backup and restore take: ``python -m tests.performance.backup sqlite``.

200,000 orders as files bring them, and 500,000 events as browsers send them, with one and six
measurements each. Every step runs as its command does, in a process of its own.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from api.storage.engine import open_engine
from api.storage.event_store import Event
from tests.performance.bodies import event_id, numbers
from tests.performance.cold_read import fill
from tests.performance.databases import ENGINES, databases, store

ORDERS, EVENTS = 200_000, 500_000
AT_ONCE = 5_000


def add_events(url: str, number: int) -> None:
    """Events of now; every second one with one measurement, the others with six."""
    engine, chance, now = open_engine(url), random.Random(1), datetime.now(UTC)
    stored = store(engine)
    stored.prepare(now.date())
    for first in range(0, number, AT_ONCE):
        stored.append([_event(chance, now, first + each) for each in range(AT_ONCE)])
    engine.dispose()


def _event(chance: random.Random, now: datetime, number: int) -> Event:
    measured = numbers(chance) if number % 2 else {"ttfb_ms": 120.0}
    return Event(
        event_id=event_id(time.time_ns() // 1_000_000),
        event_type="page_view",
        event_time=now,
        client_time=None,
        received_at=now,
        session_id="0f8fad5b-d9cb-469f",
        release=None,
        synthetic=False,
        numbers=measured,
        texts={},
    )


def timed(url: str, *arguments: str) -> float:
    """Seconds that a command takes on a database."""
    started = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "api.cli", "db", *arguments],
        env={**os.environ, "EXECDASH_DATABASE_URL": url},
        check=True,
        capture_output=True,
    )
    return time.monotonic() - started


def main() -> None:
    """Print one line."""
    parser = argparse.ArgumentParser(prog="backup", description=__doc__)
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--events", type=int, default=EVENTS)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        databases(options.engine, Path(folder)) as made,
    ):
        url, empty, file = made.new("filled"), made.new("empty"), f"{folder}/backup.zip"
        opened = open_engine(url)
        fill(opened, Path(folder), options.orders)
        opened.dispose()
        add_events(url, options.events)
        backup = timed(url, "backup", file)
        size = Path(file).stat().st_size
        restore = timed(empty, "restore", file)
        check = timed(empty, "check")
    sys.stdout.write(
        f"{options.engine}: {options.orders:,} orders and {options.events:,} events:"
        f" backup {backup:.0f} s ({size / 1e6:.0f} MB), restore {restore:.0f} s,"
        f" check {check:.0f} s\n"
    )


if __name__ == "__main__":
    main()

"""What the first answer of a cold start asks of the database: ``make bench-cold``.

A company with a million orders, imported as files are. Then, ten times: a new process, an engine
with nothing in its page cache, and the first answer of ``GET /api/executive-dashboard``.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.demo.service import load_demo
from api.imports.kinds import KINDS
from api.imports.loader import Origin
from api.imports.mapping import ColumnMapping
from api.imports.service import import_lines
from api.settings import Settings
from api.storage.engine import for_writing, open_engine
from tests.performance.databases import ENGINES, Databases
from tests.performance.processes import postgresql_server
from tests.performance.report import machine

ORDERS = 1_000_000
DAYS = 1_200  # over which they are booked
CUSTOMERS = 50_000
STARTS = 10
MOST_MS = 50.0


def fill(engine: Engine, folder: Path, orders: int) -> None:
    """The demonstration company with many more customers and orders, through the importer."""
    settings, now = Settings(state_dir=folder), datetime.now(UTC)
    load_demo(engine, settings, now)
    for kind, lines in (
        ("customers", customer_lines(CUSTOMERS)),
        ("orders", order_lines(orders, now.date() - timedelta(days=1))),
    ):
        with Session(for_writing(engine)) as session:
            origin = Origin(f"{kind}.csv", "local", now)
            import_lines(session, settings, KINDS[kind], lines, ColumnMapping(), origin)
            session.commit()


def customer_lines(number: int) -> Iterator[str]:
    """A file of customers."""
    yield "customer_id,name\n"
    yield from (f"X-{each},Customer {each}\n" for each in range(number))


def order_lines(number: int, last: date) -> Iterator[str]:
    """A file of orders as they come: booked on any day, most of them recognized by now."""
    draw = random.Random("orders")  # the same file each time
    yield "order_id,customer_id,booked_on,recognized_on,cancelled_on,amount,profit,type\n"
    for each in range(number):
        booked = last - timedelta(days=draw.randrange(DAYS))
        after = min(booked + timedelta(days=draw.randrange(40)), last)
        ends = draw.choices((f"{after},", f",{after}", ","), (95, 2, 3))[0]
        customer = draw.randrange(CUSTOMERS)
        yield f"X-{each},X-{customer},{booked},{ends},{draw.randrange(10, 900)},5,one_off\n"


@contextmanager
def database(engine: str, folder: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """An empty database's URL, and what empties its engine's page cache."""
    if engine == "sqlite":  # whose page cache is a process's own
        yield Databases(engine, folder).new("cold"), lambda: None
        return
    with postgresql_server() as server:

        def restart() -> None:
            server.stop()
            server.start()

        yield Databases(engine, folder, server.get_uri()).new("cold"), restart


@dataclass(frozen=True)
class Start:
    """One cold start, in milliseconds: the whole answer, and the database's part of it."""

    answer_ms: float  # the driver, the ORM and what it compiles once, formulas and JSON included
    database_ms: float  # in statements alone, as Server-Timing says
    statements: int


def cold_start(url: str) -> Start:
    """What a new process's first answer takes."""
    command = [sys.executable, "-m", "tests.performance.cold_answer", url]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Start(**json.loads(done.stdout))


def measure(
    url: str, empty_cache: Callable[[], None], folder: Path, orders: int, starts: int
) -> list[Start]:
    """Every start on a database that is filled first."""
    opened = open_engine(url)
    fill(opened, folder, orders)
    opened.dispose()
    return [_after(empty_cache, url) for _ in range(starts)]


def _after(empty_cache: Callable[[], None], url: str) -> Start:
    empty_cache()
    return cold_start(url)


def line(engine: str, orders: int, found: list[Start]) -> str:
    """The result for people."""
    database = [start.database_ms for start in found]
    answer = [start.answer_ms for start in found]
    verdict = "met" if median(database) < MOST_MS else "MISSED"
    return (
        f"{engine}: {orders:,} orders, {len(found)} cold starts: database time of the first answer"
        f" {median(database):.1f} ms (median), {max(database):.1f} ms (most), under"
        f" {MOST_MS:g} ms: {verdict}; the whole answer"
        f" {median(answer):.1f} ms (median), {max(answer):.1f} ms (most)"
    )


def main() -> None:
    """Print the line, keep the JSON beside that of the other engine."""
    parser = argparse.ArgumentParser(prog="bench-cold", description=__doc__)
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--starts", type=int, default=STARTS)
    parser.add_argument("--result", type=Path, default=Path("test-results/cold-read.json"))
    options = parser.parse_args()
    options.result.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=options.result.parent) as folder:
        place = Path(folder).absolute()
        with database(options.engine, place) as (url, empty_cache):
            found = measure(url, empty_cache, place, options.orders, options.starts)
    result = line(options.engine, options.orders, found)
    sys.stdout.write(f"{result}\n")
    _keep(
        options.result,
        options.engine,
        {"result": result, "starts": [asdict(start) for start in found]},
    )


def _keep(file: Path, engine: str, result: dict[str, Any]) -> None:
    known = json.loads(file.read_text()) if file.exists() else {"engines": {}}
    engines = known["engines"] | {engine: {"machine": machine(), **result}}
    file.write_text(json.dumps({"engines": engines}, indent=1) + "\n")


if __name__ == "__main__":
    main()

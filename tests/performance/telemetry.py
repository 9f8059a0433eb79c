"""What telemetry costs the two routes that are asked most: ``make bench-telemetry``.

The service as shipped, sending its traces to a receiver, beside the same with all telemetry taken
out, and beside an endpoint that returns the first screen's bytes: in turns, on one core each.
All are started several times.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import sleep
from urllib.request import urlopen

from api.demo.service import load_demo
from api.settings import Settings
from api.storage.engine import open_engine
from tests.performance import bodies, client
from tests.performance.databases import Databases
from tests.performance.processes import (
    CLIENT_CORE,
    Server,
    module,
    on_core,
    service,
    service_environment,
)
from tests.performance.report import machine

CONNECTIONS = 64
EVENTS, DASHBOARDS = "POST /api/events", "GET /api/executive-dashboard"
# In each round: few, as a machine's speed changes within seconds and a pair should see the same.
REQUESTS = {EVENTS: 800, DASHBOARDS: 1_500}
# Where a process's memory happens to lie makes it a little faster or slower until it ends.
STARTS, ROUNDS = 8, 12
MOST_LOST = 0.10  # of the requests a second without telemetry
LEAST_OF_BARE = 0.50
_GET = bodies.HEAD.replace(b"POST /api/events", DASHBOARDS.encode()).replace(b"%d", b"0")


@dataclass
class Side:
    """One server's rounds."""

    requests_per_second: list[float] = field(default_factory=list)
    processor_us: list[float] = field(default_factory=list)

    def take(self, server: Server, requests: list[bytes], expected: bytes) -> None:
        """One round."""
        busy = server.processor_seconds()
        with on_core(CLIENT_CORE):
            seconds = client.flood(server.port, requests, expected, CONNECTIONS)
        self.requests_per_second.append(len(requests) / seconds)
        spent = server.processor_seconds() - busy
        self.processor_us.append(spent / len(requests) * 1e6)


@dataclass
class Route:
    """One route with telemetry on and off, and where there is one beside a bare endpoint."""

    name: str
    on: Side = field(default_factory=Side)
    off: Side = field(default_factory=Side)
    bare: Side = field(default_factory=Side)

    @property
    def lost(self) -> float:
        """The part of the requests a second that telemetry costs; the median of all rounds."""
        pairs = zip(self.on.requests_per_second, self.off.requests_per_second, strict=True)
        return 1 - median(on / off for on, off in pairs)

    @property
    def lost_processor(self) -> float:
        """The same by processor time."""
        pairs = zip(self.on.processor_us, self.off.processor_us, strict=True)
        return 1 - median(off / on for on, off in pairs)

    @property
    def of_bare(self) -> float | None:
        """The part of the bare endpoint's requests a second that is reached."""
        pairs = zip(self.on.requests_per_second, self.bare.requests_per_second, strict=False)
        shares = [on / bare for on, bare in pairs]
        return median(shares) if shares else None


@dataclass(frozen=True)
class Servers:
    """All that is measured, and the receiver."""

    on: Server
    off: Server
    bare: Server
    receiver: Server


@contextmanager
def servers(folder: Path) -> Iterator[Servers]:
    """Start everything; each service has a database of its own with demonstration data."""
    folder.mkdir()
    with module("otlp_receiver", folder) as receiver:
        endpoint = f"http://127.0.0.1:{receiver.port}"
        with (
            service(_database(folder, "on"), folder, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint) as on,
            module(
                "unmeasured_service",
                folder,
                **service_environment(_database(folder, "off"), folder / "off"),
            ) as off,
        ):
            file = folder / "dashboard.json"
            with urlopen(f"http://127.0.0.1:{on.port}/api/executive-dashboard") as answer:
                file.write_bytes(answer.read())
            with module("bare_dashboard", folder, str(file)) as bare:
                yield Servers(on, off, bare, receiver)


def measure(folder: Path, starts: int, rounds: int, effort: float) -> list[Route]:
    """Every route, on and off in turns, by servers that are started anew ``starts`` times."""
    routes = [Route(EVENTS), Route(DASHBOARDS)]
    for start in range(starts):
        with servers(folder / str(start)) as running:
            for route in routes:
                _rounds(route, running, rounds, effort)
            _check_arrival(running.receiver)
    return routes


def _rounds(route: Route, running: Servers, rounds: int, effort: float) -> None:
    number = max(CONNECTIONS, round(REQUESTS[route.name] * effort))
    make, expected = _requests(route.name)
    _round(Route(route.name), running, make(number), expected)  # to warm up
    for turn in range(rounds):
        _round(route, running, make(number), expected, backwards=turn % 2 == 1)


def _round(
    route: Route,
    running: Servers,
    requests: list[bytes],
    expected: bytes,
    *,
    backwards: bool = False,
) -> None:
    sides = [(route.on, running.on), (route.off, running.off)]
    if route.name == DASHBOARDS:
        sides.append((route.bare, running.bare))
    for side, server in reversed(sides) if backwards else sides:
        side.take(server, requests, expected)


def _requests(name: str) -> tuple[Callable[[int], list[bytes]], bytes]:
    if name == EVENTS:
        return lambda number: bodies.requests(number, 1), client.acknowledging(1)
    return lambda number: [_GET] * number, b'"executiveKpis"'


def _database(folder: Path, name: str) -> str:
    url = Databases("sqlite", folder).new(name)
    settings = Settings(database_url=url, state_dir=folder / name)
    engine = open_engine(url)
    load_demo(engine, settings, datetime.now(UTC))
    engine.dispose()
    return url


def _check_arrival(receiver: Server) -> None:
    """Telemetry was on: traces have come."""
    for _ in range(100):
        with urlopen(f"http://127.0.0.1:{receiver.port}/") as answer:
            if int(answer.read()) > 0:
                return
        sleep(0.1)
    raise RuntimeError("no trace reached the receiver")


def lines(routes: list[Route]) -> list[str]:
    """The result for people."""
    found = []
    for route in routes:
        on, off = (median(side.requests_per_second) for side in (route.on, route.off))
        verdict = "met" if route.lost <= MOST_LOST else "MISSED"
        found.append(
            f"{route.name}: {on:,.0f}/s with telemetry, {off:,.0f}/s without: {route.lost:.1%} lost"
            f" ({route.lost_processor:.1%} by processor time), at most {MOST_LOST:.0%}: {verdict}"
        )
        if route.of_bare is not None:
            bare = median(route.bare.requests_per_second)
            verdict = "met" if route.of_bare >= LEAST_OF_BARE else "MISSED"
            found.append(
                f"{route.name}: {route.of_bare:.0%} of a bare endpoint's {bare:,.0f}/s,"
                f" at least {LEAST_OF_BARE:.0%}: {verdict}"
            )
    return found


def main() -> None:
    """Print the lines, keep the JSON."""
    parser = argparse.ArgumentParser(prog="bench-telemetry", description="What telemetry costs.")
    parser.add_argument("--starts", type=int, default=STARTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of each start")
    parser.add_argument("--effort", type=float, default=1.0, help="0.1: a tenth of the requests")
    parser.add_argument("--result", type=Path, default=Path("test-results/bench-telemetry.json"))
    options = parser.parse_args()
    options.result.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=options.result.parent) as folder:
        routes = measure(Path(folder).absolute(), options.starts, options.rounds, options.effort)
    sys.stdout.write("\n".join(lines(routes)) + "\n")
    document = {
        "machine": machine(),
        "starts": options.starts,
        "rounds": options.rounds,
        "effort": options.effort,
        "result": lines(routes),
        "routes": [
            {
                **asdict(route),
                "lost": route.lost,
                "lost_processor": route.lost_processor,
                "of_bare": route.of_bare,
            }
            for route in routes
        ],
    }
    options.result.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()

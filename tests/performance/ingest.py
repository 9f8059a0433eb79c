"""Events acknowledged a second, beside the least that is needed; how long an answer takes."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from api.ingest.writer import GROUP_EVENTS
from tests.performance import bodies, client
from tests.performance.databases import Databases
from tests.performance.processes import (
    CLIENT_CORE,
    SERVER_CORE,
    Server,
    bare_endpoint,
    on_core,
    service,
)
from tests.performance.raw_inserts import Spent

PACED_SECONDS = 4.0


@dataclass(frozen=True)
class Shape:
    """How many events a request has, over how many connections, and how many requests a round."""

    batch: int
    connections: int
    requests: int

    @property
    def group(self) -> int:
        """The most events that can wait for one commit; raw inserts get groups as large."""
        return min(self.batch * self.connections, GROUP_EVENTS)


SHAPES = (Shape(1, 256, 20_000), Shape(20, 64, 4_000), Shape(500, 16, 200))


@dataclass
class Throughput:
    """Events a second of each round, and seconds to an answer at half of the service's rate.

    The same in microseconds of processor time for an event: it tells more on a busy machine.
    """

    shape: Shape
    service: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)
    service_processor_us: list[float] = field(default_factory=list)
    bare_processor_us: list[float] = field(default_factory=list)
    raw_processor_us: list[float] = field(default_factory=list)
    p50_seconds: list[float] = field(default_factory=list)
    p99_seconds: list[float] = field(default_factory=list)

    @property
    def bound(self) -> float:
        """What one core could do that only decodes and only inserts."""
        return 1 / (1 / median(self.bare) + 1 / median(self.raw))

    @property
    def processor_share(self) -> float:
        """Of the service's processor time, how much decoding and inserting alone would take."""
        least = median(self.bare_processor_us) + median(self.raw_processor_us)
        return least / median(self.service_processor_us)


@dataclass(frozen=True)
class Ingest:
    """All of one engine."""

    throughput: list[Throughput]
    idle_bytes: int
    peak_bytes: int


def measure(databases: Databases, folder: Path, rounds: int, effort: float) -> Ingest:
    """Both servers and the raw inserts in turns. ``effort`` shortens every round."""
    with (
        service(databases.new("service"), folder) as ours,
        bare_endpoint(folder) as bare,
        closing(databases.raw_inserts(databases.new("raw"))) as raw,
    ):
        idle_bytes = ours.peak_bytes()
        throughput = []
        for shape in SHAPES:
            number = max(shape.connections, round(shape.requests * effort))
            one = _Turns(shape, number, ours, bare, raw.insert)
            one.take(Throughput(shape), rounds=1)  # to warm up
            throughput.append(one.take(Throughput(shape), rounds))
        for found in throughput:
            _pace(found, ours, rounds, effort)
        return Ingest(throughput, idle_bytes, ours.peak_bytes())


@dataclass(frozen=True)
class _Turns:
    shape: Shape
    requests: int
    ours: Server
    bare: Server
    insert: Callable[[int, int], Spent]

    def take(self, found: Throughput, rounds: int) -> Throughput:
        for _ in range(rounds):
            with on_core(CLIENT_CORE):
                made = bodies.requests(self.requests, self.shape.batch)
                self._flood(self.ours, made, found.service, found.service_processor_us)
                self._flood(self.bare, made, found.bare, found.bare_processor_us)
            with on_core(SERVER_CORE):
                spent = self.insert(self._events, self.shape.group)
                found.raw.append(self._events / spent.seconds)
                found.raw_processor_us.append(spent.processor_seconds / self._events * 1e6)
        return found

    @property
    def _events(self) -> int:
        return self.requests * self.shape.batch

    def _flood(
        self, server: Server, made: list[bytes], rates: list[float], processor_us: list[float]
    ) -> None:
        busy = server.processor_seconds()
        seconds = client.flood(
            server.port, made, client.acknowledging(self.shape.batch), self.shape.connections
        )
        rates.append(self._events / seconds)
        processor_us.append((server.processor_seconds() - busy) / self._events * 1e6)


def _pace(found: Throughput, ours: Server, rounds: int, effort: float) -> None:
    """Answers at half of the rate that was just seen, when nobody waits for answers to send."""
    shape = found.shape
    per_second = median(found.service) / shape.batch / 2
    number = max(10, round(per_second * PACED_SECONDS * effort))
    for _ in range(rounds):
        with on_core(CLIENT_CORE):
            made = bodies.requests(number, shape.batch)
            latencies = client.pace(
                ours.port, made, client.acknowledging(shape.batch), shape.connections, per_second
            )
        found.p50_seconds.append(nearest_rank(latencies, 50))
        found.p99_seconds.append(nearest_rank(latencies, 99))


def nearest_rank(ordered: list[float], percent: int) -> float:
    """A percentile of numbers in their order."""
    return ordered[-(-len(ordered) * percent // 100) - 1]

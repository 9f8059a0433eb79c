"""What became of every event that reached the service, exact at every moment."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector


@dataclass(frozen=True)
class LedgerCounts:
    """Events by fate since the start: ``received`` is always the sum of all that follow it.

    ``unparsed_requests`` stands apart: nobody knows how many events such a request held.
    """

    received: int
    accepted: int
    duplicates: int
    rejected: Mapping[str, int]
    shed: Mapping[str, int]
    in_flight: int
    unparsed_requests: Mapping[str, int]


class IngestLedger(Collector):
    """Counts events under one lock, so that a scrape sees them all at the same moment.

    Reasons come from constants in the code, never from a client, so there are few.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._lock = threading.Lock()
        self._received = 0
        self._accepted = 0
        self._duplicates = 0
        self._rejected: Counter[str] = Counter()
        self._shed: Counter[str] = Counter()
        self._unparsed: Counter[str] = Counter()
        registry.register(self)

    def receive(self, events: int) -> None:
        """``events`` were read from a request and are now in flight."""
        with self._lock:
            self._received += events

    def settle(
        self,
        *,
        accepted: int = 0,
        duplicates: int = 0,
        rejected: Mapping[str, int] | None = None,
        shed: Mapping[str, int] | None = None,
    ) -> None:
        """Events leave flight: stored, known already, refused (by reason), or shed (by reason)."""
        with self._lock:
            self._accepted += accepted
            self._duplicates += duplicates
            if rejected:
                self._rejected.update(rejected)
            if shed:
                self._shed.update(shed)

    def unparsed(self, reason: str) -> None:
        """A request that could not be parsed."""
        with self._lock:
            self._unparsed[reason] += 1

    def counts(self) -> LedgerCounts:
        """The whole ledger at one moment."""
        with self._lock:
            settled = self._accepted + self._duplicates
            settled += self._rejected.total() + self._shed.total()
            return LedgerCounts(
                self._received,
                self._accepted,
                self._duplicates,
                dict(self._rejected),
                dict(self._shed),
                self._received - settled,
                dict(self._unparsed),
            )

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """Called by the registry for each scrape."""
        now = self.counts()
        yield CounterMetricFamily(
            "ingest_events_received", "Events read from requests.", now.received
        )
        yield CounterMetricFamily("ingest_events_accepted", "Events stored.", now.accepted)
        yield CounterMetricFamily(
            "ingest_events_duplicates", "Events that were stored before.", now.duplicates
        )
        yield _by_reason("ingest_events_rejected", "Events refused.", now.rejected)
        yield _by_reason("ingest_events_shed", "Events not taken for lack of room.", now.shed)
        yield GaugeMetricFamily(
            "ingest_events_in_flight", "Events read and not yet settled.", now.in_flight
        )
        yield _by_reason(
            "ingest_requests_unparsed", "Requests that could not be parsed.", now.unparsed_requests
        )


def _by_reason(name: str, text: str, counts: Mapping[str, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=["reason"])
    for reason, count in sorted(counts.items()):
        family.add_metric([reason], count)
    return family

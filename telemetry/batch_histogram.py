"""A histogram that takes many samples at once: one at a time costs more than storing them."""

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator
from time import time

from prometheus_client import CollectorRegistry
from prometheus_client.core import Exemplar, HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString


class BatchHistogram(Collector):
    """Counts samples by bucket. ``bounds`` are in the unit that is shown.

    Samples come in a unit ``divisor`` times smaller (milliseconds for seconds).
    """

    def __init__(
        self,
        name: str,
        text: str,
        bounds: Iterable[float],
        divisor: float,
        registry: CollectorRegistry,
    ) -> None:
        self._name = name
        self._text = text
        self._divisor = divisor
        shown = sorted(bounds)
        self._labels = [*map(floatToGoString, shown), "+Inf"]
        # Rounded: 0.035 seconds must be 35 milliseconds, not a little more.
        self._bounds = [round(bound * divisor, 9) for bound in shown]
        self._up_to = [0] * len(self._labels)  # samples at or under each bound, and all
        self._sum = 0.0
        self._exemplars: dict[int, Exemplar] = {}
        self._lock = threading.Lock()
        registry.register(self)

    def observe(
        self, samples: Collection[float], traced: Iterable[tuple[float, dict[str, str]]] = ()
    ) -> None:
        """Count ``samples``; of ``traced`` ones keep the last labels in each bucket."""
        ordered = sorted(samples)
        added = [bisect_right(ordered, bound) for bound in self._bounds]
        now = time()
        with self._lock:
            self._up_to = [
                old + new for old, new in zip(self._up_to, [*added, len(ordered)], strict=True)
            ]
            self._sum += sum(ordered)
            for sample, labels in traced:
                bucket = bisect_left(self._bounds, sample)
                self._exemplars[bucket] = Exemplar(labels, sample / self._divisor, now)

    def describe(self) -> Iterator[HistogramMetricFamily]:
        """Called by the registry when the histogram is registered."""
        yield HistogramMetricFamily(self._name, self._text)

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """Called by the registry for each scrape."""
        with self._lock:
            up_to, total = self._up_to, self._sum
            exemplars = dict(self._exemplars)
        buckets = [
            (label, count, exemplars[number]) if number in exemplars else (label, count)
            for number, (label, count) in enumerate(zip(self._labels, up_to, strict=True))
        ]
        yield HistogramMetricFamily(self._name, self._text, buckets, total / self._divisor)

"""A histogram whose samples are counted many at once: one at a time costs more than storing them.

A sample waits until the next scrape, or until many wait, so every scrape has them all.
"""

import threading
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import accumulate, repeat
from time import time

from prometheus_client import CollectorRegistry
from prometheus_client.core import Exemplar, HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

MOST_WAITING = 2000  # samples of one series
Bucket = tuple[str, float] | tuple[str, float, Exemplar]


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
        labels: Sequence[str] = (),
    ) -> None:
        self._name = name
        self._text = text
        self._bounds = sorted(bounds)
        self._divisor = divisor
        self._labels = labels
        self._series: dict[tuple[str, ...], Series] = {}
        if not labels:
            self.series()  # is shown before its first sample
        registry.register(self)

    def series(self, *values: str) -> "Series":
        """The samples with these values of the labels."""
        return self._series.setdefault(values, Series(self._bounds, self._divisor))

    def describe(self) -> Iterator[HistogramMetricFamily]:
        """Called by the registry when the histogram is registered."""
        yield HistogramMetricFamily(self._name, self._text)

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """Called by the registry for each scrape."""
        family = HistogramMetricFamily(self._name, self._text, labels=self._labels)
        for values, series in list(self._series.items()):
            family.add_metric(values, *series.counted())
        yield family


class Series:
    """Samples with the same labels. Any thread may add some."""

    def __init__(self, bounds: Sequence[float], divisor: float) -> None:
        self._divisor = divisor
        self._shown = [*map(floatToGoString, bounds), "+Inf"]
        # Rounded: 0.035 seconds must be 35 milliseconds, not a little more.
        self._bounds = [round(bound * divisor, 9) for bound in bounds]
        self._waiting: deque[float] = deque()
        self._buckets: Counter[int] = Counter()  # samples by the first bound that holds them
        self._sum = 0.0
        self._exemplars: dict[int, Exemplar] = {}
        self._lock = threading.Lock()

    def add(self, sample: float, trace_id: str | None = None) -> None:
        """Count one sample; ``trace_id`` leads to what it measured."""
        waiting = self._waiting
        waiting.append(sample)
        if trace_id is not None:
            self._show([(sample, trace_id)])
        if len(waiting) > MOST_WAITING:
            self._count()

    def observe_all(
        self, samples: Collection[float], traced: Iterable[tuple[float, str]] = ()
    ) -> None:
        """Count ``samples``; of ``traced`` ones keep the last trace's id in each bucket."""
        self._waiting.extend(samples)
        self._show(traced)
        if len(self._waiting) > MOST_WAITING:
            self._count()

    def counted(self) -> tuple[list[Bucket], float]:
        """The buckets with their exemplars, and the sum."""
        self._count()
        with self._lock:
            up_to = accumulate(self._buckets[number] for number in range(len(self._shown)))
            counts, total = list(up_to), self._sum
            exemplars = dict(self._exemplars)
        buckets: list[Bucket] = [
            (label, count, exemplars[number]) if number in exemplars else (label, count)
            for number, (label, count) in enumerate(zip(self._shown, counts, strict=True))
        ]
        return buckets, total / self._divisor

    def _count(self) -> None:
        with self._lock:
            waiting = self._waiting  # to which others may add meanwhile
            samples = [waiting.popleft() for _ in range(len(waiting))]
            self._buckets.update(map(bisect_left, repeat(self._bounds), samples))
            self._sum += sum(samples)

    def _show(self, traced: Iterable[tuple[float, str]]) -> None:
        now = time()
        for sample, trace_id in traced:
            labels = {"trace_id": trace_id}
            bucket = bisect_left(self._bounds, sample)
            with self._lock:
                self._exemplars[bucket] = Exemplar(labels, sample / self._divisor, now)

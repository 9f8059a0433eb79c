"""One load run in one process: its samples, and whether its generator kept up."""

import time
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from gevent import GreenletExit

Kind = tuple[str, str]  # metric and event type, as the objectives name them

TTFB: Kind = ("ttfb_ms", "page_view")
RENDER: Kind = ("render_total_ms", "page_view")
SWITCH: Kind = ("switch_latency_ms", "switch_range_or_granularity")
POLL_INTERVAL: Kind = ("alerts_poll_interval_ms", "alerts_poll")
API_LATENCY: Kind = ("api_latency_ms", "api_response")
API_STATUS: Kind = ("api_status_code", "api_response")

NO_ANSWER_STATUS = 599.0  # no server sends it; a request without an answer is a server's error
TIMEOUT_SECONDS = 30.0
FAILED_MS = TIMEOUT_SECONDS * 1000  # what failed is as bad a sample as there can be


@dataclass
class Series:
    """Samples of one kind, each with the second of the run that it belongs to."""

    values: "array[float]" = field(default_factory=lambda: array("d"))
    at_seconds: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, value: float, at_seconds: float) -> None:
        """Keep one sample, exactly as it was measured."""
        self.values.append(value)
        self.at_seconds.append(at_seconds)


@dataclass
class Run:
    """What one process measured. What began before ``warm_up_seconds`` had passed is left out.

    ``answers`` and ``failures`` count every request, by the second of the run. ``errors`` says what
    the failures were. ``cut`` holds how long those had waited that were under way when their user
    was stopped, and ``left_out`` counts those of them that nobody judges. ``lags_ms`` is how late
    the generator was each time it looked, ``most_lag_ms_at`` the most of it by the second of the
    run. ``trouble`` is why the generator itself cannot be believed.
    """

    warm_up_seconds: float = 0.0
    started: float = field(default_factory=time.perf_counter)
    samples: dict[Kind, Series] = field(default_factory=dict)
    cut: dict[Kind, Series] = field(default_factory=dict)
    answers_at: Counter[int] = field(default_factory=Counter)
    failures_at: Counter[int] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    lags_ms: "array[float]" = field(default_factory=lambda: array("d"))
    most_lag_ms_at: dict[int, float] = field(default_factory=dict)
    trouble: str = ""
    left_out: int = 0

    def begin(self, warm_up_seconds: float) -> None:
        """Forget what was before; the warm-up starts now."""
        self.warm_up_seconds = warm_up_seconds
        self.started = time.perf_counter()
        self.take()

    @property
    def seconds(self) -> float:
        """How long it runs already, the warm-up included."""
        return time.perf_counter() - self.started

    @property
    def answers(self) -> int:
        """Requests that got an answer, a bad one too."""
        return self.answers_at.total()

    @property
    def failures(self) -> int:
        """Requests that got none."""
        return self.failures_at.total()

    def is_warm(self, begun: float | None = None) -> bool:
        """Whether what began at ``begun``, else what begins now, is kept."""
        begun = time.perf_counter() if begun is None else begun
        return begun - self.started >= self.warm_up_seconds

    def add(self, kind: Kind, value: float, begun: float | None = None) -> None:
        """Keep one sample, exactly as it was measured."""
        if self.is_warm(begun):
            self.samples.setdefault(kind, Series()).add(value, self.seconds)

    def count(self, error: str = "", *, answered: bool, begun: float | None = None) -> None:
        """Count one request, answered or not, and what was wrong with it."""
        if self.is_warm(begun):
            (self.answers_at if answered else self.failures_at)[int(self.seconds)] += 1
            if error:
                self.errors[error] += 1

    @contextmanager
    def under_way(self, kind: Kind, begun: float) -> Iterator[None]:
        """Keep how long a request has waited already, should its user be stopped meanwhile."""
        try:
            yield
        except GreenletExit:
            if self.is_warm(begun):
                waited_ms = (time.perf_counter() - begun) * 1000
                self.cut.setdefault(kind, Series()).add(waited_ms, self.seconds)
            raise

    def add_lag(self, lag_ms: float) -> None:
        """Keep how late the generator itself was: it adds to every time it measures."""
        if self.is_warm():
            self.lags_ms.append(lag_ms)
            self._add_most_lag(int(self.seconds), lag_ms)

    def _add_most_lag(self, second: int, lag_ms: float) -> None:
        self.most_lag_ms_at[second] = max(lag_ms, self.most_lag_ms_at.get(second, 0.0))

    def latest_ms(self, first_second: float, last_second: float) -> float:
        """How late the generator was at most in a stretch of the run, a second around included."""
        seconds = range(int(first_second) - 1, int(last_second) + 2)
        return max((self.most_lag_ms_at.get(second, 0.0) for second in seconds), default=0.0)

    def total(self, kinds: list[Kind]) -> int:
        """How many samples of some kinds there are."""
        return sum(len(self.samples[kind].values) for kind in kinds if kind in self.samples)

    def take(self) -> dict[str, Any]:
        """Hand over what came together, in a form that travels to Locust's master."""
        parcel = {
            "samples": _packed(self.samples),
            "cut": _packed(self.cut),
            "answers_at": list(self.answers_at.items()),
            "failures_at": list(self.failures_at.items()),
            "errors": dict(self.errors),
            "lags_ms": list(self.lags_ms),
            "most_lag_ms_at": list(self.most_lag_ms_at.items()),
            "trouble": self.trouble,
        }
        self.samples, self.cut, self.lags_ms, self.trouble = {}, {}, array("d"), ""
        self.answers_at, self.failures_at, self.errors = Counter(), Counter(), Counter()
        self.most_lag_ms_at = {}
        return parcel

    def merge(self, parcel: Mapping[str, Any]) -> None:
        """Add what a worker took; its own warm-up is already left out."""
        for kept, packed in ((self.samples, parcel["samples"]), (self.cut, parcel["cut"])):
            for metric, event_type, values, at_seconds in packed:
                series = kept.setdefault((metric, event_type), Series())
                series.values.extend(values)
                series.at_seconds.extend(at_seconds)
        self.answers_at.update(dict(parcel["answers_at"]))
        self.failures_at.update(dict(parcel["failures_at"]))
        self.errors.update(parcel["errors"])
        self.lags_ms.extend(parcel["lags_ms"])
        for second, lag_ms in parcel["most_lag_ms_at"]:
            self._add_most_lag(second, lag_ms)
        self.trouble = self.trouble or parcel["trouble"]


def _packed(kept: Mapping[Kind, Series]) -> list[list[Any]]:
    return [[*kind, list(one.values), list(one.at_seconds)] for kind, one in kept.items()]

"""One load run in one process: its samples, and whether its generator kept up."""

import time
from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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
    """What one process measured. Samples before ``warm_up_seconds`` have passed are left out.

    ``answers`` and ``failures`` count every request, by the second of the run. ``errors`` says what
    the failures were. ``trouble`` is why the generator itself cannot be believed.
    """

    warm_up_seconds: float = 0.0
    started: float = field(default_factory=time.perf_counter)
    samples: dict[Kind, Series] = field(default_factory=dict)
    answers_at: Counter[int] = field(default_factory=Counter)
    failures_at: Counter[int] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    lags_ms: "array[float]" = field(default_factory=lambda: array("d"))
    trouble: str = ""

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

    def add(self, kind: Kind, value: float) -> None:
        """Keep one sample, exactly as it was measured."""
        now = self.seconds
        if now >= self.warm_up_seconds:
            self.samples.setdefault(kind, Series()).add(value, now)

    def count(self, error: str = "", *, answered: bool) -> None:
        """Count one request, answered or not, and what was wrong with it."""
        (self.answers_at if answered else self.failures_at)[int(self.seconds)] += 1
        if error:
            self.errors[error] += 1

    def add_lag(self, lag_ms: float) -> None:
        """Keep how late the generator itself was: it adds to every time it measures."""
        if self.seconds >= self.warm_up_seconds:
            self.lags_ms.append(lag_ms)

    def total(self, kinds: list[Kind]) -> int:
        """How many samples of some kinds there are."""
        return sum(len(self.samples[kind].values) for kind in kinds if kind in self.samples)

    def take(self) -> dict[str, Any]:
        """Hand over what came together, in a form that travels to Locust's master."""
        parcel = {
            "samples": [
                [*kind, list(series.values), list(series.at_seconds)]
                for kind, series in self.samples.items()
            ],
            "answers_at": list(self.answers_at.items()),
            "failures_at": list(self.failures_at.items()),
            "errors": dict(self.errors),
            "lags_ms": list(self.lags_ms),
            "trouble": self.trouble,
        }
        self.samples, self.lags_ms, self.trouble = {}, array("d"), ""
        self.answers_at, self.failures_at, self.errors = Counter(), Counter(), Counter()
        return parcel

    def merge(self, parcel: Mapping[str, Any]) -> None:
        """Add what a worker took; its own warm-up is already left out."""
        for metric, event_type, values, at_seconds in parcel["samples"]:
            series = self.samples.setdefault((metric, event_type), Series())
            series.values.extend(values)
            series.at_seconds.extend(at_seconds)
        self.answers_at.update(dict(parcel["answers_at"]))
        self.failures_at.update(dict(parcel["failures_at"]))
        self.errors.update(parcel["errors"])
        self.lags_ms.extend(parcel["lags_ms"])
        self.trouble = self.trouble or parcel["trouble"]

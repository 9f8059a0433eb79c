"""One load run in one process: its samples, and whether its generator kept up."""

import time
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Kind = tuple[str, str]  # metric and event type, as the objectives name them

TTFB: Kind = ("ttfb_ms", "page_view")
POLL_INTERVAL: Kind = ("alerts_poll_interval_ms", "alerts_poll")
API_LATENCY: Kind = ("api_latency_ms", "api_response")
API_STATUS: Kind = ("api_status_code", "api_response")

NO_ANSWER_STATUS = 599.0  # no server sends it; a request without an answer is a server's error
TIMEOUT_SECONDS = 30.0


@dataclass
class Run:
    """What one process measured. Everything before ``warm_up_seconds`` have passed is left out."""

    warm_up_seconds: float = 0.0
    started: float = field(default_factory=time.monotonic)
    samples: dict[Kind, "array[float]"] = field(default_factory=dict)
    answers: int = 0
    failures: int = 0
    lags_ms: "array[float]" = field(default_factory=lambda: array("d"))
    cpu_was_full: bool = False

    def begin(self) -> None:
        """Forget what was before; the warm-up starts now."""
        self.started = time.monotonic()
        self.take()

    def add(self, kind: Kind, value: float) -> None:
        """Keep one sample, exactly as it was measured."""
        if self._is_warm():
            self.samples.setdefault(kind, array("d")).append(value)

    def count(self, *, answered: bool) -> None:
        """Count one request, answered or not."""
        if answered:
            self.answers += 1
        else:
            self.failures += 1

    def add_lag(self, lag_ms: float) -> None:
        """Keep how late the generator itself was: it adds to every time it measures."""
        if self._is_warm():
            self.lags_ms.append(lag_ms)

    def take(self) -> dict[str, Any]:
        """Hand over what came together, in a form that travels to Locust's master."""
        parcel = {
            "samples": [[*kind, list(values)] for kind, values in self.samples.items()],
            "answers": self.answers,
            "failures": self.failures,
            "lags_ms": list(self.lags_ms),
            "cpu_was_full": self.cpu_was_full,
        }
        self.samples, self.lags_ms = {}, array("d")
        self.answers = self.failures = 0
        self.cpu_was_full = False
        return parcel

    def merge(self, parcel: Mapping[str, Any]) -> None:
        """Add what a worker took; its own warm-up is already left out."""
        for metric, event_type, values in parcel["samples"]:
            self.samples.setdefault((metric, event_type), array("d")).extend(values)
        self.answers += parcel["answers"]
        self.failures += parcel["failures"]
        self.lags_ms.extend(parcel["lags_ms"])
        self.cpu_was_full |= parcel["cpu_was_full"]

    def _is_warm(self) -> bool:
        return time.monotonic() - self.started >= self.warm_up_seconds

"""One objective, as every judge, rule and panel sees it."""

import operator
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from itertools import repeat
from typing import Literal

from slo.maintenance import Maintenance

Operator = Literal["lt", "lte", "gt", "gte", "band"]
Severity = Literal["page", "ticket"]

_COMPARE = {"lt": operator.lt, "lte": operator.le, "gt": operator.gt, "gte": operator.ge}


@dataclass(frozen=True)
class Threshold:
    """What makes a sample good: one comparison, or a band whose ends both belong to it."""

    op: Operator
    value: float | None = None
    low: float | None = None
    high: float | None = None

    def is_good(self, value: float) -> bool:
        """Compare one sample, unrounded. NaN is never good."""
        return self.count_good([value]) == 1

    def count_good(self, values: Collection[float]) -> int:
        """How many samples are good, without a step in Python for each."""
        if self.op == "band":
            assert self.low is not None
            assert self.high is not None
            return sum(self.low <= value <= self.high for value in values)
        return sum(map(_COMPARE[self.op], values, repeat(self._line)))

    @property
    def bounds(self) -> tuple[float, ...]:
        """Every number a histogram needs a bucket at: the line, or both ends of the band."""
        return tuple(b for b in (self.low, self.value, self.high) if b is not None)

    @property
    def _line(self) -> float:
        assert self.value is not None
        return self.value


@dataclass(frozen=True)
class AlertTier:
    """Fires when the burn rate is over ``burn_rate`` in both windows."""

    name: str
    severity: Severity
    burn_rate: Fraction
    long: timedelta
    short: timedelta


@dataclass(frozen=True)
class Objective:
    """One promise. ``percentile`` is the whole-number percentile that equals the target, if any.

    ``sources`` are those that can judge it. ``minimum_events`` is the fewest events that a verdict
    needs; ``alert_minimum_bad_events`` the fewest bad ones that an alert needs. ``maintenance``
    is in the order of time, and no hour is in two windows.
    """

    name: str
    title: str
    description: str
    service: str
    metric: str
    event_types: tuple[str, ...]
    unit: str
    threshold: Threshold
    target: Fraction
    percentile: int | None
    minimum_events: int
    sources: tuple[str, ...]
    window_days: int
    shown_windows: tuple[int, ...]
    tiers: tuple[AlertTier, ...]
    alert_minimum_bad_events: int
    maintenance: tuple[Maintenance, ...] = ()

    @property
    def longest_alert_window(self) -> timedelta:
        """How far back its alerts look at most; 0 without alerts."""
        return max((tier.long for tier in self.tiers), default=timedelta())

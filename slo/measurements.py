"""What a source tells of one objective: counts, and percentiles to look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from slo.maintenance import Maintenance
from slo.objective import Objective

MOST_EVENTS = 10**12  # of one window: more is no count, and exact arithmetic takes too long
UNORDERED_UNITS = frozenset({"status"})  # a percentile of status codes says nothing


@dataclass(frozen=True)
class LeftOut:
    """A window of maintenance and how many events fell into it; None where nobody counted them."""

    maintenance: Maintenance
    events: int | None


@dataclass(frozen=True)
class Measurement:
    """Exact counts of good and of all events, and percentiles in the objective's unit, if known.

    ``samples`` are the events themselves, in order, where the source has them. ``left_out`` is the
    maintenance whose events are not among them, and what is planned.
    """

    good: int
    total: int
    p95: float | None = None
    p99: float | None = None
    samples: Sequence[float] | None = field(default=None, repr=False)
    left_out: tuple[LeftOut, ...] = ()


class Source(Protocol):
    """Where events were counted."""

    @property
    def name(self) -> str:
        """One of the names that objectives list as their sources."""

    def measure(self, objectives: Sequence[Objective]) -> Mapping[str, Measurement]:
        """Counts by objective's name; absent is no events. Raises Unreachable or BadResult."""


class Unreachable(Exception):
    """The source did not answer: nothing is known, which is never a pass.

    ``where`` is an address, a file or a store, and ``why`` goes on from there: ``answered 503``.
    """

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where} {why}")
        self.where = where
        self.why = why


class BadResult(Exception):
    """The source answered what cannot be judged: another threshold, a broken file."""

"""Names of Prometheus series and the bits of PromQL that rules and panels share."""

from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction

EVENTS_COUNTER = "slo_events_total"

OBJECTIVE = "slo:objective:ratio"
ERROR_BUDGET = "slo:error_budget:ratio"
PERIOD_DAYS = "slo:time_period:days"
CURRENT_BURN_RATE = "slo:current_burn_rate:ratio"
PERIOD_BURN_RATE = "slo:period_burn_rate:ratio"
BUDGET_REMAINING = "slo:period_error_budget_remaining:ratio"

_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1))


def duration(length: timedelta) -> str:
    """Write a length as PromQL does: the largest unit that divides it, such as 28d, 90m, 1500ms."""
    milliseconds = length // timedelta(milliseconds=1)
    unit, size = next((u, s) for u, s in _UNITS if milliseconds % s == 0)
    return f"{milliseconds // size}{unit}"


def error_ratio(window: timedelta) -> str:
    """The share of bad events in a window; no series where there was no event."""
    return f"slo:sli_error:ratio_rate{duration(window)}"


def events(window: timedelta) -> str:
    """How many events a window holds."""
    return f"slo:events:increase{duration(window)}"


def bad_events(window: timedelta) -> str:
    """How many bad events a window holds."""
    return f"slo:bad_events:increase{duration(window)}"


def decimal(number: Fraction) -> str:
    """Write an exact rational as the shortest decimal that reads back as its nearest double."""
    return repr(float(number))


def any_of(names: Iterable[str]) -> str:
    """A regular expression that matches each of ``names`` and nothing else."""
    return "|".join(names)


def quantile(share: float, histogram: str, length: str, *by: str, where: str = "") -> str:
    """Estimate a quantile of a histogram's increase over ``length``, such as ``[5m]``."""
    labels = ", ".join((*by, "le"))
    buckets = f"sum by ({labels}) (rate({histogram}_bucket{where}{length}))"
    return f"histogram_quantile({share:g}, {buckets})"

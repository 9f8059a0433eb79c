"""Verdicts: counts decide, as exact rationals. Pure arithmetic, no I/O and no clock."""

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Literal, Protocol

Verdict = Literal["pass", "fail", "insufficient_data", "not_applicable"]

EXIT_PASS = 0
EXIT_FAIL = 1
EXIT_USAGE = 2
EXIT_UNKNOWN = 3  # insufficient data, or the source could not be reached

# What decides when several results are put together: the worst that is certain comes first.
PRECEDENCE = (EXIT_USAGE, EXIT_FAIL, EXIT_UNKNOWN, EXIT_PASS)

# An estimate on the wrong side moves this far over the line: less than its own error of 1 %,
# and far enough that a whole number shown to a person (99 of 100) stays on the right side.
CLAMP_MARGIN = 0.006


class Judged(Protocol):
    """What a verdict needs to know of an objective."""

    @property
    def target(self) -> Fraction:
        """The share of good events asked for."""

    @property
    def minimum_events(self) -> int:
        """Fewer events than this are not enough to judge."""


class Line(Protocol):
    """What a displayed percentile needs to know of a threshold."""

    @property
    def op(self) -> str:
        """One of ``lt``, ``lte``, ``gt``, ``gte``, ``band``."""

    @property
    def value(self) -> float | None:
        """The threshold; None for a band."""


def check_counts(good: int, total: int) -> None:
    """Refuse counts that no set of events can have. Raises ValueError."""
    if not 0 <= good <= total:
        raise ValueError(f"good={good} of total={total} is not a count of events")


def judge(good: int, total: int, objective: Judged) -> Verdict:
    """Judge ``good`` of ``total`` events. Equal to the target passes; too few never do."""
    check_counts(good, total)
    if total == 0 or total < objective.minimum_events:
        return "insufficient_data"
    return "pass" if Fraction(good, total) >= objective.target else "fail"


def good_ratio(good: int, total: int) -> Fraction | None:
    """The exact share of good events; None without events."""
    check_counts(good, total)
    return Fraction(good, total) if total else None


def exit_code(verdicts: Iterable[Verdict], *, unreachable: bool = False) -> int:
    """Combine verdicts into one exit code. Nothing judged is 3, and never a pass."""
    meaning = {"pass": EXIT_PASS, "fail": EXIT_FAIL, "insufficient_data": EXIT_UNKNOWN}
    codes = {meaning[verdict] for verdict in verdicts if verdict != "not_applicable"}
    if unreachable or not codes:
        codes.add(EXIT_UNKNOWN)
    return next(code for code in PRECEDENCE if code in codes)


def displayed_percentile(estimate: float | None, verdict: Verdict, line: Line) -> float | None:
    """Move an estimate to the verdict's side of the threshold, so that the two never contradict.

    The estimate is that of the percentile which equals the target (P95 at 95 %, P99 at 99 %).
    A band has no single side, and without a verdict there is nothing to contradict.
    """
    if estimate is None or line.value is None or verdict not in ("pass", "fail"):
        return estimate
    low_is_good = line.op in ("lt", "lte")
    below = low_is_good == (verdict == "pass")
    line_belongs = (verdict == "pass") == (line.op in ("lte", "gte"))
    margin = 0.0 if line_belongs else abs(line.value) * CLAMP_MARGIN
    crossed = estimate > line.value if below else estimate < line.value
    if crossed or (estimate == line.value and not line_belongs):
        return line.value - margin if below else line.value + margin
    return estimate


def interval(good: int, total: int, confidence: float = 0.95) -> tuple[float, float] | None:
    """Exact binomial (Clopper-Pearson) bounds of the good ratio; None without events.

    They are shown beside the verdict and never decide.
    """
    check_counts(good, total)
    if total == 0:
        return None
    tail = (1 - confidence) / 2
    low = 0.0 if good == 0 else _beta_quantile(tail, good, total - good + 1)
    high = 1.0 if good == total else _beta_quantile(1 - tail, good + 1, total - good)
    return low, high


def _beta_quantile(probability: float, a: int, b: int) -> float:
    """Invert the regularised incomplete beta function by bisection."""
    low, high = 0.0, 1.0
    while True:
        middle = (low + high) / 2
        if middle in (low, high):  # neighbouring doubles: nothing lies between
            return middle
        if _incomplete_beta(middle, a, b) < probability:
            low = middle
        else:
            high = middle


def _incomplete_beta(x: float, a: int, b: int) -> float:
    """The regularised incomplete beta function I_x(a, b)."""
    if x > (a + 1) / (a + b + 2):  # there the fraction of the mirrored function converges fast
        return 1 - _incomplete_beta(1 - x, b, a)
    front = a * math.log(x) + b * math.log1p(-x) - _log_beta(a, b)
    return math.exp(front) / a / _continued_fraction(x, a, b)


def _log_beta(a: int, b: int) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def _continued_fraction(x: float, a: int, b: int) -> float:
    """1 + d1/(1 + d2/(1 + ...)) with DLMF 8.17.23's coefficients, by Lentz's method."""
    value, numerator, denominator = 1.0, 1.0, 0.0
    for step in range(1, 100_000):
        m = step // 2
        if step % 2:
            coefficient = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            coefficient = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        denominator = 1 / ((1 + coefficient * denominator) or 1e-300)
        numerator = (1 + coefficient / numerator) or 1e-300
        value *= numerator * denominator
        if abs(numerator * denominator - 1) < 1e-15:
            break
    return value

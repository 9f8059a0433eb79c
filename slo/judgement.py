"""One objective, what was measured of it, and what follows: the verdict and its company."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from slo import budget, evaluation
from slo.evaluation import Verdict
from slo.measurements import LeftOut, Measurement
from slo.objective import Objective


@dataclass(frozen=True)
class Judgement:
    """One objective and what became of it. ``percentile`` is the one that equals the target.

    ``percentile_value`` is on the verdict's side of the threshold. ``good_ratio``, ``interval``
    (exact binomial, 95 %) and ``budget_remaining`` are None without events.
    ``samples`` are the events themselves, in order, where they are known. ``left_out`` is
    maintenance, which counts for nothing.
    """

    objective: Objective
    good: int
    total: int
    verdict: Verdict
    p95: float | None
    percentile_value: float | None
    good_ratio: Fraction | None
    interval: tuple[float, float] | None
    budget_remaining: Fraction | None
    samples: Sequence[float] | None = field(default=None, repr=False)
    left_out: tuple[LeftOut, ...] = ()


def judge(objective: Objective, measured: Measurement, *, applies: bool = True) -> Judgement:
    """Judge one measurement; a source that an objective does not name is ``not_applicable``."""
    good, total = measured.good, measured.total
    verdict: Verdict = evaluation.judge(good, total, objective) if applies else "not_applicable"
    raw = {95: measured.p95, 99: measured.p99}
    shown = {
        percent: evaluation.displayed_percentile(value, verdict, objective.threshold)
        if percent == objective.percentile
        else value
        for percent, value in raw.items()
    }
    return Judgement(
        objective,
        good,
        total,
        verdict,
        shown[95],
        shown.get(objective.percentile or 0),
        evaluation.good_ratio(good, total),
        evaluation.interval(good, total),
        budget.budget_remaining(good, total, objective.target),
        measured.samples,
        measured.left_out,
    )

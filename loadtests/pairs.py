"""Runs of two revisions, made in turns, held against each other.

Samples of all rounds together are tested by ``slo.regression``, exactly and one-sided. Those tests
take samples for independent, and a machine has hiccups, and moods that last for a whole run. So
what they call worse must be so whichever round is left out, and it must be worse in nearly every
round, each beside its neighbour.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from rich.table import Table

from loadtests import watch
from loadtests.driven import Driven
from slo import gate, regression
from slo.objectives import Objective

MOST_ROUNDS = Fraction(3, 4)
Number = float | None
Tested = tuple[Objective, regression.Run, regression.Comparison]  # the run is the one after


@dataclass(frozen=True)
class Row:
    """One objective on both sides; times in its unit, chances from ``slo.regression``."""

    objective: str
    unit: str
    medians: tuple[Number, Number]
    p95s: tuple[Number, Number]
    good: tuple[int, int]
    total: tuple[int, int]
    p_counts: float
    p_samples: float | None
    worse_rounds: int
    rounds: int
    is_worse: bool


@dataclass(frozen=True)
class Pairs:
    """Runs before and after, round by round."""

    before: Sequence[Driven]
    after: Sequence[Driven]

    def why_invalid(self) -> str | None:
        """Why nothing can be said; None when all runs were valid."""
        runs = (*self.before, *self.after)
        return next((run.invalid for run in runs if run.invalid), None)

    def without_each(self) -> "list[Pairs]":
        """All rounds but one, for each round; none of a single one."""
        rounds = range(len(self.after))
        if len(rounds) < 2:
            return []
        return [
            Pairs(
                [run for number, run in enumerate(self.before) if number != left_out],
                [run for number, run in enumerate(self.after) if number != left_out],
            )
            for left_out in rounds
        ]


@dataclass(frozen=True)
class Compared:
    """What became of a comparison. ``processor_ms`` is the service's own time for a request."""

    rows: Sequence[Row]
    processor_ms: tuple[Number, Number]

    @property
    def is_worse(self) -> bool:
        """Whether any objective is."""
        return any(row.is_worse for row in self.rows)

    def table(self, before: str) -> Table:
        """For people."""
        table = Table(title=f"Compared with {before}, in turns", title_justify="left")
        for heading in HEADINGS:
            table.add_column(heading, justify="left" if heading == "objective" else "right")
        for row in self.rows:
            style = "bold red" if row.is_worse else ""
            table.add_row(*_cells(row), style=style)
        table.caption = self._processor()
        return table

    def markdown(self, before: str, invalid: str | None) -> str:
        """For a pull request's comment."""
        word = "not known" if invalid else "WORSE" if self.is_worse else "no worse"
        rows = [HEADINGS, ["---", *["---:"] * (len(HEADINGS) - 1)], *map(_cells, self.rows)]
        table = [f"| {' | '.join(cells)} |" for cells in rows]
        said = [f"Result not valid: {invalid}", ""] if invalid else []
        title = f"### Compared with `{before.replace('`', '')}`: {word}"
        return "\n".join([title, "", *table, "", *said, self._processor(), ""])

    def _processor(self) -> str:
        before, after = (_shown(value, "ms") for value in self.processor_ms)
        return f"Processor time of the service for a request: {before} before, {after} now."


HEADINGS = ["objective", "median", "P95", "good", "chance", "worse in", "verdict"]


def compared(pairs: Pairs, objectives: Sequence[Objective]) -> Compared:
    """Hold both sides against each other, for each objective that both have events of."""
    able = [one for one in objectives if "locust" in one.sources]
    tested = _tested(pairs, able)
    fewer = [_tested(part, able) for part in pairs.without_each()]
    worse_in_all = set.intersection(*map(_worse, (tested, *fewer)))
    rows = [
        _row(pairs, one, after, comparison, lasting=one.name in worse_in_all)
        for one, after, comparison in tested
    ]
    return Compared(rows, (_processor_ms(pairs.before), _processor_ms(pairs.after)))


def _tested(pairs: Pairs, objectives: Sequence[Objective]) -> Sequence[Tested]:
    both = [(one, _together(pairs.before, one), _together(pairs.after, one)) for one in objectives]
    known = [each for each in both if each[1].total and each[2].total]
    found = regression.compare(
        {one.name: (one.threshold, after, before) for one, before, after in known}
    )
    return [(one, after, found[one.name]) for one, _, after in known]


def _worse(tested: Sequence[Tested]) -> set[str]:
    return {one.name for one, _, comparison in tested if comparison.is_worse}


def _row(
    pairs: Pairs,
    objective: Objective,
    after: regression.Run,
    comparison: regression.Comparison,
    *,
    lasting: bool,
) -> Row:
    worse = sum(
        _badness(objective, now) > _badness(objective, then)
        for then, now in zip(pairs.before, pairs.after, strict=True)
    )
    before, rounds = comparison.before, len(pairs.after)
    nearly_all = worse >= math.ceil(MOST_ROUNDS * rounds)
    return Row(
        objective.name,
        objective.unit,
        (_median(before), _median(after)),
        (_p95(objective, before), _p95(objective, after)),
        (before.good, after.good),
        (before.total, after.total),
        comparison.p_counts,
        comparison.p_samples,
        worse,
        rounds,
        lasting and nearly_all,
    )


def _badness(objective: Objective, run: Driven) -> tuple[float, float]:
    """What a round is ordered by: its share of bad events, then its median."""
    values = run.of(objective).values
    if not values:
        return (0.0, 0.0)
    bad = sum(not objective.threshold.is_good(value) for value in values)
    sign = 1 if objective.threshold.op in ("lt", "lte", "band") else -1
    return (bad / len(values), sign * statistics.median(values))


def _together(runs: Sequence[Driven], objective: Objective) -> regression.Run:
    values = sorted(value for run in runs for value in run.of(objective).values)
    good = sum(map(objective.threshold.is_good, values))
    ranked = objective.unit != "status"
    return regression.Run(good, len(values), values if ranked else None)


def _median(run: regression.Run) -> Number:
    return statistics.median(run.samples) if run.samples else None


def _p95(objective: Objective, run: regression.Run) -> Number:
    if not run.samples:
        return None
    kind = (objective.metric, objective.event_types[0])
    (judged,) = gate.judge_samples([objective], "locust", {kind: run.samples})
    return judged.p95


def _processor_ms(runs: Sequence[Driven]) -> Number:
    """Processor seconds that a request took, over all runs of a side."""
    spent = [watch.growth(run.warm_readings, "cpu_seconds") for run in runs]
    answered = [watch.growth(run.warm_readings, "requests") for run in runs]
    if None in spent or None in answered or not sum(filter(None, answered)):
        return None
    return 1000 * sum(filter(None, spent)) / sum(filter(None, answered))


def _cells(row: Row) -> list[str]:
    chances = [f"counts {row.p_counts:.2g}"]
    if row.p_samples is not None:
        chances.append(f"median {row.p_samples:.2g}")
    return [
        row.objective,
        " → ".join(_shown(value, row.unit) for value in row.medians),
        " → ".join(_shown(value, row.unit) for value in row.p95s),
        " → ".join(f"{good:,}/{of:,}" for good, of in zip(row.good, row.total, strict=True)),
        ", ".join(chances),
        f"{row.worse_rounds} of {row.rounds}",
        "WORSE" if row.is_worse else "no worse",
    ]


def _shown(value: Number, unit: str) -> str:
    return (
        "-" if value is None else f"{value:,.3g} {unit}" if value < 100 else f"{value:,.0f} {unit}"
    )

"""What a verification found, as people and programs read it."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.table import Table

from slo.objective import Objective
from slo.verification import Difference, PercentileCheck, Verification, exit_code, hour_text

WORDS = {True: ("equal", "green"), False: ("DIFFERS", "bold red"), None: ("not compared", "yellow")}
MOST_DIFFERENCES = 20  # listed of one objective


def table(verifications: Iterable[Verification], title: str) -> Table:
    """One row an objective: exact beside rollup."""
    result = Table(title=title, title_justify="left")
    result.add_column("objective", no_wrap=True)
    for name in ("good of all", "in the rollup", "P95", "in the rollup", "hours", "different"):
        result.add_column(name, justify="right")
    result.add_column("result", no_wrap=True)
    for one in verifications:
        word, style = WORDS[one.holds]
        hours = {difference.hour for difference in one.differences}
        p95 = next((check for check in one.percentiles if check.percent == 95), None)
        result.add_row(
            one.objective.name,
            f"{one.exact.good:,} of {one.exact.total:,}" if one.compared else "-",
            f"{one.rollup.good:,} of {one.rollup.total:,}" if one.compared else "-",
            _value(p95.exact if p95 else None, one.objective),
            _value(p95.rollup if p95 else None, one.objective),
            f"{len(one.compared):,}",
            f"{len(hours):,}" if one.compared else "-",
            f"[{style}]{word}[/{style}]",
        )
    return result


def lines(verifications: Sequence[Verification]) -> list[str]:
    """The largest differences, and what was not compared."""
    found = []
    if not any(one.compared for one in verifications):
        found.append("Nothing could be compared, which proves nothing.")
    else:
        found += [_counts_line(verifications), _percentile_line(verifications)]
    if any(one.maintenance_hours for one in verifications):
        found.append("Hours of maintenance are compared too; what is judged leaves them out.")
    found += [
        f"Not compared: {one.objective.name}: {reason}."
        for one in verifications
        for reason in one.left_out
    ]
    return found


def as_json(verifications: Sequence[Verification], hours: range) -> dict[str, Any]:
    """The same for programs."""
    difference, percentile = largest_difference(verifications), largest_error(verifications)
    return {
        **_hours_json(hours),
        "exit_code": exit_code(verifications),
        "largest_difference": difference
        and {"objective": difference[0].name, **_difference_json(difference[1])},
        "largest_percentile_error": percentile
        and {"objective": percentile[0].name, **_percentile_json(percentile[1])},
        "objectives": [_objective_json(one) for one in verifications],
    }


def largest_difference(
    verifications: Iterable[Verification],
) -> tuple[Objective, Difference] | None:
    """The count that is furthest from the events; None when all are equal."""
    found = [(one.objective, each) for one in verifications for each in one.differences]
    return max(found, key=lambda pair: pair[1].size, default=None)


def largest_error(
    verifications: Iterable[Verification],
) -> tuple[Objective, PercentileCheck] | None:
    """The percentile that is furthest from the samples; None without samples."""
    found = [(one.objective, each) for one in verifications for each in one.percentiles]
    return max(found, key=lambda pair: pair[1].relative_error, default=None)


def _counts_line(verifications: Iterable[Verification]) -> str:
    largest = largest_difference(verifications)
    if largest is None:
        return "Largest difference of a count: none, every hour is equal."
    objective, one = largest
    rollup = "unreadable" if one.rollup is None else f"{one.rollup:,}"
    return (
        f"Largest difference of a count: {objective.name}, hour {hour_text(one.hour)},"
        f" {one.number}: {rollup} in the rollup, {one.exact:,} in the events."
    )


def _percentile_line(verifications: Iterable[Verification]) -> str:
    largest = largest_error(verifications)
    if largest is None:
        return "Largest difference of a percentile: none, there are no samples."
    objective, one = largest
    return (
        f"Largest difference of a percentile: {objective.name}, P{one.percent}:"
        f" {one.relative_error * 100:.3f} % (allowed is 1 %),"
        f" {_value(one.rollup, objective)} for {_value(one.exact, objective)}."
    )


def _objective_json(one: Verification) -> dict[str, Any]:
    return {
        "name": one.objective.name,
        "holds": one.holds,
        "compared": _hours_json(one.compared) if one.compared else None,
        "not_compared": list(one.left_out),
        "maintenance_hours": one.maintenance_hours,
        "exact": one.exact._asdict() if one.compared else None,
        "rollup": one.rollup._asdict() if one.compared else None,
        "differences": len(one.differences),
        "first_differences": [
            _difference_json(each) for each in one.differences[:MOST_DIFFERENCES]
        ],
        "percentiles": [_percentile_json(each) for each in one.percentiles],
    }


def _hours_json(hours: range) -> dict[str, str]:
    return {"from": hour_text(hours.start), "to": hour_text(hours.stop)}


def _difference_json(one: Difference) -> dict[str, Any]:
    return {
        "hour": hour_text(one.hour),
        "number": one.number,
        "exact": one.exact,
        "rollup": one.rollup,
    }


def _percentile_json(one: PercentileCheck) -> dict[str, Any]:
    return {
        "percentile": one.percent,
        "exact": one.exact,
        "rollup": one.rollup,
        "relative_error": one.relative_error,
    }


def _value(value: float | None, objective: Objective) -> str:
    return "-" if value is None else f"{value:,.6g} {objective.unit}"

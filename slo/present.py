"""Verdicts as people and programs read them: a table, and JSON."""

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from rich.table import Table
from rich.text import Text

from slo.judgement import Judgement
from slo.maintenance import Maintenance
from slo.measurements import LeftOut
from slo.objective import Objective, Threshold
from slo.regression import Comparison

SIGNS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
WORDS = {
    "pass": ("pass", "green"),
    "fail": ("FAIL", "bold red"),
    "insufficient_data": ("too few events", "yellow"),
    "not_applicable": ("not judged here", "dim"),
}


def one_line(text: str) -> str:
    """Text of elsewhere as one line of signs that every screen and every format can hold."""
    shown = (sign if sign.isprintable() or sign.isspace() else "?" for sign in text)
    return " ".join("".join(shown).split())


def goal(objective: Objective) -> str:
    """The promise in one cell: ``95 % < 300 ms``."""
    target = f"{float(objective.target * 100):g} %"
    return f"{target} {_condition(objective.threshold)} {one_line(objective.unit)}"


def _condition(threshold: Threshold) -> str:
    if threshold.op == "band":
        return f"in {threshold.low:,.10g} to {threshold.high:,.10g}"
    return f"{SIGNS[threshold.op]} {threshold.value:,.10g}"


def table(
    judgements: Iterable[Judgement],
    title: str,
    comparisons: Mapping[str, Comparison] | None = None,
) -> Table:
    """One row an objective. Ratios are cut, never rounded up, so that 94.996 % is not 95 %."""
    result = Table(title=title, title_justify="left")
    result.add_column("objective", no_wrap=True)
    result.add_column("promise", no_wrap=True)
    for name in ("good", "of", "ratio", "95 % sure", "percentile", "budget left"):
        result.add_column(name, justify="right")
    result.add_column("verdict", no_wrap=True)
    if comparisons is not None:
        result.add_column("against the baseline")
    for one in judgements:
        style = WORDS[one.verdict][1]
        result.add_row(
            one.objective.name,
            Text(goal(one.objective)),
            f"{one.good:,}",
            f"{one.total:,}",
            percent(one.good_ratio, 2),
            bounds(one),
            Text(percentile(one)),
            percent(one.budget_remaining, 0),
            Text(verdict(one), style),
            *([] if comparisons is None else [comparison(comparisons.get(one.objective.name))]),
        )
    return result


def verdict(judgement: Judgement) -> str:
    """The verdict in words; too few events with how many there are, and how many it takes."""
    word = WORDS[judgement.verdict][0]
    if judgement.verdict != "insufficient_data":
        return word
    return f"{word} ({judgement.total:,} of {judgement.objective.minimum_events:,})"


def percent(ratio: Fraction | None, digits: int) -> str:
    """A ratio in percent, cut towards minus infinity; a dash for none."""
    if ratio is None:
        return "-"
    scale = 10**digits
    return f"{(ratio * 100 * scale).__floor__() / scale:.{digits}f} %"


def bounds(judgement: Judgement) -> str:
    """The interval that the true ratio lies in, with 95 % confidence."""
    if judgement.interval is None:
        return "-"
    low, high = judgement.interval
    return f"{low * 100:.1f} to {high * 100:.1f} %"


def percentile(judgement: Judgement) -> str:
    """The percentile that equals the target, else the P95."""
    objective = judgement.objective
    for rank, value in ((objective.percentile, judgement.percentile_value), (95, judgement.p95)):
        if rank is not None and value is not None:
            return f"P{rank} {measured(value, objective)}"
    return "-"


def measured(value: float, objective: Objective) -> str:
    """A value of an objective's metric; 299.99 is under 300, so it is not shown as that."""
    shown = math.floor(value) if objective.threshold.op == "lt" else value
    return f"{shown:,.0f} {one_line(objective.unit)}"


def comparison(found: Comparison | None) -> str:
    """What the tests against a baseline say, in one cell."""
    if found is None:
        return "-"
    chances = [("counts", found.p_counts), ("median", found.p_samples)]
    shown = ", ".join(f"{name} p {_chance(p)}" for name, p in chances if p is not None)
    before = f"{found.before.good:,} of {found.before.total:,}"
    return f"{'WORSE than' if found.is_worse else 'no worse than'} {before} ({shown})"


def _chance(p: float) -> str:
    return f"= {p:.2g}" if p > 1e-9 else "< 1e-9"


def comparison_json(found: Comparison) -> dict[str, Any]:
    """The same for programs."""
    return {
        "good": found.before.good,
        "total": found.before.total,
        "p_counts": found.p_counts,
        "p_samples": found.p_samples,
        "is_worse": found.is_worse,
    }


def as_json(judgements: Iterable[Judgement]) -> list[dict[str, Any]]:
    """The same for programs; ratios are plain numbers, missing is null."""
    return [
        {
            "name": one.objective.name,
            "metric": one.objective.metric,
            "unit": one.objective.unit,
            "good": one.good,
            "total": one.total,
            "minimum_events": one.objective.minimum_events,
            "target": float(one.objective.target),
            "threshold": threshold_json(one.objective.threshold),
            "good_ratio": _float(one.good_ratio),
            "interval": one.interval,
            "p95": one.p95,
            "percentile": one.objective.percentile,
            "percentile_value": one.percentile_value,
            "budget_remaining": _float(one.budget_remaining),
            "verdict": one.verdict,
            "maintenance": [left_out_json(each) for each in one.left_out],
        }
        for one in judgements
    ]


def left_out_json(one: LeftOut) -> dict[str, Any]:
    """A window of maintenance for programs."""
    window = one.maintenance
    return {
        "start": window.start.isoformat(),
        "end": window.end.isoformat(),
        "reason": window.reason,
        "left_out": one.events,
    }


def left_out(apart: Iterable[tuple[Objective, Iterable[LeftOut]]]) -> list[str]:
    """A line for each window of maintenance: when, why, and whose events are not counted."""
    found: dict[Maintenance, list[str]] = {}
    for objective, windows in apart:
        for each in windows:
            events = "" if each.events is None else f" {each.events:,}"
            found.setdefault(each.maintenance, []).append(f"{objective.name}{events}")
    return [
        f"Not counted, maintenance {window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M} UTC"
        f" ({one_line(window.reason)}), events left out: {', '.join(names)}."
        for window, names in sorted(found.items(), key=lambda item: item[0].start)
    ]


def threshold_json(threshold: Threshold) -> dict[str, Any]:
    """A comparison as programs exchange it; a result counted under another is not comparable."""
    given = {"value": threshold.value, "low": threshold.low, "high": threshold.high}
    return {"op": threshold.op, **{key: bound for key, bound in given.items() if bound is not None}}


def _float(ratio: Fraction | None) -> float | None:
    return None if ratio is None else float(ratio)

"""The dashboard of one objective in depth. Its variable ``slo`` says which.

Every query stands for all objectives and asks only for the chosen one, so nothing is looked up in
between, and the board works while the database is away.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from grafana_foundation_sdk.builders import dashboard, prometheus
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import VariableOption

from slo import promql
from slo.boards import API_LATENCY, JOB, MILLISECONDS, RATE, Instruments, board, worst_samples
from slo.objective import Objective
from slo.panels import (
    BAD,
    FULL_WIDTH,
    GOOD,
    THIRD_WIDTH,
    WARNING,
    Look,
    lines,
    numbers,
    prom,
    prom_now,
    slow_traces,
    sql_rows,
)
from slo.rules import STEP, windows
from slo.traces import SCREEN, bad_requests

ONE = '{slo="$slo"}'
THRESHOLD = "threshold"
DRAWN_AS_THRESHOLD: Mapping[str, object] = {
    "color": {"mode": "fixed", "fixedColor": BAD},
    "custom.lineStyle": {"fill": "dash", "dash": [10, 10]},
}
# Explore opens a trace where the query is nothing but its id.
TRACE = {
    "t": {
        "datasource": "tempo",
        "queries": [
            {
                "refId": "A",
                "datasource": {"type": "tempo", "uid": "tempo"},
                "queryType": "traceql",
                "query": "${__value.raw}",
            }
        ],
        "range": {"from": "now-1h", "to": "now"},
    }
}


def one_objective(objectives: Sequence[Objective], instruments: Instruments) -> dashboard.Dashboard:
    """The dashboard."""
    panels = [
        *_standing(objectives),
        _percentiles(objectives, instruments),
        _burning(objectives),
        *_events(objectives),
        slow_traces("Traces of bad requests", _traces_look(), _traces(objectives, instruments)),
        _samples(objectives, instruments),
    ]
    about = "One objective in depth: percentiles, burn rate, budget, and what was worst."
    made = board("slo-objective", "One objective", about, panels, start="now-3d")
    names = [objective.name for objective in objectives]
    return made.with_variable(
        dashboard.CustomVariable("slo")
        .label("Objective")
        .values(",".join(names))
        .current(VariableOption(True, names[0], names[0]))
    )


def _standing(objectives: Sequence[Objective]) -> list[Builder[Any]]:
    return [
        numbers(
            "Error budget left",
            Look("percentunit", THIRD_WIDTH, BAD, ((0.0, WARNING), (0.25, GOOD)), decimals=1),
            prom_now(promql.BUDGET_REMAINING + ONE, "budget left"),
        ),
        numbers(
            "Target",
            Look("percentunit", THIRD_WIDTH, decimals=1),
            prom_now(promql.OBJECTIVE + ONE, "target"),
        ),
        numbers(
            "Events in the period",
            Look("short", THIRD_WIDTH, decimals=0),
            prom_now(_in_period(promql.events, objectives), "all"),
            prom_now(_in_period(promql.bad_events, objectives), "bad"),
        ),
    ]


def _in_period(series: Callable[[timedelta], str], objectives: Sequence[Objective]) -> str:
    """A count of the chosen objective's own period."""
    by_days: dict[int, list[str]] = {}
    for objective in objectives:
        by_days.setdefault(objective.window_days, []).append(objective.name)
    if len(by_days) == 1:
        return series(timedelta(days=objectives[0].window_days)) + ONE
    return " or ".join(
        f'{series(timedelta(days=days))}{{slo="$slo", slo=~"{promql.any_of(names)}"}}'
        for days, names in by_days.items()
    )


def _percentiles(objectives: Sequence[Objective], instruments: Instruments) -> Builder[Any]:
    about = (
        "As the objective's own histogram estimates them, beside its threshold; clicks are named"
        " so, all else is time. An objective of status codes has no percentile: nothing is shown."
    )
    exceptions = {
        f"/^{THRESHOLD}/": DRAWN_AS_THRESHOLD,
        "/ clicks$/": {"unit": "suffix: clicks", "decimals": 1},
    }
    look = Look("s", FULL_WIDTH, description=about, exceptions=exceptions)
    queries = [each for one in objectives for each in _measured(one, instruments)]
    return lines("Percentiles and threshold", look, *queries)


def _measured(objective: Objective, instruments: Instruments) -> Iterator[prometheus.Dataquery]:
    """Percentiles and bounds, all without a series unless the objective is the chosen one."""
    found = _histogram(objective, instruments)
    if found is None:
        return
    histogram, where, divisor = found
    chosen = f'and on () {promql.OBJECTIVE}{{slo="$slo", slo="{objective.name}"}}'
    unit = "" if divisor == MILLISECONDS else f" {objective.unit}"
    for percent in _percents(objective):
        estimate = promql.quantile(percent / 100, histogram, RATE, where=where)
        yield prom(f"{estimate} {chosen}", f"P{percent}{unit}")
    for bound in objective.threshold.bounds:
        yield prom(f"vector({bound / divisor:.15g}) {chosen}", f"{THRESHOLD}{unit}")


def _percents(objective: Objective) -> list[int]:
    """P95, the objective's own, and P5 where too little is bad as well."""
    percents = {95, objective.percentile or 95}
    return sorted(percents | {5} if objective.threshold.op in ("band", "gt", "gte") else percents)


def _histogram(objective: Objective, instruments: Instruments) -> tuple[str, str, float] | None:
    """The histogram of what an objective judges, its labels, and the divisor of its unit."""
    if objective.metric == API_LATENCY:
        where = f'{{method="GET", route="{SCREEN}"}}'
        return instruments.http_duration, where, MILLISECONDS
    rum = instruments.rum.get(objective.metric)
    return None if rum is None else (rum.name, "", rum.divisor)


def _burning(objectives: Sequence[Objective]) -> Builder[Any]:
    tiers = [tier for objective in objectives for tier in objective.tiers]
    drawn = {(float(tier.burn_rate), _colour(tier.severity)) for tier in tiers}
    looked_at = {STEP, *(length for tier in tiers for length in (tier.long, tier.short))}
    return lines(
        "Burn rate and alert tiers",
        Look("short", FULL_WIDTH, GOOD, tuple(sorted(drawn))),
        *(
            prom(
                f"{promql.error_ratio(window)}{ONE} / {promql.ERROR_BUDGET}{ONE}",
                promql.duration(window),
            )
            for window in windows(objectives)
            if window in looked_at
        ),
    )


def _colour(severity: str) -> str:
    return BAD if severity == "page" else WARNING


def _events(objectives: Sequence[Objective]) -> list[Builder[Any]]:
    return [
        lines(
            "Events a second",
            Look("eps"),
            prom(f'sum by (result) (rate({promql.EVENTS_COUNTER}{{slo="$slo"}}{RATE}))'),
        ),
        lines(
            "Bad events in the period",
            Look("short", decimals=0),
            prom(_in_period(promql.bad_events, objectives), "bad"),
        ),
    ]


def _traces_look() -> Look:
    about = (
        "Requests that the objective waits for, slower than its threshold by themselves; for"
        " answers, clicks and polls those that failed, for polls also late ones. What a browser"
        " waited for elsewhere is among the worst samples."
    )
    return Look("short", FULL_WIDTH, description=about)


def _traces(objectives: Sequence[Objective], instruments: Instruments) -> str:
    return bad_requests(objectives, JOB, instruments.pages, "$slo")


def _samples(objectives: Sequence[Objective], instruments: Instruments) -> Builder[Any]:
    about = (
        "What browsers measured, the worst first; with the trace of the page, where it is known."
        " The service's own answers are only counted: none is shown."
    )
    leads_on = {"title": "Trace", "url": f"/explore?schemaVersion=1&panes={_pane()}"}
    look = Look(
        "none", FULL_WIDTH, description=about, exceptions={"/^trace$/": {"links": [leads_on]}}
    )
    judged = [one for one in objectives if one.metric in instruments.rum]
    return sql_rows("Worst samples of real users", look, worst_samples(judged))


def _pane() -> str:
    return quote(json.dumps(TRACE, separators=(",", ":")), safe="${}")

"""Grafana dashboards from the objectives and from the names of the service's instruments.

Every query names a series that the service exposes or that the generated rules record. Lines at
thresholds come from the objectives. Needs the dependency group ``dashboards``.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from slo import promql
from slo.boards import (
    API_LATENCY,
    API_STATUS,
    JOB,
    MILLISECONDS,
    RATE,
    Instruments,
    RumInstrument,
    board,
    raw_percentile,
    steps,
)
from slo.load_dashboard import load_test
from slo.objective import Objective
from slo.objective_dashboard import one_objective
from slo.panels import (
    BAD,
    FULL_WIDTH,
    GOOD,
    HALF_WIDTH,
    WARNING,
    Look,
    lines,
    numbers,
    prom,
    prom_now,
    rows,
    sql_lines,
)
from slo.traces import SCREEN

LEDGER = "Always 0: no event is lost unseen."
FIRING = 'sum by (slo, tier) (ALERTS{alertname="SloErrorBudgetBurn", alertstate="firing"})'


def dashboards(objectives: Sequence[Objective], instruments: Instruments) -> dict[str, str]:
    """Every dashboard as JSON, by file name."""
    built = {
        "slo-overview.json": _overview(objectives),
        "slo-objective.json": one_objective(objectives, instruments),
        "rum.json": _rum(objectives, instruments),
        "api.json": _api(objectives, instruments),
        "ingest.json": _ingest(instruments),
        "load-test.json": load_test(objectives, instruments),
    }
    return {name: _as_json(builder) for name, builder in built.items()}


def _as_json(builder: dashboard.Dashboard) -> str:
    text = json.dumps(builder.build(), cls=JSONEncoder, indent=2, sort_keys=True)
    return text + "\n"


def _overview(objectives: Sequence[Objective]) -> dashboard.Dashboard:
    budget = ((0.0, WARNING), (0.25, GOOD))
    fastest = max((t.burn_rate for o in objectives for t in o.tiers), default=None)
    burn = [(1.0, WARNING)] + ([(float(fastest), BAD)] if fastest and fastest > 1 else [])
    panels = [
        numbers(
            "Error budget left",
            Look("percentunit", FULL_WIDTH, BAD, budget, "Of each objective's period.", 1),
            prom_now(promql.BUDGET_REMAINING, "{{slo}}"),
        ),
        lines(
            "Burn rate, last 5 minutes",
            Look("short", HALF_WIDTH, GOOD, tuple(burn), "1 spends the budget exactly in time."),
            prom(promql.CURRENT_BURN_RATE, "{{slo}}"),
        ),
        lines(
            "Burning alerts",
            Look(description="Tiers that fire now; 0 when none does."),
            prom(f"{FIRING} or vector(0)", "{{slo}} {{tier}}"),
        ),
        *(_shown_window(days) for days in _shown_days(objectives)),
    ]
    title, about = "SLO overview", "Where each objective stands, and how fast its budget burns."
    return board("slo-overview", title, about, panels, start="now-7d")


def _shown_days(objectives: Sequence[Objective]) -> list[int]:
    return sorted({days for objective in objectives for days in objective.shown_windows})


def _shown_window(days: int) -> Builder[Any]:
    window = timedelta(days=days)
    return lines(
        f"Good events, last {days} days",
        Look("percentunit", HALF_WIDTH, decimals=2, description="A sum of counts, exact."),
        prom(f"1 - {promql.error_ratio(window)}", "{{slo}}"),
        prom(promql.OBJECTIVE, "{{slo}} target"),
    )


def _rum(objectives: Sequence[Objective], instruments: Instruments) -> dashboard.Dashboard:
    panels: list[Builder[Any]] = []
    for metric, instrument in instruments.rum.items():
        judged = [objective for objective in objectives if objective.metric == metric]
        look = _rum_look(judged, instrument)
        panels.append(_rum_panel(instrument, judged, look))
        if judged:
            panels.append(_raw_panel(instrument, judged[0], look))
    about = "What browsers of real users measured; load tests are left out."
    return board("rum", "Real users", about, panels)


def _rum_look(judged: Sequence[Objective], instrument: RumInstrument) -> Look:
    unit = "s" if instrument.divisor == MILLISECONDS else "short"
    drawn = steps(judged[0].threshold, instrument.divisor) if judged else ()
    return Look(unit, HALF_WIDTH, _base(judged), drawn)


def _base(judged: Sequence[Objective]) -> str:
    if not judged:
        return "text"
    return GOOD if judged[0].threshold.op in ("lt", "lte") else BAD


def _rum_panel(instrument: RumInstrument, judged: Sequence[Objective], look: Look) -> Builder[Any]:
    shares = [0.5, 0.95] + ([0.99] if any(o.percentile == 99 for o in judged) else [])
    return lines(
        f"{instrument.title}: histogram",
        look,
        *(
            prom(
                promql.quantile(share, instrument.name, RATE),
                f"P{share * 100:g}",
                exemplars=True,
            )
            for share in shares
        ),
    )


def _raw_panel(instrument: RumInstrument, objective: Objective, look: Look) -> Builder[Any]:
    percent = objective.percentile or 95
    return sql_lines(
        f"{instrument.title}: every stored sample",
        look,
        {"A": raw_percentile(objective, percent, instrument.divisor)},
    )


def _api(objectives: Sequence[Objective], instruments: Instruments) -> dashboard.Dashboard:
    duration = instruments.http_duration
    api, broken = '{route=~"/api/.+"}', '{route=~"/api/.+", status=~"5.."}'
    limits = [o.threshold for o in objectives if o.metric == API_LATENCY]
    drawn = tuple(step for limit in limits for step in steps(limit, MILLISECONDS))
    budgets = [float(1 - o.target) for o in objectives if o.metric == API_STATUS]
    panels = [
        lines(
            "Answers a second, by route",
            Look("reqps"),
            prom(f"sum by (route) (rate({duration}_count{api}{RATE}))"),
        ),
        lines(
            "Server errors",
            Look(
                "percentunit",
                HALF_WIDTH,
                GOOD if budgets else "text",
                tuple((budget, BAD) for budget in budgets),
                "Of all answers of the API. The line is what the objective's budget allows.",
            ),
            prom(
                f"(sum(rate({duration}_count{broken}{RATE})) or vector(0))"
                f" / (sum(rate({duration}_count{api}{RATE})) > 0)",
                "5xx",
            ),
        ),
        lines(
            "P99 by route",
            Look("s", HALF_WIDTH, GOOD, drawn, f"The line is the threshold of GET {SCREEN}."),
            prom(
                promql.quantile(0.99, duration, RATE, "route", where=api),
                exemplars=True,
            ),
        ),
        lines("Requests in flight", Look(), prom(f"sum({instruments.http_in_flight})", "requests")),
        lines(
            "SQL statements: P95 by kind",
            Look("s"),
            prom(promql.quantile(0.95, instruments.statement_duration, RATE, "operation")),
        ),
        lines(
            "SQL statements a second",
            Look("ops"),
            prom(f"sum by (operation) (rate({instruments.statement_duration}_count{RATE}))"),
        ),
        lines(
            "CPU",
            Look("percentunit"),
            prom(f'rate(process_cpu_seconds_total{{job="{JOB}"}}{RATE})'),
        ),
        rows("What runs", Look(), prom_now(instruments.build_info)),
    ]
    return board("api", "API", "How the service answers.", panels)


def _ingest(instruments: Instruments) -> dashboard.Dashboard:
    fates = {
        "accepted": instruments.events_accepted,
        "duplicates": instruments.events_duplicates,
        "received": instruments.events_received,
    }
    panels = [
        lines(
            "Events a second, by fate",
            Look("eps"),
            *(prom(f"sum(rate({name}_total{RATE}))", fate) for fate, name in fates.items()),
        ),
        lines(
            "Events refused or shed, by reason",
            Look("eps", description="0 when nothing was refused."),
            *(
                prom(f"sum by (reason) (rate({name}_total{RATE})) or vector(0)", label)
                for name, label in (
                    (instruments.events_rejected, "refused {{reason}}"),
                    (instruments.events_shed, "shed {{reason}}"),
                )
            ),
        ),
        lines(
            "Requests that could not be read, by reason",
            Look("reqps", description="Nobody knows how many events they held. 0 without any."),
            prom(
                f"sum by (reason) (rate({instruments.requests_unparsed}_total{RATE})) or vector(0)"
            ),
        ),
        lines(
            "Ledger: received - settled - in flight",
            Look("short", HALF_WIDTH, BAD, ((0.0, GOOD), (1.0, BAD)), LEDGER),
            prom(_ledger(instruments), "lost"),
        ),
        lines("Events in flight", Look(), prom(f"sum({instruments.events_in_flight})", "events")),
        lines(
            "Group commit",
            Look("s"),
            *(
                prom(
                    promql.quantile(share, instruments.commit_duration, RATE),
                    f"P{share * 100:g}",
                )
                for share in (0.5, 0.95)
            ),
        ),
        lines(
            "Events in one commit",
            Look(),
            prom(
                f"sum(rate({instruments.commit_events}_sum{RATE}))"
                f" / (sum(rate({instruments.commit_events}_count{RATE})) > 0)",
                "mean",
            ),
        ),
    ]
    return board("ingest", "Ingest", "How user events are taken in.", panels)


def _ledger(instruments: Instruments) -> str:
    """All fates of one scrape; reasons that never occurred have no series and count as 0."""
    settled = [
        f"sum({instruments.events_accepted}_total)",
        f"sum({instruments.events_duplicates}_total)",
        f"(sum({instruments.events_rejected}_total) or vector(0))",
        f"(sum({instruments.events_shed}_total) or vector(0))",
        f"sum({instruments.events_in_flight})",
    ]
    return " - ".join([f"sum({instruments.events_received}_total)", *settled])

"""The dashboard of a load test: the service under load, and what the run's browsers measured.

The load generator keeps its own figures in its report. Here is the other side of the wire: what
the service answered, how long it took, what waited and what it cost.
"""

from collections.abc import Sequence
from typing import Any

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder

from slo import promql
from slo.boards import (
    API_LATENCY,
    JOB,
    MILLISECONDS,
    RATE,
    Instruments,
    board,
    raw_percentile,
    steps,
)
from slo.objective import Objective
from slo.panels import BAD, GOOD, HALF_WIDTH, Look, lines, prom, sql_lines
from slo.traces import SCREEN

EVENTS = "/api/events"
SHARES = (0.5, 0.95, 0.99)


def load_test(objectives: Sequence[Objective], instruments: Instruments) -> dashboard.Dashboard:
    """The dashboard."""
    panels = [
        *_answers(instruments),
        *_latencies(objectives, instruments),
        *_waiting(instruments),
        *_cost(instruments),
        *_browsers(objectives, instruments),
    ]
    about = "The service under load, and what browsers of the load test measured."
    return board("load-test", "Load test", about, panels, start="now-30m")


def _answers(instruments: Instruments) -> list[Builder[Any]]:
    count = f"{instruments.http_duration}_count"
    refused = f'(sum by (status) (rate({count}{{status=~"429|5.."}}{RATE})) or vector(0))'
    return [
        lines(
            "Answers a second",
            Look("reqps"),
            prom(f"sum by (method, route) (rate({count}{RATE}))", "{{method}} {{route}}"),
        ),
        lines(
            "Refused and failed answers a second",
            Look("reqps", HALF_WIDTH, GOOD, ((0.001, BAD),), "429 and 5xx; 0 when there is none."),
            prom(refused, "{{status}}"),
        ),
    ]


def _latencies(objectives: Sequence[Objective], instruments: Instruments) -> list[Builder[Any]]:
    limits = [o.threshold for o in objectives if o.metric == API_LATENCY]
    drawn = tuple(step for limit in limits for step in steps(limit, MILLISECONDS))
    return [
        lines(
            title,
            Look("s", HALF_WIDTH, GOOD if bounds else "text", bounds),
            *(
                prom(
                    promql.quantile(
                        share, instruments.http_duration, RATE, where=f'{{route="{route}"}}'
                    ),
                    f"P{share * 100:g}",
                )
                for share in SHARES
            ),
        )
        for title, route, bounds in (
            ("First screen's numbers: time to answer", SCREEN, drawn),
            ("Events: time to answer", EVENTS, ()),
        )
    ]


def _waiting(instruments: Instruments) -> list[Builder[Any]]:
    lost = f"sum by (reason) (rate({instruments.events_shed}_total{RATE})) or vector(0)"
    return [
        lines(
            "What waits",
            Look(description="Requests being answered, events taken in and not yet stored."),
            prom(f"sum({instruments.http_in_flight})", "requests"),
            prom(f"sum({instruments.events_in_flight})", "events"),
        ),
        lines(
            "Events a second",
            Look("eps"),
            prom(f"sum(rate({instruments.events_received}_total{RATE}))", "received"),
            prom(f"sum(rate({instruments.events_accepted}_total{RATE}))", "stored"),
            prom(lost, "shed {{reason}}"),
        ),
    ]


def _cost(instruments: Instruments) -> list[Builder[Any]]:
    return [
        lines(
            "Database: P95",
            Look("s"),
            prom(promql.quantile(0.95, instruments.statement_duration, RATE), "one statement"),
            prom(promql.quantile(0.95, instruments.commit_duration, RATE), "one group commit"),
        ),
        lines(
            "CPU",
            Look("percentunit", description="1 is one whole processor."),
            prom(f'sum(rate(process_cpu_seconds_total{{job="{JOB}"}}{RATE}))', "processors"),
        ),
        lines(
            "Memory",
            Look("bytes"),
            prom(f'sum(process_resident_memory_bytes{{job="{JOB}"}})', "resident"),
        ),
    ]


def _browsers(objectives: Sequence[Objective], instruments: Instruments) -> list[Builder[Any]]:
    """Real browsers of a load run mark what they send, so that no objective counts it."""
    found: list[Builder[Any]] = []
    for metric, instrument in instruments.rum.items():
        judged = next((one for one in objectives if one.metric == metric), None)
        if judged is None or judged.threshold.op == "band":
            continue
        percent = judged.percentile or 95
        bounds = steps(judged.threshold, instrument.divisor)
        unit = "s" if instrument.divisor == MILLISECONDS else "short"
        statement = raw_percentile(judged, percent, instrument.divisor, synthetic=True)
        found.append(
            sql_lines(
                f"{instrument.title}: browsers of the load test",
                Look(unit, HALF_WIDTH, GOOD, bounds),
                {"A": statement},
            )
        )
    return found

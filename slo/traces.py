"""TraceQL of the requests behind one objective, whichever is chosen.

What browsers measure is in no span: the spans here are of the requests that a measurement waits
for, and each is too slow by itself, or failed.
"""

from collections.abc import Callable, Mapping, Sequence

from slo import promql
from slo.objective import Objective, Threshold

API = "/api/"
SCREEN = "/api/executive-dashboard"
DASHBOARD = "/dashboard"

# Of HTTP by the conventions of OpenTelemetry: as they are, and as they were, which some spans keep.
STATUSES = ("span.http.response.status_code", "span.http.status_code")
SWITCHES = f"GET ({SCREEN}|/api/(drivers|kpis)/[^/]+)"
DRILLDOWNS = "GET /api/kpis/.+"
FAILED = "status = error"

_BAD = {"lt": ">=", "lte": ">", "gt": "<=", "gte": "<"}


def bad_requests(
    objectives: Sequence[Objective], service: str, pages: Sequence[str], chosen: str
) -> str:
    """The query. ``chosen`` becomes an objective's name before it is asked.

    A comparison of two texts holds for all spans or for none. ``pages`` are routes of documents.
    """
    spans = _spans(pages)
    of_each = [
        f'("{chosen}" = "{objective.name}" && {spans[objective.metric](objective.threshold)})'
        for objective in objectives
        if objective.metric in spans
    ]
    found = "\n  || ".join(of_each) or "false"
    return f'{{ resource.service.name = "{service}" && kind = server && (\n  {found}\n) }}'


def _spans(pages: Sequence[str]) -> Mapping[str, Callable[[Threshold], str]]:
    """Which server spans are bad, by metric."""
    documents = f'span.http.route =~ "{promql.any_of(pages)}"'
    return {
        "ttfb_ms": lambda limit: f"{documents} && {_slow(limit)}",
        "render_total_ms": lambda limit: f'rootName = "GET {DASHBOARD}" && {_slow(limit)}',
        "switch_latency_ms": lambda limit: f'name =~ "{SWITCHES}" && {_slow(limit)}',
        "alerts_poll_interval_ms": lambda limit: f'name = "GET /api/alerts" && {_late(limit)}',
        "drilldown_clicks": lambda _: f'name =~ "{DRILLDOWNS}" && {FAILED}',
        "drilldown_duration_ms": lambda limit: f'name =~ "{DRILLDOWNS}" && {_slow(limit)}',
        "api_status_code": lambda limit: f'span.http.route =~ "{API}.+" && {_status(limit)}',
        "api_latency_ms": lambda limit: f'name = "GET {SCREEN}" && {_slow(limit)}',
    }


def _slow(limit: Threshold) -> str:
    return _any(_bad("duration", limit, "ms"))


def _status(limit: Threshold) -> str:
    return _any([each for status in STATUSES for each in _bad(status, limit)])


def _late(limit: Threshold) -> str:
    """A poll that fails leaves a gap, and one that takes half the band's width moves out of it."""
    if limit.low is None or limit.high is None:
        return f"({FAILED} || {_slow(limit)})"
    return f"({FAILED} || duration > {number((limit.high - limit.low) / 2)}ms)"


def _bad(subject: str, limit: Threshold, unit: str = "") -> list[str]:
    if limit.op == "band":
        low, high = limit.bounds
        return [f"{subject} < {number(low)}{unit}", f"{subject} > {number(high)}{unit}"]
    (bound,) = limit.bounds
    return [f"{subject} {_BAD[limit.op]} {number(bound)}{unit}"]


def _any(conditions: Sequence[str]) -> str:
    return conditions[0] if len(conditions) == 1 else f"({' || '.join(conditions)})"


def number(value: float) -> str:
    """Whole where it is, never with an exponent below a billion: a status code is an integer."""
    return f"{value:.15g}"

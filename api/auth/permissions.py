"""The one table of who may do what. What is not in it, nobody may do.

A row is a method and a route's template. ``Gate`` holds requests against it, and the service does
not start with a route that has no row.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, compile_path

from api.auth.roles import DOMAINS, Role

HEADS = frozenset(DOMAINS)
LEADERS = frozenset({Role.EXECUTIVE, Role.ADMIN})
SCREEN = LEADERS | HEADS
RELIABILITY = LEADERS | {Role.SRE, Role.HEAD_OPERATIONS}
PEOPLE = SCREEN | {Role.SRE}
EVERYONE = frozenset(Role)


@dataclass(frozen=True)
class Access:
    """Which roles may come in.

    With ``metric_in`` a path parameter names a metric, and heads may see those of their own
    department only. ``is_public``: without credentials, too.
    """

    roles: frozenset[Role]
    is_public: bool = False
    metric_in: str | None = None


PUBLIC = Access(EVERYONE, is_public=True)
OWN_METRIC = Access(SCREEN, metric_in="key")


def _page(path: str) -> Access:
    return Access(LEADERS | {head for head, domain in DOMAINS.items() if path in domain.pages})


TABLE: Mapping[tuple[str, str], Access] = {
    # Whether it lives, how to sign in, and what that page is made of.
    ("GET", "/api/health"): PUBLIC,
    ("GET", "/api/ready"): PUBLIC,
    ("GET", "/assets/{file:path}"): PUBLIC,
    ("GET", "/sign-in"): PUBLIC,
    ("GET", "/sign-in/start"): PUBLIC,
    ("GET", "/sign-in/callback"): PUBLIC,
    ("GET", "/api/session"): PUBLIC,
    ("POST", "/api/session/sign-in"): PUBLIC,
    ("POST", "/api/session/sign-out"): PUBLIC,
    # The first screen. Alerts on it are those that the person may see.
    ("GET", "/"): Access(PEOPLE),
    ("GET", "/dashboard"): Access(SCREEN),
    ("GET", "/api/executive-dashboard"): Access(SCREEN),
    ("GET", "/api/export.csv"): Access(SCREEN),
    ("GET", "/api/export.xlsx"): Access(SCREEN),
    # Drill-downs.
    ("GET", "/operations/uptime"): _page("/operations/uptime"),
    ("GET", "/sales/kpis/pipeline"): _page("/sales/kpis/pipeline"),
    ("GET", "/sales/kpis/revenue"): _page("/sales/kpis/revenue"),
    ("GET", "/supply"): _page("/supply"),
    ("GET", "/supply/kpis/inventory_turns"): _page("/supply/kpis/inventory_turns"),
    ("GET", "/finance/kpis/revenue"): _page("/finance/kpis/revenue"),
    ("GET", "/finance/kpis/nrr"): _page("/finance/kpis/nrr"),
    ("GET", "/finance/kpis/gm"): _page("/finance/kpis/gm"),
    ("GET", "/finance/kpis/payback"): _page("/finance/kpis/payback"),
    ("GET", "/finance/kpis/arr"): _page("/finance/kpis/arr"),
    # Files first: the number's own path would take their ending for a part of the key.
    ("GET", "/api/kpis/{key}.csv"): OWN_METRIC,
    ("GET", "/api/kpis/{key}.xlsx"): OWN_METRIC,
    ("GET", "/api/kpis/{key}"): OWN_METRIC,
    ("GET", "/api/kpis/{key}/rows"): OWN_METRIC,
    ("GET", "/api/kpis/{key}/rows.csv"): OWN_METRIC,
    ("GET", "/api/kpis/{key}/rows.xlsx"): OWN_METRIC,
    ("GET", "/api/drivers/{key}"): OWN_METRIC,
    # Alerts: each sees and handles those of their own metrics, see Identity.sees_alert.
    ("GET", "/api/alerts"): Access(PEOPLE),
    ("GET", "/api/alerts/{alert_id}/history"): Access(PEOPLE),
    ("POST", "/api/alerts/{alert_id}/acknowledge"): Access(PEOPLE),
    ("POST", "/api/alerts/{alert_id}/assign"): Access(PEOPLE),
    ("POST", "/api/alerts/{alert_id}/snooze"): Access(PEOPLE),
    ("POST", "/api/alerts/{alert_id}/resolve"): Access(PEOPLE),
    ("POST", "/api/alerts/webhook"): Access(frozenset({Role.ALERTMANAGER, Role.ADMIN})),
    # Reliability.
    ("GET", "/reliability"): Access(RELIABILITY),
    ("GET", "/api/slo"): Access(RELIABILITY),
    ("GET", "/api/slo/{name}"): Access(RELIABILITY),
    ("GET", "/api/slo/{name}/releases"): Access(RELIABILITY),
    ("GET", "/api/quality-gates"): Access(RELIABILITY),
    ("GET", "/metrics"): Access(frozenset({Role.SRE, Role.ADMIN})),
    # Data in.
    ("POST", "/api/events"): Access(PEOPLE | {Role.INGEST}),
    ("POST", "/api/imports/{kind}"): Access(frozenset({Role.IMPORTER, Role.ADMIN})),
    ("GET", "/api/audit.csv"): Access(frozenset({Role.ADMIN})),
    # For programs that read what the API is.
    ("GET", "/openapi.json"): Access(EVERYONE),
}


# Pages in the order of the menu; a person's first is where signing in leads.
PAGES = (
    "/dashboard",
    "/sales/kpis/revenue",
    "/sales/kpis/pipeline",
    "/supply",
    "/supply/kpis/inventory_turns",
    "/finance/kpis/revenue",
    "/finance/kpis/arr",
    "/finance/kpis/nrr",
    "/finance/kpis/gm",
    "/finance/kpis/payback",
    "/operations/uptime",
    "/reliability",
)


@dataclass(frozen=True)
class Rule:
    """One row, found: its route template, who may come in, and the values of path parameters."""

    path: str
    access: Access
    parameters: Mapping[str, str] = field(default_factory=dict)


_EXACT = {
    (method, path): Rule(path, access)
    for (method, path), access in TABLE.items()
    if "{" not in path
}
_TEMPLATES: list[tuple[str, re.Pattern[str], str, Access]] = [
    (method, compile_path(path)[0], path, access)
    for (method, path), access in TABLE.items()
    if "{" in path
]


def find(method: str, path: str) -> Rule | None:
    """The row that a request falls under; HEAD asks for what GET would give."""
    method = "GET" if method == "HEAD" else method
    return _EXACT.get((method, path)) or _find_template(method, path)


def operations(routes: Sequence[BaseRoute]) -> set[tuple[str, str]]:
    """Method and template of everything that an application answers."""
    return {
        (method, route.path or "")
        for route in iter_route_contexts(routes)
        for method in route.methods or {"GET"}
        if method != "HEAD"
    }


def _find_template(method: str, path: str) -> Rule | None:
    for known_method, pattern, template, access in _TEMPLATES:
        if known_method == method and (match := pattern.match(path)):
            return Rule(template, access, match.groupdict())
    return None

"""Who there is: roles, and what belongs to each department."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person or a program may be. Names are what tokens and mappings hold."""

    EXECUTIVE = "executive"
    HEAD_SALES = "head:sales"
    HEAD_FINANCE = "head:finance"
    HEAD_OPERATIONS = "head:operations"
    HEAD_SUPPLY = "head:supply"
    HEAD_MARKETING = "head:marketing"
    SRE = "sre"
    INGEST = "ingest"
    ALERTMANAGER = "alertmanager"
    IMPORTER = "importer"
    ADMIN = "admin"


@dataclass(frozen=True)
class Domain:
    """What a department answers for: its metrics, with their alerts, and its pages."""

    metrics: frozenset[str]
    pages: frozenset[str]


SALES_METRICS = frozenset({"revenue", "pipeline", "forecast"})
SALES_PAGES = frozenset({"/sales/kpis/pipeline", "/sales/kpis/revenue"})

DOMAINS: Mapping[Role, Domain] = {
    Role.HEAD_SALES: Domain(SALES_METRICS, SALES_PAGES),
    Role.HEAD_FINANCE: Domain(
        frozenset({"revenue", "book_to_bill", "nrr", "gm", "payback", "arr"}),
        frozenset(f"/finance/kpis/{key}" for key in ("revenue", "nrr", "gm", "payback", "arr")),
    ),
    Role.HEAD_OPERATIONS: Domain(
        frozenset({"uptime"}), frozenset({"/operations/uptime", "/reliability"})
    ),
    Role.HEAD_SUPPLY: Domain(
        frozenset({"backlog", "coverage_months", "inventory_turns"}),
        frozenset({"/supply", "/supply/kpis/inventory_turns"}),
    ),
    Role.HEAD_MARKETING: Domain(
        SALES_METRICS | {"payback"}, SALES_PAGES | {"/finance/kpis/payback"}
    ),
}

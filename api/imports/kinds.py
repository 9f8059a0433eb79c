"""What can be imported: for each kind its table, its key, its fields and its rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import Table

from api.executive.kpis import SPECS, KpiKey
from api.imports.cells import Cell, Parser, choice, day, decimal, money, period, text
from api.storage import tables

MAX_MITIGATION = 2_000
ORDER_DAYS = ("booked_on", "recognized_on", "cancelled_on")
MAX_SECONDS = 10**9  # of one service in one month, over all its instances

Row = Mapping[str, Cell]
Check = Callable[[Row], tuple[str, str] | None]


@dataclass(frozen=True)
class Field:
    """One field of a kind. ``default`` is stored where the file has no value.

    A ``dated`` field is a day, which a mapping may read in another format.
    """

    name: str
    parse: Parser
    required: bool = True
    default: Cell = None
    dated: bool = False


@dataclass(frozen=True)
class Kind:
    """One kind of file. ``check`` gives the field and reason of a row that contradicts itself.

    ``fixed`` values are stored with every row. Where ``repeats`` are allowed, a row that says
    the same as an earlier one of its key counts once.
    """

    name: str
    table: Table
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    check: Check | None = None
    fixed: Mapping[str, Cell] = field(default_factory=dict)
    repeats: bool = False

    def field_named(self, name: str) -> Field | None:
        """The field of that name, or None."""
        return next((item for item in self.fields if item.name == name), None)

    @property
    def columns(self) -> tuple[str, ...]:
        """The table's columns that a file decides, in the order of parsed rows."""
        return (*(item.name for item in self.fields), *self.fixed)


def _text(table: Table, name: str, *, required: bool = True) -> Field:
    length: int = table.c[name].type.length  # type: ignore[attr-defined]  # a String has one
    return Field(name, text(length), required)


def _money(name: str, *, required: bool = True, minimum: int | None = None) -> Field:
    return Field(name, money(minimum), required)


def _day(name: str, *, required: bool = True) -> Field:
    return Field(name, day(), required, dated=True)


def _order(row: Row) -> tuple[str, str] | None:
    booked, recognized, cancelled = row["booked_on"], row["recognized_on"], row["cancelled_on"]
    if recognized and cancelled:
        return "cancelled_on", "recognized and cancelled: a return is an order of its own, negative"
    for name in ("recognized_on", "cancelled_on"):
        if row[name] and str(row[name]) < str(booked):
            return name, f"{row[name]} is before booked_on {booked}"
    return None


def _deal(row: Row) -> tuple[str, str] | None:
    if (row["closed_on"] is None) != (row["outcome"] is None):
        return "outcome", "closed_on and outcome must be given together"
    if row["created_on"] and row["closed_on"] and str(row["closed_on"]) < str(row["created_on"]):
        return "closed_on", f"{row['closed_on']} is before created_on {row['created_on']}"
    return None


def _service(row: Row) -> tuple[str, str] | None:
    up, observed = row["up_seconds"], row["observed_seconds"]
    if Decimal(str(up)) > Decimal(str(observed)):
        return "up_seconds", f"{up} is more than observed_seconds {observed}"
    return None


def _target(row: Row) -> tuple[str, str] | None:
    watch, act = row["watch"], row["act"]
    if not isinstance(watch, str) or not isinstance(act, str):
        return None
    usual = SPECS[KpiKey(str(row["kpi"]))].good_direction
    down = (row["good_direction"] or usual) == "down"
    beyond = Decimal(watch) - Decimal(act) if down else Decimal(act) - Decimal(watch)
    if beyond > 0:
        side = "below" if down else "above"
        return "act", f"{act} is {side} watch {watch}: act is the worse of the two"
    return None


ORDERS = Kind(
    "orders",
    tables.orders,
    ("order_id",),
    (
        _text(tables.orders, "order_id"),
        _text(tables.orders, "customer_id"),
        _day("booked_on"),
        _day("recognized_on", required=False),
        _day("cancelled_on", required=False),
        _money("amount"),
        _money("profit", required=False),
        Field("type", choice("one_off", "subscription", "recurring")),
        _text(tables.orders, "product", required=False),
        _text(tables.orders, "segment", required=False),
        _text(tables.orders, "region", required=False),
    ),
    check=_order,
)

CUSTOMERS = Kind(
    "customers",
    tables.customers,
    ("customer_id",),
    (
        _text(tables.customers, "customer_id"),
        _text(tables.customers, "name"),
        _text(tables.customers, "industry", required=False),
        _text(tables.customers, "segment", required=False),
        _text(tables.customers, "region", required=False),
        _day("created_on", required=False),
    ),
    repeats=True,  # a file of order lines names its customers many times
)

EXPENSES = Kind(
    "expenses",
    tables.expenses,
    ("expense_id",),
    (
        _text(tables.expenses, "expense_id"),
        _day("incurred_on"),
        Field("category", choice("sales_marketing", "cogs", "operations", "other")),
        _money("amount"),
    ),
)

RETENTION = Kind(
    "retention",
    tables.retention_nrr,
    ("period",),
    (
        Field("period", period),
        _money("opening_mrr", minimum=0),
        _money("churned_mrr", minimum=0),
        _money("contraction_mrr", required=False, minimum=0),
        _money("expansion_mrr", minimum=0),
        _money("new_mrr", required=False, minimum=0),
    ),
)

REVENUE_TREND = Kind(
    "revenue_trend",
    tables.revenue_trend,
    ("period", "source"),
    (
        Field("period", period),
        _money("recognized"),
        _money("booked"),
        _money("backlog"),
    ),
    fixed={"source": "given"},
)

PIPELINE = Kind(
    "pipeline",
    tables.pipeline,
    ("deal_id",),
    (
        _text(tables.pipeline, "deal_id"),
        _text(tables.pipeline, "name", required=False),
        _text(tables.pipeline, "stage"),
        _money("amount"),
        _day("created_on", required=False),
        _day("expected_close_on"),
        Field("win_rate", decimal(0, 1), required=False),
        _day("closed_on", required=False),
        Field("outcome", choice("won", "lost"), required=False),
    ),
    check=_deal,
)

UPTIME = Kind(
    "uptime",
    tables.uptime,
    ("service", "period"),
    (
        _text(tables.uptime, "service"),
        Field("period", period),
        Field("up_seconds", decimal(0, MAX_SECONDS)),
        Field("observed_seconds", decimal(0, MAX_SECONDS)),
        Field("weight", decimal(0, 10**6), required=False, default="1"),
    ),
    check=_service,
)

TARGETS = Kind(
    "targets",
    tables.targets,
    ("kpi", "period"),
    (
        Field("kpi", choice(*KpiKey)),
        Field("period", period, required=False, default=""),
        Field("target", decimal()),
        Field("watch", decimal(), required=False),
        Field("act", decimal(), required=False),
        Field("good_direction", choice("up", "down"), required=False),
    ),
    check=_target,
)

RISKS = Kind(
    "risks",
    tables.risks,
    ("title", "owner"),
    (
        _text(tables.risks, "title"),
        _text(tables.risks, "owner"),
        _day("due"),
        Field("mitigation", text(MAX_MITIGATION)),
        _text(tables.risks, "status"),
    ),
)

INVENTORY = Kind(
    "inventory",
    tables.inventory,
    ("period",),
    (Field("period", period), _money("inventory_value", minimum=0)),
)

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        ORDERS,
        CUSTOMERS,
        EXPENSES,
        RETENTION,
        REVENUE_TREND,
        PIPELINE,
        UPTIME,
        TARGETS,
        RISKS,
        INVENTORY,
    )
}

"""Business tables: money is an integer of 1/10,000 of the currency, periods are ``YYYY-MM``."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from api.storage.types import ExactDecimal, UtcDateTime

MONEY_SCALE = 10_000

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _import_id() -> Column[int]:
    """The import that last wrote the row."""
    return Column("import_id", ForeignKey("imports.id"), nullable=False)


imports = Table(
    "imports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("filename", String(255), nullable=False),
    Column("actor", String(120), nullable=False),
    Column("imported_at", UtcDateTime, nullable=False),
    Column("inserted", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("demo", Boolean, nullable=False),
    Column("undone_at", UtcDateTime),
    Column("undone_by", String(120)),
)

data_version = Table(
    "data_version",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1: one row
    Column("version", BigInteger, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

orders = Table(
    "orders",
    metadata,
    Column("order_id", String(120), primary_key=True),
    Column("customer_id", String(120), nullable=False),
    Column("booked_on", Date, nullable=False),
    Column("recognized_on", Date),
    Column("cancelled_on", Date),
    Column("amount", BigInteger, nullable=False),
    Column("profit", BigInteger),
    Column("type", String(20), nullable=False),
    Column("product", String(200)),
    Column("segment", String(120)),
    Column("region", String(120)),
    _import_id(),
    # Monthly totals are summed from these indexes alone.
    Index(None, "booked_on", "amount"),
    Index(None, "recognized_on", "amount", "profit", "type"),
    Index(None, "cancelled_on", "amount"),
    Index(None, "customer_id"),
    Index(None, "import_id"),
)

customers = Table(
    "customers",
    metadata,
    Column("customer_id", String(120), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("industry", String(120)),
    Column("segment", String(120)),
    Column("region", String(120)),
    Column("created_on", Date),
    _import_id(),
    Index(None, "created_on"),
    Index(None, "import_id"),
)

expenses = Table(
    "expenses",
    metadata,
    Column("expense_id", String(120), primary_key=True),
    Column("incurred_on", Date, nullable=False),
    Column("category", String(40), nullable=False),
    Column("amount", BigInteger, nullable=False),
    _import_id(),
    Index(None, "incurred_on"),
    Index(None, "import_id"),
)

# Monthly totals. source = 'orders': kept from orders by every import; 'given': imported as such.
# A month's 'orders' row wins over its 'given' row.
revenue_trend = Table(
    "revenue_trend",
    metadata,
    Column("period", String(7), primary_key=True),
    Column("source", String(10), primary_key=True),
    Column("recognized", BigInteger, nullable=False),
    Column("booked", BigInteger, nullable=False),
    Column("backlog", BigInteger, nullable=False),  # at the month's end
    # The rest is known from orders only.
    Column("cancelled", BigInteger),
    Column("margin_profit", BigInteger),  # profit of recognized orders that have one
    Column("margin_amount", BigInteger),  # amount of recognized orders that have a profit
    Column("margin_orders", Integer),  # how many orders that is
    Column("recurring", BigInteger),  # recognized subscription and recurring amounts
    Column("recurring_orders", Integer),  # how many orders that is
    Column("recognized_orders", Integer),
    Column("booked_orders", Integer),
    Column("cancelled_orders", Integer),
    Column("import_id", ForeignKey("imports.id")),  # for 'given' rows
)

retention_nrr = Table(
    "retention_nrr",
    metadata,
    Column("period", String(7), primary_key=True),
    Column("opening_mrr", BigInteger, nullable=False),
    Column("churned_mrr", BigInteger, nullable=False),
    Column("contraction_mrr", BigInteger),
    Column("expansion_mrr", BigInteger, nullable=False),
    Column("new_mrr", BigInteger),
    _import_id(),
)

pipeline = Table(
    "pipeline",
    metadata,
    Column("deal_id", String(120), primary_key=True),
    Column("name", String(200)),
    Column("stage", String(120), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("created_on", Date),
    Column("expected_close_on", Date, nullable=False),
    Column("win_rate", ExactDecimal),
    Column("closed_on", Date),
    Column("outcome", String(10)),
    _import_id(),
    Index(None, "created_on"),
    Index(None, "expected_close_on"),
    Index(None, "closed_on"),
    Index(None, "import_id"),
)

uptime = Table(
    "uptime",
    metadata,
    Column("service", String(120), primary_key=True),
    Column("period", String(7), primary_key=True),
    Column("up_seconds", ExactDecimal, nullable=False),
    Column("observed_seconds", ExactDecimal, nullable=False),
    Column("weight", ExactDecimal, nullable=False),  # 1 where the file has none
    _import_id(),
)

targets = Table(
    "targets",
    metadata,
    Column("kpi", String(40), primary_key=True),
    Column("period", String(7), primary_key=True),  # '' is the default for every other month
    Column("target", ExactDecimal, nullable=False),
    Column("watch", ExactDecimal),
    Column("act", ExactDecimal),
    Column("good_direction", String(4)),
    _import_id(),
)

risks = Table(
    "risks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", String(200), nullable=False),
    Column("owner", String(120), nullable=False),
    Column("due", Date, nullable=False),
    Column("mitigation", Text, nullable=False),
    Column("status", String(40), nullable=False),
    _import_id(),
    UniqueConstraint("title", "owner"),
)

inventory = Table(
    "inventory",
    metadata,
    Column("period", String(7), primary_key=True),
    Column("inventory_value", BigInteger, nullable=False),
    _import_id(),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("type", String(40), nullable=False),  # 'kpi_threshold', 'slo_burn'
    Column("fingerprint", String(200), nullable=False),  # one open alert per fingerprint
    Column("kpi", String(40)),
    Column("title", String(200), nullable=False),
    Column("description", Text, nullable=False),
    Column("severity", String(10), nullable=False),
    Column("status", String(20), nullable=False),
    Column("assignee", String(120)),
    Column("snoozed_until", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("resolved_at", UtcDateTime),
    Column("driver", Text),  # what contributed, in one sentence
    Column("last_confirmed_at", UtcDateTime),  # when its sender last said that it fires
    Index(None, "status"),
    Index(None, "fingerprint"),
)

alert_events = Table(
    "alert_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("alert_id", ForeignKey("alerts.id"), nullable=False),
    Column("action", String(20), nullable=False),
    Column("actor", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("detail", Text),
    Index(None, "alert_id"),
)

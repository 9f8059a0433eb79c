"""The business tables: orders and what goes with them, alerts, imports."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=200), nullable=False),
        sa.Column("kpi", sa.String(length=40), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("assignee", sa.String(length=120), nullable=True),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index(op.f("ix_alerts_fingerprint"), "alerts", ["fingerprint"], unique=False)
    op.create_index(op.f("ix_alerts_status"), "alerts", ["status"], unique=False)
    op.create_table(
        "data_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_version")),
    )
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("inserted", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_table(
        "alert_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_alert_events_alert_id_alerts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_events")),
    )
    op.create_index(op.f("ix_alert_events_alert_id"), "alert_events", ["alert_id"], unique=False)
    op.create_table(
        "customers",
        sa.Column("customer_id", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("industry", sa.String(length=120), nullable=True),
        sa.Column("segment", sa.String(length=120), nullable=True),
        sa.Column("region", sa.String(length=120), nullable=True),
        sa.Column("created_on", sa.Date(), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_customers_import_id_imports")
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customers")),
    )
    op.create_table(
        "expenses",
        sa.Column("expense_id", sa.String(length=120), nullable=False),
        sa.Column("incurred_on", sa.Date(), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_expenses_import_id_imports")
        ),
        sa.PrimaryKeyConstraint("expense_id", name=op.f("pk_expenses")),
    )
    op.create_index(op.f("ix_expenses_incurred_on"), "expenses", ["incurred_on"], unique=False)
    op.create_table(
        "inventory",
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("inventory_value", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_inventory_import_id_imports")
        ),
        sa.PrimaryKeyConstraint("period", name=op.f("pk_inventory")),
    )
    op.create_table(
        "orders",
        sa.Column("order_id", sa.String(length=120), nullable=False),
        sa.Column("customer_id", sa.String(length=120), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("recognized_on", sa.Date(), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("profit", sa.BigInteger(), nullable=True),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("product", sa.String(length=200), nullable=True),
        sa.Column("segment", sa.String(length=120), nullable=True),
        sa.Column("region", sa.String(length=120), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_orders_import_id_imports")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_orders")),
    )
    op.create_index(
        op.f("ix_orders_booked_on_amount"), "orders", ["booked_on", "amount"], unique=False
    )
    op.create_index(
        op.f("ix_orders_cancelled_on_amount"), "orders", ["cancelled_on", "amount"], unique=False
    )
    op.create_index(op.f("ix_orders_customer_id"), "orders", ["customer_id"], unique=False)
    op.create_index(
        op.f("ix_orders_recognized_on_amount_profit_type"),
        "orders",
        ["recognized_on", "amount", "profit", "type"],
        unique=False,
    )
    op.create_table(
        "pipeline",
        sa.Column("deal_id", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("stage", sa.String(length=120), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("created_on", sa.Date(), nullable=True),
        sa.Column("expected_close_on", sa.Date(), nullable=False),
        sa.Column("win_rate", sa.String(length=40), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_pipeline_import_id_imports")
        ),
        sa.PrimaryKeyConstraint("deal_id", name=op.f("pk_pipeline")),
    )
    op.create_index(op.f("ix_pipeline_closed_on"), "pipeline", ["closed_on"], unique=False)
    op.create_index(
        op.f("ix_pipeline_expected_close_on"), "pipeline", ["expected_close_on"], unique=False
    )
    op.create_table(
        "retention_nrr",
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("opening_mrr", sa.BigInteger(), nullable=False),
        sa.Column("churned_mrr", sa.BigInteger(), nullable=False),
        sa.Column("contraction_mrr", sa.BigInteger(), nullable=True),
        sa.Column("expansion_mrr", sa.BigInteger(), nullable=False),
        sa.Column("new_mrr", sa.BigInteger(), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_retention_nrr_import_id_imports")
        ),
        sa.PrimaryKeyConstraint("period", name=op.f("pk_retention_nrr")),
    )
    op.create_table(
        "revenue_trend",
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("recognized", sa.BigInteger(), nullable=False),
        sa.Column("booked", sa.BigInteger(), nullable=False),
        sa.Column("backlog", sa.BigInteger(), nullable=False),
        sa.Column("cancelled", sa.BigInteger(), nullable=True),
        sa.Column("margin_profit", sa.BigInteger(), nullable=True),
        sa.Column("margin_amount", sa.BigInteger(), nullable=True),
        sa.Column("margin_orders", sa.Integer(), nullable=True),
        sa.Column("recurring", sa.BigInteger(), nullable=True),
        sa.Column("recurring_orders", sa.Integer(), nullable=True),
        sa.Column("recognized_orders", sa.Integer(), nullable=True),
        sa.Column("booked_orders", sa.Integer(), nullable=True),
        sa.Column("cancelled_orders", sa.Integer(), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_revenue_trend_import_id_imports")
        ),
        sa.PrimaryKeyConstraint("period", "source", name=op.f("pk_revenue_trend")),
    )
    op.create_table(
        "risks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("mitigation", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_risks_import_id_imports")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risks")),
        sa.UniqueConstraint("title", "owner", name=op.f("uq_risks_title_owner")),
    )
    op.create_table(
        "targets",
        sa.Column("kpi", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("target", sa.String(length=40), nullable=False),
        sa.Column("watch", sa.String(length=40), nullable=True),
        sa.Column("act", sa.String(length=40), nullable=True),
        sa.Column("good_direction", sa.String(length=4), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_targets_import_id_imports")
        ),
        sa.PrimaryKeyConstraint("kpi", "period", name=op.f("pk_targets")),
    )
    op.create_table(
        "uptime",
        sa.Column("service", sa.String(length=120), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("up_seconds", sa.String(length=40), nullable=False),
        sa.Column("observed_seconds", sa.String(length=40), nullable=False),
        sa.Column("weight", sa.String(length=40), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_uptime_import_id_imports")
        ),
        sa.PrimaryKeyConstraint("service", "period", name=op.f("pk_uptime")),
    )
    op.execute("INSERT INTO data_version VALUES (1, 1, CURRENT_TIMESTAMP)")


def downgrade() -> None:
    op.drop_table("uptime")
    op.drop_table("targets")
    op.drop_table("risks")
    op.drop_table("revenue_trend")
    op.drop_table("retention_nrr")
    op.drop_index(op.f("ix_pipeline_expected_close_on"), table_name="pipeline")
    op.drop_index(op.f("ix_pipeline_closed_on"), table_name="pipeline")
    op.drop_table("pipeline")
    op.drop_index(op.f("ix_orders_recognized_on_amount_profit_type"), table_name="orders")
    op.drop_index(op.f("ix_orders_customer_id"), table_name="orders")
    op.drop_index(op.f("ix_orders_cancelled_on_amount"), table_name="orders")
    op.drop_index(op.f("ix_orders_booked_on_amount"), table_name="orders")
    op.drop_table("orders")
    op.drop_table("inventory")
    op.drop_index(op.f("ix_expenses_incurred_on"), table_name="expenses")
    op.drop_table("expenses")
    op.drop_table("customers")
    op.drop_index(op.f("ix_alert_events_alert_id"), table_name="alert_events")
    op.drop_table("alert_events")
    op.drop_table("imports")
    op.drop_table("data_version")
    op.drop_index(op.f("ix_alerts_status"), table_name="alerts")
    op.drop_index(op.f("ix_alerts_fingerprint"), table_name="alerts")
    op.drop_table("alerts")

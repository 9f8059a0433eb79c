"""The rollup's samples by day too, made from the hours that are there."""

from itertools import groupby

import sqlalchemy as sa
from alembic import op

from slo import sketch

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

HOURS_PER_DAY = 24
COPY = """
    INSERT INTO slo_daily (metric, event_type, day, shard, count, sum, min, max, sketch)
    VALUES (:metric, :event_type, :day, :shard, :count, :sum, :min, :max, :sketch)"""


def upgrade() -> None:
    op.create_table(
        "slo_daily",
        sa.Column("metric", sa.String(length=40), nullable=False),
        sa.Column("event_type", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("shard", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("sum", sa.Float(), nullable=False),
        sa.Column("min", sa.Float(), nullable=False),
        sa.Column("max", sa.Float(), nullable=False),
        sa.Column("sketch", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("metric", "event_type", "day", "shard", name=op.f("pk_slo_daily")),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        # Today's rows are rewritten by every group: leave room for them on their page.
        op.execute("ALTER TABLE slo_daily SET (fillfactor = 50)")
    _fill(op.get_bind())


def downgrade() -> None:
    op.drop_table("slo_daily")


def _fill(connection: sa.Connection) -> None:
    hourly = sa.table(
        "slo_hourly",
        *map(
            sa.column,
            ("metric", "event_type", "shard", "hour", "count", "sum", "min", "max", "sketch"),
        ),
    )
    key = (hourly.c.metric, hourly.c.event_type, hourly.c.shard, hourly.c.hour)
    hours = connection.execute(
        sa.select(
            *key,
            hourly.c["count"].label("samples"),
            hourly.c.sum,
            hourly.c.min,
            hourly.c.max,
            hourly.c.sketch,
        ).order_by(*key)
    ).all()
    for (metric, event_type, shard, day), found in groupby(
        hours, lambda row: (row.metric, row.event_type, row.shard, row.hour // HOURS_PER_DAY)
    ):
        rows = list(found)
        connection.execute(
            sa.text(COPY),
            {
                "metric": metric,
                "event_type": event_type,
                "day": day,
                "shard": shard,
                "count": sum(row.samples for row in rows),
                "sum": sum(row.sum for row in rows),
                "min": min(row.min for row in rows),
                "max": max(row.max for row in rows),
                "sketch": sketch.combined([row.sketch for row in rows]),
            },
        )

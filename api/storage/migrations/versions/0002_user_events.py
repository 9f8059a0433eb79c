"""User events and their metrics, the ids that make them unique, and their rollups."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    "slo_conditions",
    "slo_hourly_counts",
    "slo_hourly",
    "usage_daily",
    "event_ids",
    "user_event_meta",
    "user_events",
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _events_on_postgresql()
    else:
        _events_on_sqlite()
    _usage()
    _rollups()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP SEQUENCE user_events_id_seq")


def _events_on_sqlite() -> None:
    op.create_table(
        "user_events",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("event_type", sa.String(length=40), nullable=False),
        sa.Column("event_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("session_id", sa.String(length=80), nullable=True),
        sa.Column("release", sa.String(length=80), nullable=True),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_events")),
    )
    op.create_index(op.f("ix_user_events_event_time"), "user_events", ["event_time"], unique=False)
    op.create_table(
        "user_event_meta",
        sa.Column("event_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("metric", sa.String(length=40), nullable=False),
        sa.Column("v", sa.Float(), nullable=True),
        sa.Column("text", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("event_id", "metric", name=op.f("pk_user_event_meta")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "event_ids",
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event_ids")),
        sqlite_with_rowid=False,
    )


def _events_on_postgresql() -> None:
    # Partitions are made by the event store: ahead of time, and dropped whole when they are old.
    op.execute("CREATE SEQUENCE user_events_id_seq AS bigint CACHE 1")
    op.execute(
        """
        CREATE TABLE user_events (
            id bigint NOT NULL,
            event_id uuid NOT NULL,
            event_type varchar(40) NOT NULL,
            event_time timestamptz NOT NULL,
            client_time timestamptz,
            received_at timestamptz NOT NULL,
            session_id varchar(80),
            release varchar(80),
            synthetic boolean NOT NULL,
            CONSTRAINT pk_user_events PRIMARY KEY (id, received_at)
        ) PARTITION BY RANGE (received_at)
        """
    )
    op.execute("CREATE INDEX ix_user_events_event_time ON user_events (event_time)")
    op.execute(
        """
        CREATE TABLE user_event_meta (
            event_id bigint NOT NULL,
            metric varchar(40) NOT NULL,
            v double precision,
            text varchar(200),
            received_at timestamptz NOT NULL,
            CONSTRAINT pk_user_event_meta PRIMARY KEY (event_id, metric, received_at)
        ) PARTITION BY RANGE (received_at)
        """
    )
    op.execute(
        """
        CREATE TABLE event_ids (
            event_id uuid NOT NULL,
            received_on date NOT NULL,
            CONSTRAINT pk_event_ids PRIMARY KEY (event_id)
        )
        """
    )
    # Rows arrive in the order of their day: a BRIN index finds old ones at almost no cost.
    op.execute("CREATE INDEX ix_event_ids_received_on ON event_ids USING brin (received_on)")


def _usage() -> None:
    op.create_table(
        "usage_daily",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("event_type", sa.String(length=40), nullable=False),
        sa.Column("kpi", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "event_type", "kpi", "role", name=op.f("pk_usage_daily")),
    )


def _rollups() -> None:
    op.create_table(
        "slo_hourly",
        sa.Column("metric", sa.String(length=40), nullable=False),
        sa.Column("event_type", sa.String(length=40), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("shard", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("sum", sa.Float(), nullable=False),
        sa.Column("min", sa.Float(), nullable=False),
        sa.Column("max", sa.Float(), nullable=False),
        sa.Column("sketch", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "metric", "event_type", "hour", "shard", name=op.f("pk_slo_hourly")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "slo_hourly_counts",
        sa.Column("metric", sa.String(length=40), nullable=False),
        sa.Column("event_type", sa.String(length=40), nullable=False),
        sa.Column("condition", sa.String(length=80), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("shard", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("good", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "metric",
            "event_type",
            "condition",
            "hour",
            "shard",
            name=op.f("pk_slo_hourly_counts"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "slo_conditions",
        sa.Column("metric", sa.String(length=40), nullable=False),
        sa.Column("event_type", sa.String(length=40), nullable=False),
        sa.Column("condition", sa.String(length=80), nullable=False),
        sa.Column("known_from_hour", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "metric", "event_type", "condition", name=op.f("pk_slo_conditions")
        ),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        # The current hour's rows are rewritten by every group: leave room for them on their page.
        op.execute("ALTER TABLE slo_hourly SET (fillfactor = 50)")
        op.execute("ALTER TABLE slo_hourly_counts SET (fillfactor = 50)")

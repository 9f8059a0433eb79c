"""The daily usage tells features apart.

The key gets another column, which SQLite can only do in a table of its own; and back again the
features are added up.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WITHOUT = ("day", "event_type", "kpi", "role")
WITH = (*WITHOUT, "feature")


def upgrade() -> None:
    _make_anew(WITH, "SELECT day, event_type, kpi, role, '', events FROM usage_before")


def downgrade() -> None:
    _make_anew(
        WITHOUT,
        "SELECT day, event_type, kpi, role, sum(events) FROM usage_before"
        " GROUP BY day, event_type, kpi, role",
    )


def _make_anew(key: tuple[str, ...], rows: str) -> None:
    op.rename_table("usage_daily", "usage_before")
    if op.get_bind().dialect.name == "postgresql":  # its name is needed again
        op.drop_constraint("pk_usage_daily", "usage_before")
    op.create_table(
        "usage_daily",
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.String(length=40), nullable=False) for name in key[1:]),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_usage_daily")),
    )
    op.execute(f"INSERT INTO usage_daily ({', '.join(key)}, events) {rows}")
    op.drop_table("usage_before")

"""What an import replaced is kept, so that the import can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = (
    "orders",
    "customers",
    "expenses",
    "revenue_trend",
    "retention_nrr",
    "pipeline",
    "uptime",
    "targets",
    "risks",
    "inventory",
)


def upgrade() -> None:
    op.add_column("imports", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("imports", sa.Column("undone_by", sa.String(length=120), nullable=True))
    for name in TABLES:
        _replaced(name)


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(f"{name}_replaced")
    op.drop_column("imports", "undone_by")
    op.drop_column("imports", "undone_at")


def _replaced(name: str) -> None:
    """The same columns as the table has at this revision, and who replaced the row."""
    table = sa.Table(name, sa.MetaData(), autoload_with=op.get_bind(), resolve_fks=False)
    key = [column.name for column in table.primary_key]
    op.create_table(
        f"{name}_replaced",
        sa.Column("replaced_by", sa.Integer(), nullable=False, autoincrement=False),
        *(
            sa.Column(column.name, column.type, nullable=column.nullable, autoincrement=False)
            for column in table.columns
        ),
        sa.PrimaryKeyConstraint("replaced_by", *key, name=op.f(f"pk_{name}_replaced")),
        sa.ForeignKeyConstraint(
            ["replaced_by"], ["imports.id"], name=op.f(f"fk_{name}_replaced_replaced_by_imports")
        ),
    )

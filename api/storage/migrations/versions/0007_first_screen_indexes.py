"""The first screen asks for the latest day of a kind, and whether demonstration data remain."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INDEXES = (
    ("orders", "import_id"),
    ("customers", "import_id"),
    ("customers", "created_on"),
    ("expenses", "import_id"),
    ("pipeline", "import_id"),
    ("pipeline", "created_on"),
)


def upgrade() -> None:
    for table, column in INDEXES:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    for table, column in INDEXES:
        op.drop_index(f"ix_{table}_{column}", table)

"""When the sender of an alert last said that it fires."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alerts", sa.Column("last_confirmed_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("alerts", "last_confirmed_at")

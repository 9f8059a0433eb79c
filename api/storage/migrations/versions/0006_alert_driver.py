"""What contributed to the change that an alert is about, in one sentence."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alerts", sa.Column("driver", sa.Text))


def downgrade() -> None:
    op.drop_column("alerts", "driver")

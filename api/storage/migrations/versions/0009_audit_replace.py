"""On SQLite a row of the audit trail cannot be replaced by inserting its number again.

INSERT OR REPLACE removes a row without asking the triggers of DELETE. PostgreSQL asks those of
UPDATE for ON CONFLICT DO UPDATE and MERGE, and that of TRUNCATE.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

REFUSE_ON_SQLITE = """
CREATE TRIGGER audit_events_no_replace BEFORE INSERT ON audit_events
WHEN EXISTS (SELECT 1 FROM audit_events WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'audit_events: rows are only ever added'); END
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(REFUSE_ON_SQLITE)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_events_no_replace")

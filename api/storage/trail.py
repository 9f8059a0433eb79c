"""What the storage itself tells the audit trail, in the transaction of what it does."""

from datetime import datetime

from sqlalchemy import Connection, insert

from api.storage.account_tables import audit_events

ACTOR = "local"  # whoever may run commands on this machine
ABOUT_LENGTH = 200


def tell(connection: Connection, now: datetime, action: str, about: str, detail: str) -> None:
    """Add one row. ``action`` is one of the trail's, ``about`` what was changed."""
    row = {
        "at": now,
        "actor": ACTOR,
        "action": action,
        "about": about[:ABOUT_LENGTH],
        "detail": detail,
    }
    connection.execute(insert(audit_events).values(row))

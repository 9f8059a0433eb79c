"""The audit trail: who did what to what, and when. Written in the transaction of what it tells."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from api.audit import queries
from api.audit.queries import AuditRow

Action = Literal[
    "signed_in",
    "sign_in_refused",
    "signed_out",
    "sessions_ended",
    "token_created",
    "token_prolonged",
    "token_revoked",
    "alert_acknowledged",
    "alert_assigned",
    "alert_snoozed",
    "alert_resolved",
    "imported",
    "import_undone",
    "target_changed",
    "restored",  # this and the next are written by the storage itself
    "schema_taken_back",
]
ABOUT_LENGTH = 200


def record(
    session: Session,
    now: datetime,
    actor: str,
    action: Action,
    about: str,
    detail: str | None = None,
) -> None:
    """Add one row. ``about`` is what was changed, such as ``alert 7``."""
    queries.insert_event(session, now, actor, action, about[:ABOUT_LENGTH], detail)


def trail(session: Session, since: datetime | None = None) -> Iterator[AuditRow]:
    """Every row since an instant, the oldest first."""
    return queries.events(session, since)

"""Questions to and additions to ``audit_events``; nothing else is possible there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from api.storage.account_tables import audit_events

FETCHED_AT_ONCE = 1_000


@dataclass(frozen=True)
class AuditRow:
    """One row of ``audit_events``; ``at`` in UTC."""

    id: int
    at: datetime
    actor: str
    action: str
    about: str
    detail: str | None


def insert_event(
    session: Session, at: datetime, actor: str, action: str, about: str, detail: str | None
) -> None:
    """Add one row."""
    values = {"at": at, "actor": actor, "action": action, "about": about, "detail": detail}
    session.execute(insert(audit_events).values(**values))


def events(session: Session, since: datetime | None) -> Iterator[AuditRow]:
    """Every row since an instant, the oldest first, without holding all in memory."""
    statement = select(audit_events).order_by(audit_events.c.id)
    if since is not None:
        statement = statement.where(audit_events.c.at >= since)
    found = session.execute(statement.execution_options(yield_per=FETCHED_AT_ONCE))
    for row in found.mappings():
        yield AuditRow(**row)

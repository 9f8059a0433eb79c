"""Whether a database has anything that demonstration data would mix with."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.storage.event_tables import user_events
from api.storage.tables import imports


def any_import(session: Session) -> bool:
    """Whether anything was ever imported."""
    return session.execute(select(imports.c.id).limit(1)).first() is not None


def any_event(session: Session) -> bool:
    """Whether the service saw any visitor."""
    return session.execute(select(user_events.c.id).limit(1)).first() is not None

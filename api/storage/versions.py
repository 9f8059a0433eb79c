"""The one number that tells every process that what it shows has changed."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api.storage.tables import data_version


def bump(session: Session, now: datetime) -> None:
    """Say that this transaction changes what the screens show.

    The row stays locked until the transaction ends: writers that bump wait for each other.
    """
    statement = update(data_version).where(data_version.c.id == 1)
    session.execute(statement.values(version=data_version.c.version + 1, changed_at=now))


def lock(session: Session) -> None:
    """Wait for other writers before reading what decides a write, without bumping."""
    session.execute(select(data_version.c.version).where(data_version.c.id == 1).with_for_update())


def current(session: Session) -> int:
    """The version that this transaction sees."""
    version: int = session.execute(select(data_version.c.version)).scalar_one()
    return version

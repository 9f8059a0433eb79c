"""Asks the database engine itself whether what it keeps is sound."""

import logging

from sqlalchemy import Connection, Engine, select

from api.storage.event_tables import event_ids, user_event_meta, user_events

MAX_LISTED = 20
CHECKSUMS = "SHOW data_checksums"
# References that neither engine watches: what refers, to which table, and where it is in vain.
_EVENTS = select(user_events.c.id).where(user_events.c.id == user_event_meta.c.event_id)
_IDS = select(event_ids.c.event_id).where(event_ids.c.event_id == user_events.c.event_id)
REFERENCES = (
    (
        "measurements of event",
        "user_events",
        select(user_event_meta.c.event_id).where(~_EVENTS.exists()),
    ),
    ("event", "event_ids", select(user_events.c.id).where(~_IDS.exists())),
)

logger = logging.getLogger(__name__)


def storage_faults(engine: Engine) -> list[str]:
    """Faults of SQLite's file and of references, a sentence each.

    PostgreSQL checks its pages itself when it reads them, if it was made with checksums.
    """
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            found = _faults_of_file(connection)
        else:
            found = []
            _note_missing_checksums(connection)
        return found + [
            f"{kind} {row} refers to no row of {other}"
            for kind, other, lacking in REFERENCES
            for row in connection.execute(lacking.distinct().limit(MAX_LISTED)).scalars()
        ]


def _faults_of_file(connection: Connection) -> list[str]:
    pages = connection.exec_driver_sql(f"PRAGMA integrity_check({MAX_LISTED})").scalars()
    found = [f"the file is damaged: {reason}" for reason in pages if reason != "ok"]
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(MAX_LISTED)
    return found + [
        f"{table} row {row} refers to no row of {other}" for table, row, other, _ in orphans
    ]


def _note_missing_checksums(connection: Connection) -> None:
    if connection.exec_driver_sql(CHECKSUMS).scalar_one() == "off":
        logger.warning(
            "PostgreSQL keeps no checksums of its pages, so damage to them is not noticed:"
            " stop it and run pg_checksums --enable"
        )

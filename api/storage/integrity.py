"""Asks the database engine itself whether its files are sound."""

from sqlalchemy import Engine

MAX_LISTED = 20


def storage_faults(engine: Engine) -> list[str]:
    """Faults that SQLite finds in its file and its references, a sentence each.

    PostgreSQL checks references on every write and its pages by checksums: nothing to ask.
    """
    if engine.dialect.name != "sqlite":
        return []
    with engine.connect() as connection:
        pages = connection.exec_driver_sql(f"PRAGMA integrity_check({MAX_LISTED})").scalars()
        found = [f"the file is damaged: {reason}" for reason in pages if reason != "ok"]
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(MAX_LISTED)
    return found + [
        f"{table} row {row} refers to no row of {other}" for table, row, other, _ in orphans
    ]

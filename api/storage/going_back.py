"""Takes the schema back for an older version of the program, and tells what that costs."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, MetaData, Table, func, select

from api.storage.account_tables import audit_events
from api.storage.engine import for_writing
from api.storage.migrate import migrate_alone, revision_of, rewind
from api.storage.trail import tell


@dataclass(frozen=True)
class Lost:
    """A table, or a column of one, that the older schema lacks, and the rows that filled it."""

    name: str
    rows: int


def go_back(engine: Engine, revision: str, now: datetime, *, keep: bool) -> list[Lost]:
    """Take the schema back to ``revision``, in one transaction; what is lost by that.

    The audit trail tells of it, where the older schema has one. Without ``keep`` nothing is
    changed, and what would be lost is only told.
    """
    with for_writing(engine).connect() as connection, connection.begin() as transaction:
        migrate_alone(connection)
        left = revision_of(connection)
        before = _tables(connection)
        filled = {name: _filled(connection, table) for name, table in before.items()}
        rewind(connection, revision)
        after = _tables(connection)
        lost = [
            Lost(name if column is None else f"{name}.{column}", rows)
            for name, counts in filled.items()
            for column, rows in counts.items()
            if rows and _is_gone(after.get(name), column)
        ]
        if audit_events.name in after:
            gone = ", ".join(f"{each.name} ({each.rows} rows)" for each in lost) or "nothing"
            tell(
                connection,
                now,
                "schema_taken_back",
                f"schema {left}",
                f"to {revision}; lost: {gone}",
            )
        if not keep:
            transaction.rollback()
    return lost


def _tables(connection: Connection) -> dict[str, Table]:
    found = MetaData()
    found.reflect(connection)
    return dict(sorted(found.tables.items()))


def _filled(connection: Connection, table: Table) -> dict[str | None, int]:
    """The number of rows, under None, and of those with something in each column."""
    counts = [func.count(), *(func.count(column) for column in table.columns)]
    row = connection.execute(select(*counts).select_from(table)).one()
    return dict(zip([None, *table.columns.keys()], row, strict=True))


def _is_gone(table: Table | None, column: str | None) -> bool:
    """Of a table that is gone its columns need not be told."""
    if table is None:
        return column is None
    return column is not None and column not in table.columns

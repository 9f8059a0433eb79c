"""Writes everything a database holds, as it is at one moment, while others go on writing."""

import logging
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from zipfile import ZipFile

from sqlalchemy import Connection, Engine, MetaData, Select, Table, inspect, select, text

from api.storage import archive
from api.storage.account_tables import audit_events
from api.storage.archive import FORMAT, Manifest, Row, TableEntry
from api.storage.event_tables import user_events
from api.storage.migrate import revision_of
from api.storage.replaced_tables import REPLACED
from slo import rollup

logger = logging.getLogger(__name__)

OWN = frozenset(
    name
    for one_of_them in (audit_events, user_events, *REPLACED.values(), rollup.hourly)
    for name in one_of_them.metadata.tables
)
ROWS_AT_ONCE = 2_000
SCHEMA_TABLE = "alembic_version"

Progress = Callable[[str], None]
"""Called with each table's name before it is read or written."""


def back_up(engine: Engine, path: Path, now: datetime, progress: Progress) -> Manifest:
    """Write a backup to ``path``: whole, or not at all. Only its owner may read it.

    All is read in one transaction, so it is one state of the database; writers do not wait.
    Raises ``OSError``.
    """
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        unfinished = Path(file.name)
        try:
            with archive.copy_to(file) as zipped, engine.connect() as connection:
                manifest = _write(connection, zipped, now, progress)
            file.flush()
            os.fsync(file.fileno())
            unfinished.replace(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
    return manifest


def tables_of(connection: Connection) -> list[Table]:
    """Every table of this program, those that others refer to first."""
    names = OWN.intersection(inspect(connection).get_table_names())
    found = MetaData()
    found.reflect(connection, only=sorted(names), resolve_fks=False)
    return list(found.sorted_tables)


def _say_what_is_left_out(connection: Connection) -> None:
    """Tables of others: a restore could not make them."""
    found = set(inspect(connection).get_table_names()) - OWN - {SCHEMA_TABLE}
    if left_out := sorted(found - _partitions(connection)):
        logger.warning("left out, not tables of this program: %s", ", ".join(left_out))


def _write(connection: Connection, zipped: ZipFile, now: datetime, progress: Progress) -> Manifest:
    revision = revision_of(connection)
    _say_what_is_left_out(connection)
    entries = list(_write_tables(connection, zipped, progress))
    manifest = Manifest(
        format=FORMAT,
        revision=revision or "",
        engine=connection.dialect.name,
        taken_at=now,
        tables=entries,
    )
    archive.write_manifest(zipped, manifest)
    return manifest


def _write_tables(
    connection: Connection, zipped: ZipFile, progress: Progress
) -> Iterator[TableEntry]:
    tables = tables_of(connection)
    by_name = {table.name: table for table in tables}
    for table in tables:
        progress(table.name)
        statement = _everything(table, by_name)
        columns = [column.name for column in statement.selected_columns]
        yield archive.write_table(zipped, table.name, columns, _rows(connection, statement))


def _everything(table: Table, by_name: dict[str, Table]) -> Select[tuple[object, ...]]:
    """All columns, and for a partitioned table's key what only another engine needs."""
    if table.name == "user_event_meta" and "received_at" not in table.c:
        events = by_name["user_events"]
        joined = table.join(events, events.c.id == table.c.event_id)
        return select(*table.c, events.c.received_at).select_from(joined)
    return select(*table.c)


def _rows(connection: Connection, statement: Select[tuple[object, ...]]) -> Iterator[Row]:
    result = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(statement)
    return (tuple(row) for row in result)


def _partitions(connection: Connection) -> set[str]:
    if connection.dialect.name != "postgresql":
        return set()
    return set(
        connection.execute(text("SELECT relname FROM pg_class WHERE relispartition")).scalars()
    )

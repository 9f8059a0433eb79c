"""Brings a backup into a database of either engine: all of it, or nothing."""

from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from zipfile import ZipFile

import psycopg
import psycopg.sql
from sqlalchemy import Connection, Engine, Table, func, insert, select, text, update

from api.storage import archive
from api.storage.archive import ArchiveError, Manifest, TableEntry
from api.storage.backup import ROWS_AT_ONCE, Progress, tables_of
from api.storage.carried import Carried
from api.storage.engine import for_writing
from api.storage.event_store_postgresql import DAYS_AHEAD, PARTITIONED, make_partition
from api.storage.migrate import known_revisions, migrate_alone, revision_of, rewind, step_to
from api.storage.tables import data_version

# Filled by migrations, not by people: a database with nothing else is as good as empty.
OWN_TABLES = frozenset({"data_version"})
ONLY_FOR_PARTITIONS = ("user_event_meta", "received_at")

Read = Callable[[object], object]


class NotEmpty(Exception):
    """The database holds rows; the message names their tables."""


def restore(
    engine: Engine, path: Path, now: datetime, progress: Progress, *, replace: bool
) -> Manifest:
    """Bring the backup at ``path`` in, and the schema to the newest, in one transaction.

    All sessions end. Of a database that is replaced, revocations and the audit trail are kept.
    Raises ``ArchiveError``, ``OSError``, and ``NotEmpty`` unless rows are to be replaced.
    """
    with archive.opened(path) as zipped:
        manifest = archive.read_manifest(zipped)
        if manifest.revision not in known_revisions():
            raise ArchiveError(
                f"its schema is {manifest.revision}, which is newer than this program"
            )
        with for_writing(engine).begin() as connection:
            migrate_alone(connection)
            carried = Carried.out_of(connection)
            version = _make_room(connection, replace=replace)
            step_to(connection, manifest.revision)
            _load(connection, zipped, manifest, now, progress)
            step_to(connection, "head")
            carried.into(connection, path.name, manifest.taken_at, now)
            _tell_everybody(connection, version, now)
    return manifest


def _make_room(connection: Connection, *, replace: bool) -> int:
    """Leave an empty database; gives the version of the data that there were."""
    if revision_of(connection) is None:
        return 0
    filled = [
        table.name
        for table in tables_of(connection)
        if table.name not in OWN_TABLES
        and connection.execute(select(table).limit(1)).first() is not None
    ]
    if filled and not replace:
        raise NotEmpty(", ".join(filled))
    version: int = connection.execute(select(data_version.c.version)).scalar_one()
    rewind(connection)
    return version


def _load(
    connection: Connection, zipped: ZipFile, manifest: Manifest, now: datetime, progress: Progress
) -> None:
    tables = {table.name: table for table in tables_of(connection)}
    if unknown := sorted({entry.name for entry in manifest.tables} ^ tables.keys()):
        raise ArchiveError(f"its tables are not those of its schema: {', '.join(unknown)}")
    _make_coming_partitions(connection, now)
    entries = {entry.name: entry for entry in manifest.tables}
    for name, table in tables.items():
        progress(name)
        if name in OWN_TABLES:
            connection.execute(table.delete())
        _fill(connection, table, entries[name], archive.read_table(zipped, entries[name]))
        _continue_numbers(connection, table)


def _fill(
    connection: Connection, table: Table, entry: TableEntry, rows: Iterator[list[object]]
) -> None:
    names = [name for name in entry.columns if name in table.c]
    unfit = sorted({*entry.columns} ^ {*table.c.keys()})
    if unfit and (table.name, *unfit) != ONLY_FOR_PARTITIONS:
        raise ArchiveError(f"columns of {table.name} do not fit: {', '.join(unfit)}")
    places = [entry.columns.index(name) for name in names]
    picked = ([row[place] for place in places] for row in rows)
    if connection.dialect.name == "postgresql":
        _copy(connection, table, names, picked)
    else:
        _insert(connection, table, names, picked)


def _insert(
    connection: Connection, table: Table, names: Sequence[str], rows: Iterable[list[object]]
) -> None:
    readers = [(name, _to_python(table, name)) for name in names]
    for batch in _batches(rows):
        values = [
            {name: _apply(read, value) for (name, read), value in zip(readers, row, strict=True)}
            for row in batch
        ]
        connection.execute(insert(table), values)


def _copy(
    connection: Connection, table: Table, names: Sequence[str], rows: Iterable[list[object]]
) -> None:
    """PostgreSQL reads ISO text by itself; bytes are decoded, and partitions made on the way."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    readers = [_decoded if table.c[name].type.python_type is bytes else None for name in names]
    day_of = names.index("received_at") if table.name in PARTITIONED else None
    statement = psycopg.sql.SQL("COPY {} ({}) FROM STDIN").format(
        psycopg.sql.Identifier(table.name),
        psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, names)),
    )
    days: set[str] = set()
    for batch in _batches(rows):
        if day_of is not None:
            for day in {str(row[day_of])[:10] for row in batch} - days:
                make_partition(connection, table.name, date.fromisoformat(day))
                days.add(day)
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in batch:
                copy.write_row(
                    [_apply(read, value) for read, value in zip(readers, row, strict=True)]
                )


def _make_coming_partitions(connection: Connection, now: datetime) -> None:
    """A service that runs meanwhile has made these, and will not look again."""
    if connection.dialect.name == "postgresql":
        for name in PARTITIONED:
            for ahead in range(DAYS_AHEAD + 1):
                make_partition(connection, name, now.date() + timedelta(days=ahead))


def _continue_numbers(connection: Connection, table: Table) -> None:
    """New rows get numbers after those that came with the backup."""
    if connection.dialect.name != "postgresql" or "id" not in table.c:
        return
    named = "SELECT pg_get_serial_sequence(:table, 'id')"
    sequence = connection.execute(text(named), {"table": table.name}).scalar_one()
    if table.name == "user_events":
        sequence = "user_events_id_seq"
    if sequence is not None:
        last = connection.execute(select(func.max(table.c.id))).scalar_one()
        if last is not None:
            connection.execute(select(func.setval(sequence, last)))


def _tell_everybody(connection: Connection, version: int, now: datetime) -> None:
    """The version goes on from the larger of both, so that every process sees a change."""
    restored: int = connection.execute(select(data_version.c.version)).scalar_one()
    newest = max(version, restored) + 1
    connection.execute(update(data_version).values(version=newest, changed_at=now))


def _batches(rows: Iterable[list[object]]) -> Iterator[list[list[object]]]:
    rows = iter(rows)
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        yield batch


def _to_python(table: Table, name: str) -> Read | None:
    """How a value of the archive becomes one for SQLAlchemy's type of the column."""
    wanted = table.c[name].type.python_type
    if wanted is bytes:
        return _decoded
    if wanted is date:
        return lambda value: date.fromisoformat(str(value))
    if wanted is datetime:
        return lambda value: datetime.fromisoformat(str(value)).astimezone(UTC).replace(tzinfo=None)
    return None


def _decoded(value: object) -> bytes:
    return b64decode(str(value))


def _apply(read: Read | None, value: object) -> object:
    return value if read is None or value is None else read(value)

"""Takes a file into the database: all of it or nothing, the same when done twice."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from tempfile import SpooledTemporaryFile
from typing import IO

import orjson
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from api.imports import queries, trend, undo_queries
from api.imports.errors import MAX_LISTED_ERRORS, ImportRefused, RowError
from api.imports.kinds import ORDER_DAYS, ORDERS, Kind
from api.imports.mapping import ColumnMapping
from api.imports.queries import Merge
from api.imports.reader import ParsedRow, RowReader
from api.storage.postgresql import be_patient
from api.storage.staging import staged

BATCH_ROWS = 5_000
MAX_FILENAME = 255
KEPT_DAYS = 90  # for which the rows that an import replaced are kept
SPOOL_BYTES = 4 * 1024 * 1024  # a larger file waits on disk


@dataclass(frozen=True)
class ImportResult:
    """What an import did, or with ``import_id`` None would do."""

    import_id: int | None
    inserted: int
    updated: int
    unchanged: int
    ignored_columns: tuple[str, ...]


@dataclass(frozen=True)
class Origin:
    """Who imports, from what file, and when."""

    filename: str
    actor: str
    now: datetime
    demo: bool = False


@dataclass(frozen=True)
class StagedFile:
    """A file that was read, checked, and put beside the tables."""

    kind: Kind
    merge: Merge
    ignored_columns: tuple[str, ...]


@contextmanager
def staged_file(
    session: Session, kind: Kind, lines: Iterable[str], mapping: ColumnMapping
) -> Iterator[StagedFile]:
    """Read a file to its end, and stage it; no other writer waits for that, on either engine.

    Raises ``ImportRefused`` when a row is bad.
    """
    reader = RowReader(kind, lines, mapping)
    with SpooledTemporaryFile(max_size=SPOOL_BYTES) as spool:
        _spool(spool, reader)
        connection = _waiting_for_nobody(session)
        be_patient(connection)
        merge = Merge.of(kind.table, kind.key, kind.columns)
        with staged(connection, merge.staged, _spooled(spool)):
            _refuse_bad_rows(session, kind, reader, merge)
            yield StagedFile(kind, merge, reader.ignored_columns)


def merge_file(
    session: Session, file: StagedFile, origin: Origin, *, dry_run: bool = False
) -> ImportResult:
    """Fold a staged file into its table, or with ``dry_run`` say what would be done.

    The caller has bumped the data's version, which makes other imports wait.
    """
    unchanged = queries.drop_unchanged(session, file.merge)
    inserted, updated = queries.counts(session, file.merge)
    result = ImportResult(None, inserted, updated, unchanged, file.ignored_columns)
    return result if dry_run else _write(session, file.kind, file.merge, result, origin)


def _waiting_for_nobody(session: Session) -> Connection:
    """The session's connection. On SQLite its transaction takes the write lock when it writes.

    Staging touches no table of the database, so nothing that others write makes it fail then.
    """
    if session.in_transaction():
        return session.connection()
    return session.connection(execution_options={"begin_writing": False})


def _write(
    session: Session, kind: Kind, merge: Merge, result: ImportResult, origin: Origin
) -> ImportResult:
    import_id = queries.add_import(
        session,
        kind=kind.name,
        filename=origin.filename[-MAX_FILENAME:],
        actor=origin.actor,
        imported_at=origin.now,
        inserted=result.inserted,
        updated=result.updated,
        unchanged=result.unchanged,
        demo=origin.demo,
    )
    days = queries.touched_days(session, merge, ORDER_DAYS) if kind is ORDERS else ()
    undo_queries.forget_replaced(session, kind.table, origin.now - timedelta(days=KEPT_DAYS))
    if result.updated:
        undo_queries.keep_replaced(session, merge, import_id)
        queries.update_stored(session, merge, import_id)
    if result.inserted:
        queries.insert_new(session, merge, import_id)
    if kind is ORDERS:
        trend.refresh(session, days)
    return replace(result, import_id=import_id)


def _refuse_bad_rows(session: Session, kind: Kind, reader: RowReader, merge: Merge) -> None:
    if kind.repeats:
        queries.drop_identical_repeats(session, merge)
    repeated, repeats = queries.repeated_keys(session, merge, MAX_LISTED_ERRORS)
    rejected = reader.rejected + repeated
    if rejected == 0:
        return
    column = reader.column_of(kind.key[0])
    key = " and ".join(name for name in kind.key if name not in kind.fixed)
    errors = [*reader.errors]
    errors += (
        RowError(repeat.line, column, f"the same {key} is on line {repeat.first_line}")
        for repeat in repeats
    )
    rows = "1 row is" if rejected == 1 else f"{rejected:,} rows are"
    errors.sort(key=lambda error: error.line)
    summary = f"{rows} bad and nothing was imported"
    raise ImportRefused(summary, errors, rejected, reader.ignored_columns)


def _spool(spool: IO[bytes], reader: RowReader) -> None:
    batch: list[ParsedRow] = []
    for row in reader:
        batch.append(row)
        if len(batch) == BATCH_ROWS:
            spool.write(orjson.dumps(batch, option=orjson.OPT_APPEND_NEWLINE))
            batch.clear()
    if batch:
        spool.write(orjson.dumps(batch, option=orjson.OPT_APPEND_NEWLINE))
    spool.seek(0)


def _spooled(spool: IO[bytes]) -> Iterator[Sequence[ParsedRow]]:
    return (orjson.loads(line) for line in spool)

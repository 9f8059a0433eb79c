"""Takes a file into the database: all of it or nothing, the same when done twice."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from tempfile import SpooledTemporaryFile
from typing import IO

import orjson
from sqlalchemy.orm import Session

from api.imports import queries, trend, undo_queries
from api.imports.errors import MAX_LISTED_ERRORS, ImportRefused, RowError
from api.imports.kinds import ORDER_DAYS, ORDERS, Kind
from api.imports.mapping import ColumnMapping
from api.imports.queries import Merge
from api.imports.reader import ParsedRow, RowReader
from api.storage import versions
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


def load(
    session: Session,
    kind: Kind,
    lines: Iterable[str],
    mapping: ColumnMapping,
    origin: Origin,
    *,
    dry_run: bool = False,
) -> ImportResult:
    """Import the lines of a CSV file. The caller commits.

    The file is read and checked to its end before the database is touched, so that a slow
    or bad file keeps no other writer waiting. Raises ``ImportRefused`` when a row is bad.
    """
    reader = RowReader(kind, lines, mapping)
    with SpooledTemporaryFile(max_size=SPOOL_BYTES) as spool:
        _spool(spool, reader)
        if not dry_run:
            versions.bump(session, origin.now)  # first: it makes other imports wait
        merge = Merge.of(kind.table, kind.key, kind.columns)
        with staged(session.connection(), merge.staged, _spooled(spool)):
            _refuse_bad_rows(session, kind, reader, merge)
            unchanged = queries.drop_unchanged(session, merge)
            inserted, updated = queries.counts(session, merge)
            result = ImportResult(None, inserted, updated, unchanged, reader.ignored_columns)
            return result if dry_run else _write(session, kind, merge, result, origin)


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

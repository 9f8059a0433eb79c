"""Imports as the command and the API do them, on each engine."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from api.imports.kinds import KINDS
from api.imports.loader import ImportResult, Origin
from api.imports.mapping import ColumnMapping
from api.imports.service import import_lines
from api.settings import Settings
from api.storage.engine import for_writing
from api.storage.tables import metadata

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)

Import = Callable[..., ImportResult]
Counts = Mapping[str, int]


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A CSV file as the csv module writes it."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(header)
    writer.writerows(rows)
    return written.getvalue()


@pytest.fixture
def run(engine: Engine) -> Import:
    """Import text of a kind and commit, as the command does."""

    def run(
        kind: str,
        content: str,
        *,
        mapping: ColumnMapping | None = None,
        dry_run: bool = False,
        now: datetime = NOW,
    ) -> ImportResult:
        origin = Origin(f"{kind}.csv", "local", now)
        lines = content.splitlines(keepends=True)
        with Session(for_writing(engine)) as session:
            result = import_lines(
                session,
                Settings.model_construct(),
                KINDS[kind],
                lines,
                mapping or ColumnMapping(),
                origin,
                dry_run=dry_run,
            )
            session.commit()
            return result

    return run


def rows_of(engine: Engine, table: str) -> list[dict[str, Any]]:
    """A table's rows without the import that wrote them, in a fixed order."""
    with engine.connect() as connection:
        found = [dict(row) for row in connection.execute(select(metadata.tables[table])).mappings()]
    for row in found:
        row.pop("import_id", None)
    return sorted(found, key=lambda row: [str(value) for value in row.values()])


@pytest.fixture
def counts(engine: Engine) -> Callable[[], Counts]:
    """How many rows every table has, and the data version."""

    def count() -> Counts:
        with engine.connect() as connection:
            found = {
                name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in metadata.tables.items()
            }
            version = metadata.tables["data_version"].c.version
            return found | {"version": connection.execute(select(version)).scalar_one()}

    return count

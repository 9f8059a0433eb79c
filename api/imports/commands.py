"""``execdash import``: a CSV file into the database."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from sqlalchemy.orm import Session

from api.commands import UserError, read_settings
from api.imports import database
from api.imports.errors import ImportRefused
from api.imports.kinds import KINDS, Kind
from api.imports.loader import ImportResult, Origin
from api.imports.mapping import (
    MAX_MAPPING_BYTES,
    ColumnMapping,
    MappingError,
    read_mapping,
    with_columns,
)
from api.imports.reader import decoded
from api.imports.schemas import answer, refusal
from api.imports.service import import_lines
from api.storage.engine import for_writing

ACTOR = "local"  # until there are accounts
LINES_A_STEP = 2_000  # of the progress bar


def _fields(kind: Kind) -> str:
    return ", ".join(item.name + ("" if item.required else "?") for item in kind.fields)


KINDS_HELP = "\n\n".join(
    ["Kinds and their fields (? may be missing):"]
    + [f"[bold]{kind.name}[/bold]: {_fields(kind)}" for kind in KINDS.values()]
)


def import_file(
    kind: Annotated[str, typer.Argument(help="What the file holds, for example orders.")],
    file: Annotated[Path, typer.Argument(help="A CSV file: UTF-8, commas, a header line.")],
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="Read a field from another column."),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="YAML file that names columns and constants per kind.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check all, write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Import a CSV file: all of it, or nothing when a row is bad.

    A row is known by its key: doing it again changes nothing, a changed row is updated.
    """
    chosen = _kind(kind)
    settings = read_settings()
    column_mapping = _mapping(chosen, mapping, columns or [])
    with _opened_file(file) as lines, database.ready(settings) as engine:
        origin = Origin(_name(file), ACTOR, datetime.now(UTC))
        with Session(engine if dry_run else for_writing(engine)) as session:
            try:
                result = import_lines(
                    session, settings, chosen, lines, column_mapping, origin, dry_run=dry_run
                )
            except ImportRefused as refused:
                raise _refused(file, refused, as_json=as_json) from None
            except OSError as error:  # the disk is full, or the file is gone while it is read
                raise UserError(f"cannot import {file}: {error.strerror}") from None
            session.commit()
    if as_json:
        sys.stdout.write(answer(result).model_dump_json() + "\n")
    else:
        sys.stdout.write(_sentence(file, result))


def _name(file: Path) -> str:
    """The file's name as text: a name may hold bytes that are no UTF-8."""
    return file.name.encode(errors="replace").decode()


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise UserError(f"{name!r} is not a kind; kinds are {', '.join(KINDS)}")
    return KINDS[name]


def _mapping(kind: Kind, file: Path | None, columns: list[str]) -> ColumnMapping:
    try:
        mapping = ColumnMapping()
        if file is not None:
            with _readable(file) as opened:
                mapping = read_mapping(opened.read(MAX_MAPPING_BYTES + 1), kind)
        return with_columns(mapping, kind, columns)
    except MappingError as error:
        raise UserError(error.detail) from None


@contextmanager
def _readable(file: Path) -> Iterator[BinaryIO]:
    try:
        opened = file.open("rb")
    except OSError as error:
        raise UserError(f"cannot read {file}: {error.strerror}") from None
    with opened:
        yield opened


@contextmanager
def _opened_file(file: Path) -> Iterator[Iterable[str]]:
    """Lines of a file; a terminal shows how far reading is."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with _readable(file) as opened, bar:
        task = bar.add_task(f"Reading {file.name}", total=file.stat().st_size)
        yield _watched(opened, bar, task)


def _watched(opened: BinaryIO, bar: Progress, task: TaskID) -> Iterator[str]:
    for number, line in enumerate(decoded(opened)):
        if number % LINES_A_STEP == 0:
            bar.update(task, completed=opened.tell())
        yield line
    bar.update(task, description="Writing", total=None)


def _sentence(file: Path, result: ImportResult) -> str:
    counts = (
        f"{result.inserted:,} inserted, {result.updated:,} updated, {result.unchanged:,} unchanged"
    )
    done = f"import {result.import_id}" if result.import_id else "dry run: nothing was written"
    text = f"{_name(file)}: {counts} ({done}).\n"
    if result.ignored_columns:
        text += f"Columns not used: {', '.join(result.ignored_columns)}.\n"
    return text


def _refused(file: Path, refused: ImportRefused, *, as_json: bool) -> UserError:
    if as_json:
        sys.stdout.write(refusal(refused).model_dump_json() + "\n")
    if len(refused.errors) == 1:
        return UserError(f"{_name(file)}: {refused.summary}; {refused.errors[0]}")
    for error in refused.errors:
        sys.stderr.write(f"{error}\n")
    more = refused.rejected - len(refused.errors)
    return UserError(
        f"{_name(file)}: {refused.summary}" + (f" ({more:,} more)" if more > 0 else "")
    )

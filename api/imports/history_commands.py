"""``execdash imports``: what was imported, and taking an import back."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.orm import Session

from api.app import utc_now
from api.commands import UserError, read_settings
from api.imports import database, queries
from api.imports.queries import ImportRow
from api.imports.undo import UndoRefused, undo_import
from api.storage.engine import for_writing

ACTOR = "local"  # until there are accounts
PIPED_WIDTH = 300  # nothing is cut where nobody looks
NUMBERS = frozenset({"id", "inserted", "updated", "unchanged"})
TITLES = ("id", "when (UTC)", "kind", "file", "inserted", "updated", "unchanged", "by", "undone")

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

imports_app = typer.Typer(help="What was imported, and taking it back.", no_args_is_help=True)


@imports_app.command("list")
def list_imports(
    limit: Annotated[int, typer.Option(help="How many, at most.", min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List what was imported, the newest first."""
    with database.ready(read_settings()) as engine, Session(engine) as session:
        rows = queries.all_imports(session, limit)
    if as_json:
        sys.stdout.write(json.dumps([_entry(row) for row in rows]) + "\n")
    else:
        _print_table(rows)


@imports_app.command("undo")
def undo(
    import_id: Annotated[int, typer.Argument(metavar="ID", help="See 'execdash imports list'.")],
    as_json: AsJson = False,
) -> None:
    """Take an import back: its new rows go, the rows it changed are as before.

    All or nothing: refused when a later import changed the same rows.
    """
    settings = read_settings()
    with database.ready(settings) as engine, Session(for_writing(engine)) as session:
        try:
            undone = undo_import(session, settings, import_id, utc_now(), ACTOR)
        except UndoRefused as refused:
            raise UserError(refused.detail) from None
        session.commit()
    if as_json:
        sys.stdout.write(json.dumps(asdict(undone)) + "\n")
        return
    sys.stdout.write(
        f"Import {import_id} ({undone.kind}, {undone.filename}) is undone."
        f" Rows taken out: {undone.taken_out:,}; brought back to what they were:"
        f" {undone.put_back:,}.\n"
    )


def _entry(row: ImportRow) -> dict[str, object]:
    undone_at = None if row.undone_at is None else _instant(row.undone_at)
    return {**asdict(row), "imported_at": _instant(row.imported_at), "undone_at": undone_at}


def _instant(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def _print_table(rows: Sequence[ImportRow]) -> None:
    console = Console()
    if not console.is_terminal:
        console.width = PIPED_WIDTH
    table = Table(box=None)
    for title in TITLES:
        table.add_column(title, justify="right" if title in NUMBERS else "left", no_wrap=True)
    for row in rows:
        counts = (f"{n:,}" for n in (row.inserted, row.updated, row.unchanged))
        name, actor = escape(row.filename), escape(row.actor)
        when = f"{row.imported_at:%Y-%m-%d %H:%M}"
        table.add_row(str(row.id), when, row.kind, name, *counts, actor, _undone(row))
    console.print(table if rows else "Nothing was imported yet.")


def _undone(row: ImportRow) -> str:
    if row.undone_at is None:
        return ""
    return f"{row.undone_at:%Y-%m-%d %H:%M} by {escape(row.undone_by or '')}"

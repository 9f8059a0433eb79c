"""``execdash db``: the database's schema and health."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from api.app import utc_now
from api.commands import UserError, read_settings
from api.imports import database
from api.soundness import faults
from api.storage.archive import ArchiveError, Manifest
from api.storage.backup import Progress, back_up
from api.storage.going_back import go_back
from api.storage.migrate import current_revision, known_revisions, upgrade
from api.storage.restore import NotEmpty, restore

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

db_app = typer.Typer(help="Look after the database.", no_args_is_help=True)


@db_app.command("upgrade")
def upgrade_command() -> None:
    """Bring the database to the newest schema. Does nothing when it is there already."""
    with database.opened(read_settings()) as engine:
        before = current_revision(engine)
        upgrade(engine)
        after = current_revision(engine)
    done = "already" if before == after else "now"
    sys.stdout.write(f"The database's schema is {done} {after}.\n")


@db_app.command("downgrade")
def downgrade_command(
    revision: Annotated[str, typer.Argument(help="The schema of the older version, such as 0009.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it, and do not only tell.")] = False,
) -> None:
    """Take the schema back, so that an older version of the program can go on with the data.

    Tells what that schema cannot hold, and so is lost. Stop the service first: this version brings
    the schema to the newest when it starts.
    """
    settings = read_settings()
    database.refuse_missing_file(settings)
    with database.opened(settings) as engine:
        before = current_revision(engine)
        allowed = sorted(each for each in known_revisions() if before and each < before)
        if revision not in allowed:
            raise UserError(
                f"the schema is {before} and cannot go back to {revision!r}; allowed:"
                f" {', '.join(allowed) or 'none'}"
            )
        lost = go_back(engine, revision, utc_now(), keep=yes)
    for each in lost:
        sys.stdout.write(f"{'lost' if yes else 'would be lost'}: {each.name}, {each.rows:,} rows\n")
    if not lost:
        sys.stdout.write("The older schema holds all that is there.\n")
    if yes:
        sys.stdout.write(f"The database's schema is now {revision}. Start the older version.\n")
    else:
        sys.stdout.write("Nothing was changed. Take a backup, stop the service, and say --yes.\n")


@db_app.command("check")
def check_command() -> None:
    """Check schema, file, totals and rollups. Exit code 1 when something is wrong."""
    settings = read_settings()
    database.refuse_missing_file(settings)
    with database.opened(settings) as engine:
        found = faults(engine, settings, utc_now())
    for fault in found:
        sys.stderr.write(f"execdash: {fault}\n")
    if found:
        raise typer.Exit(1)
    sys.stdout.write("The database is sound: schema, file, monthly totals and rollups of events.\n")


@db_app.command("backup")
def backup_command(
    file: Annotated[Path, typer.Argument(help="Where to; the file must not be there yet.")],
    as_json: AsJson = False,
) -> None:
    """Write everything to a file, while the service goes on.

    It is one state of the database: what was acknowledged before is in it.
    """
    if file.exists():
        raise UserError(f"{file} is there already; choose another name")
    with database.ready(read_settings()) as engine, _shown() as progress:
        try:
            manifest = back_up(engine, file, utc_now(), progress)
        except OSError as error:
            raise UserError(f"cannot write {file}: {error.strerror}") from None
    _report(manifest, file, "in", as_json=as_json)


@db_app.command("restore")
def restore_command(
    file: Annotated[Path, typer.Argument(help="A file that 'execdash db backup' wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Delete what the database holds first.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring a backup into an empty database of either engine: all of it, or nothing.

    Checksums are verified, and an older schema is brought to the newest. Stop the service first.
    """
    with database.opened(read_settings()) as engine, _shown() as progress:
        try:
            manifest = restore(engine, file, utc_now(), progress, replace=replace)
        except NotEmpty as error:
            raise UserError(
                f"the database has data ({error}); nothing was changed:"
                " choose an empty one, or say --replace"
            ) from None
        except ArchiveError as error:
            raise UserError(f"{file}: {error}; nothing was changed") from None
        except OSError as error:
            raise UserError(f"cannot read {file}: {error.strerror}") from None
    _report(manifest, file, "restored from", as_json=as_json)


def _report(manifest: Manifest, file: Path, done: str, *, as_json: bool) -> None:
    if as_json:
        summary = {"file": str(file), "rows": manifest.rows}
        rest = manifest.model_dump(mode="json", include={"revision", "engine", "taken_at"})
        tables = {table.name: table.rows for table in manifest.tables}
        sys.stdout.write(json.dumps({**summary, **rest, "tables": tables}) + "\n")
        return
    sys.stdout.write(
        f"{manifest.rows:,} rows of {len(manifest.tables)} tables are {done} {file}"
        f" (schema {manifest.revision}, taken {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC).\n"
    )


@contextmanager
def _shown() -> Iterator[Progress]:
    """A terminal shows which table is at work."""
    console = Console(stderr=True)
    with console.status("Starting") as status:
        yield lambda table: status.update(f"Table {table}")

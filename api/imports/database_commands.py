"""``execdash db``: the database's schema and health."""

import sys

import typer

from api.commands import read_settings
from api.imports import database
from api.storage.migrate import current_revision, upgrade

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


@db_app.command("check")
def check_command() -> None:
    """Check the schema, the file and the monthly totals. Exit code 1 when something is wrong."""
    settings = read_settings()
    database.refuse_missing_file(settings)
    with database.opened(settings) as engine:
        found = database.faults(engine)
    for fault in found:
        sys.stderr.write(f"execdash: {fault}\n")
    if found:
        raise typer.Exit(1)
    sys.stdout.write("The database is sound: schema, file and monthly totals.\n")

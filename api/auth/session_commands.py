"""``execdash sessions``: who is signed in, and signing people out everywhere."""

import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.orm import Session

from api.app import utc_now
from api.auth import service
from api.auth.commands import ACTOR, PIPED_WIDTH
from api.auth.queries import SessionRow
from api.commands import UserError, read_settings
from api.imports import database
from api.storage.engine import for_writing

sessions_app = typer.Typer(help="Who is signed in, and signing out.", no_args_is_help=True)


@sessions_app.command("list")
def list_sessions(
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List the sessions that last, the newest first; never their secrets."""
    with database.ready(read_settings()) as engine, Session(engine) as session:
        rows = service.running_sessions(session, utc_now())
    if as_json:
        sys.stdout.write(json.dumps([_entry(row) for row in rows]) + "\n")
        return
    console = Console()
    if not console.is_terminal:
        console.width = PIPED_WIDTH
    table = Table("subject", "name", "roles", "since (UTC)", "until (UTC)", box=None)
    for row in rows:
        days = (f"{each:%Y-%m-%d %H:%M}" for each in (row.created_at, row.expires_at))
        table.add_row(escape(row.subject), escape(row.name), row.roles, *days)
    console.print(table if rows else "Nobody is signed in.")


@sessions_app.command("end")
def end_sessions(
    subject: Annotated[
        str | None, typer.Argument(help="Who: a subject of 'execdash sessions list'.")
    ] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Everybody.")] = False,
) -> None:
    """Sign a person out everywhere, within 5 seconds in running services.

    Who may still sign in at the provider can come back, with the roles that it gives by then.
    """
    if (subject is None) != everybody:
        raise UserError("sessions end: name a SUBJECT, or say --all")
    now = utc_now()
    with database.ready(read_settings()) as engine, Session(for_writing(engine)) as session:
        ended = service.end_sessions(session, now, ACTOR, subject)
        session.commit()
    if subject is not None and not ended:
        raise UserError(f"{subject!r} is not signed in; execdash sessions list shows who is")
    sys.stdout.write(f"{ended} session{'' if ended == 1 else 's'} ended.\n")


def _entry(row: SessionRow) -> dict[str, object]:
    return {
        "subject": row.subject,
        "name": row.name,
        "roles": row.roles.split(","),
        "since": f"{row.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "until": f"{row.expires_at:%Y-%m-%dT%H:%M:%SZ}",
    }

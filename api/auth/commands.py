"""``execdash token``: what programs show to be let in."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.orm import Session

from api.auth import secrets, service
from api.auth.queries import TokenRow
from api.auth.roles import Role
from api.auth.service import NewToken
from api.commands import UserError, read_settings
from api.imports import database
from api.storage.engine import for_writing

ACTOR = "local"  # whoever may run commands on this machine
MOST_DAYS = 366
PIPED_WIDTH = 200

token_app = typer.Typer(help="Tokens of programs, and of people.", no_args_is_help=True)


@token_app.command("create")
def create_token(
    role: Annotated[Role, typer.Option(help="What the token may do, see docs/accounts.md.")],
    name: Annotated[str, typer.Option(help="Who it is for, for example prometheus.")] = "token",
    days: Annotated[int, typer.Option(help="Days until it expires.", min=1, max=MOST_DAYS)] = 90,
) -> None:
    """Make a token, and show its secret once: only its hash is kept."""
    if not 1 <= len(name) <= 80 or not name.isprintable():
        raise UserError("--name: allowed are 1 to 80 printable characters")
    now = datetime.now(UTC)
    with database.ready(read_settings()) as engine, Session(for_writing(engine)) as session:
        token = NewToken(role, name, now + timedelta(days=days), secrets.new_token())
        token_id = service.create_token(session, now, ACTOR, token)
        session.commit()
    sys.stdout.write(f"{token.secret}\n")
    sys.stderr.write(f"Token {token_id}: {role}, until {token.expires_at:%Y-%m-%d}.\n")


@token_app.command("list")
def list_tokens(
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List all tokens, the newest first; never their secrets."""
    now = datetime.now(UTC)
    with database.ready(read_settings()) as engine, Session(engine) as session:
        rows = service.tokens(session)
    if as_json:
        sys.stdout.write(json.dumps([_entry(row, now) for row in rows]) + "\n")
        return
    console = Console()
    if not console.is_terminal:
        console.width = PIPED_WIDTH
    table = Table("id", "name", "role", "state", "created", "expires", "last used", box=None)
    for row in rows:
        days = (_day(each) for each in (row.created_at, row.expires_at, row.last_used_at))
        table.add_row(str(row.id), escape(row.name), row.role, _state(row, now), *days)
    console.print(table if rows else "There are no tokens.")


@token_app.command("revoke")
def revoke_token(token_id: Annotated[int, typer.Argument(metavar="ID", min=1)]) -> None:
    """Make a token worthless, at once here and within 5 seconds in running services."""
    now = datetime.now(UTC)
    with database.ready(read_settings()) as engine, Session(for_writing(engine)) as session:
        row = service.token(session, token_id)
        if row is None:
            raise UserError(f"there is no token {token_id}; execdash token list shows all")
        if row.revoked_at is not None:
            raise UserError(f"token {token_id} was revoked on {_day(row.revoked_at)}")
        service.revoke_token(session, now, ACTOR, row)
        session.commit()
    sys.stdout.write(f"Token {token_id} is revoked.\n")


def _state(token: TokenRow, now: datetime) -> str:
    if token.revoked_at is not None:
        return "revoked"
    return "good" if now < token.expires_at else "expired"


def _entry(token: TokenRow, now: datetime) -> dict[str, object]:
    entry = asdict(token) | {"state": _state(token, now)}
    del entry["token_hash"]
    return {
        name: f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value
        for name, value in entry.items()
    }


def _day(instant: datetime | None) -> str:
    return "never" if instant is None else f"{instant:%Y-%m-%d %H:%M}"

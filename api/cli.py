"""The one program, ``execdash``: every command is registered here."""

import json
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from sqlalchemy.exc import OperationalError

from api.app import create_app
from api.auth.commands import token_app
from api.auth.session_commands import sessions_app
from api.commands import read_settings
from api.demo.commands import demo as make_demo
from api.imports.commands import KINDS_HELP, import_file
from api.imports.database_commands import db_app
from api.imports.history_commands import imports_app
from api.server import serve_forever
from api.settings import Settings
from api.slo_commands import slo_app

app = typer.Typer(
    name="execdash",
    help="The Executive Dashboard: ten numbers on one screen, and how fast people get them.\n\n"
    "Start with [bold]execdash serve --demo[/bold], then open http://127.0.0.1:8000/dashboard.\n\n"
    "Settings are EXECDASH_* environment variables; docs/settings.md lists them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

app.command("import", epilog=KINDS_HELP)(import_file)
app.add_typer(imports_app, name="imports")
app.command("demo")(make_demo)
app.add_typer(db_app, name="db")
app.add_typer(slo_app, name="slo")
app.add_typer(token_app, name="token")
app.add_typer(sessions_app, name="sessions")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    demo: Annotated[
        bool, typer.Option("--demo", help="Fill an empty database with a made-up company first.")
    ] = False,
) -> None:
    """Run the service. The database is brought to the newest schema first.

    Ctrl+C stops it: running requests are finished, accepted events are written.
    """
    serve_forever(read_settings(), host, port, demo=demo)


@app.command()
def openapi() -> None:
    """Print the OpenAPI document of the HTTP API."""
    # The document must not depend on who prints it.
    document = create_app(Settings.model_construct()).openapi()
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command. A user's mistake is one line on stderr and exit code 2."""
    try:
        code = app(args=arguments, prog_name="execdash", standalone_mode=False)
    except typer.TyperException as error:
        _fail(error.format_message(), error.exit_code)
    except OperationalError as error:
        _fail(f"the database cannot be used: {error.orig}", 1)
    except typer.Abort:
        _fail("stopped", 130)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, code: int) -> None:
    if line := " ".join(message.split()):  # nothing to add where help was shown
        sys.stderr.write(f"execdash: {line}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()

"""The command ``execdash slo alertmanager``: who is told of an alert."""

import re
from pathlib import Path
from typing import Annotated

import typer

from slo.alertmanager import Mail, People, Screen, alertmanager_file
from slo.command_line import Check, File, chosen_objectives, fail, write_or_compare
from slo.objectives import DEFAULT_FILE

FOLDER = Path("deploy/alertmanager")
NAME = "alertmanager.yml"
OF_COMPOSE = Screen()

ADDRESS = re.compile(r"[^\s@,]+@[^\s@,]+")
SERVER = re.compile(r"[A-Za-z0-9.-]+:[0-9]{1,5}")
CHANNEL = re.compile(r"[#@]\S{1,80}")
URL = re.compile(r"https?://[^\s/]+\S*")


def alertmanager(  # noqa: PLR0913 - a command has as many arguments as it has options
    *,
    mail_to: Annotated[str | None, typer.Option(help="E-mail: who gets it.")] = None,
    mail_from: Annotated[str | None, typer.Option(help="E-mail: who sends it.")] = None,
    mail_server: Annotated[str | None, typer.Option(help="E-mail: smtp.example.com:587")] = None,
    mail_user: Annotated[
        str | None, typer.Option(help="E-mail: who signs in.", show_default="--mail-from")
    ] = None,
    slack: Annotated[str | None, typer.Option(help="Slack: the channel, #slo")] = None,
    pagerduty: Annotated[bool, typer.Option(help="PagerDuty, for pages only.")] = False,
    webhook: Annotated[str | None, typer.Option(help="Another program's address.")] = None,
    heartbeat: Annotated[
        str | None, typer.Option(help="Hears the dead man's switch each minute.")
    ] = None,
    screen: Annotated[str, typer.Option(help="The service's own webhook.")] = OF_COMPOSE.url,
    screen_token: Annotated[
        str, typer.Option(help="The file of its token; empty where it wants none.")
    ] = OF_COMPOSE.token_file or "",
    folder: Annotated[Path, typer.Option(help="Where the file goes.")] = FOLDER,
    check: Check = False,
    file: File = DEFAULT_FILE,
) -> None:
    """Write Alertmanager's configuration: the screen always, and people as asked for.

    Secrets are files beside it: secrets/slack_url, pagerduty_routing_key, smtp_password,
    webhook_token.
    """
    objectives = chosen_objectives(file, None)
    _look("--slack", slack, CHANNEL, "a channel such as #slo")
    for option, url in (("--webhook", webhook), ("--heartbeat", heartbeat), ("--screen", screen)):
        _look(option, url, URL, "an address such as https://example.com/hook")
    people = People(
        _mail(mail_to, mail_from, mail_server, mail_user), slack, pagerduty, webhook, heartbeat
    )
    shown = Screen(screen, screen_token or None)
    write_or_compare(folder, {NAME: alertmanager_file(objectives, shown, people)}, check=check)


def _mail(to: str | None, sender: str | None, server: str | None, user: str | None) -> Mail | None:
    if to is None and sender is None and server is None and user is None:
        return None
    if to is None or sender is None or server is None:
        fail("e-mail needs --mail-to, --mail-from and --mail-server")
    for option, address in (("--mail-to", to), ("--mail-from", sender)):
        _look(option, address, ADDRESS, "an address such as sre@example.com")
    _look("--mail-server", server, SERVER, "a server and its port such as smtp.example.com:587")
    return Mail(server, sender, to, user or sender)


def _look(option: str, given: str | None, pattern: re.Pattern[str], allowed: str) -> None:
    if given is not None and not pattern.fullmatch(given):
        fail(f"{option} {given[:80]!r} is not {allowed}")

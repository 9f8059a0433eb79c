"""``execdash demo``: a plausible company to look at."""

import sys
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from api.commands import UserError, read_settings
from api.demo.service import NotEmpty, load_demo
from api.imports import database


def demo() -> None:
    """Fill an empty database with a made-up company, 36 months up to yesterday.

    It has a story to find: a region that loses margin, a backlog that grows, an outage.
    A database that has data is left alone.
    """
    settings = read_settings()
    console = Console(stderr=True)
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with database.ready(settings) as engine, bar:
        task = bar.add_task("Starting")
        try:
            load_demo(
                engine,
                settings,
                datetime.now(UTC),
                lambda step: bar.update(task, description=f"Loading {step}"),
            )
        except NotEmpty as refused:
            raise UserError(refused.detail) from None
    sys.stdout.write("Demo data are in. Next: execdash serve\n")

"""Options that several commands share, and how a command speaks and ends."""

import difflib
import json
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from slo import evaluation
from slo.generated import Outdated, compare, write
from slo.objective import Objective
from slo.objectives import SpecError, load_objectives
from slo.present import one_line
from slo.windows import WindowError, parse_window

TABLE_WIDTH = 150  # where nobody looks on, a table keeps its columns

File = Annotated[
    Path, typer.Option("--file", help="The file of objectives.", show_default="the program's own")
]
Window = Annotated[str, typer.Option(help="Rolling window, 1d to 30d.")]
Names = Annotated[str | None, typer.Option("--objectives", help="Only these: ttfb,render")]
Check = Annotated[
    bool, typer.Option("--check", help="Write nothing; exit 1 when a file is out of date.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def console() -> Console:
    """Where tables are printed."""
    return Console(width=None if sys.stdout.isatty() else TABLE_WIDTH)


def print_json(content: object) -> None:
    """Write JSON to standard output."""
    sys.stdout.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def chosen_objectives(file: Path, names: str | None) -> tuple[Objective, ...]:
    """The objectives asked for, in the file's order, or end with exit code 2."""
    try:
        objectives = load_objectives(file)
    except SpecError as error:
        sys.stderr.writelines(f"{problem}\n" for problem in error.problems)
        raise typer.Exit(evaluation.EXIT_USAGE) from None
    if names is None:
        return objectives
    known = {objective.name for objective in objectives}
    wanted = {name.strip() for name in names.split(",") if name.strip()}
    for name in sorted(wanted - known):
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(sorted(known))}"
        fail(f"no objective is named {name[:40]!r} ({hint})")
    if not wanted:
        fail("--objectives names none")
    return tuple(objective for objective in objectives if objective.name in wanted)


def window_days(window: str) -> int:
    """Read ``7d`` as 7 days, or end with exit code 2."""
    try:
        return parse_window(window)
    except WindowError as error:
        fail(str(error))


def say(message: str) -> None:
    """One line on standard error, whatever stands in it."""
    sys.stderr.write(f"execdash: {one_line(message)}\n")


def fail(message: str, code: int = evaluation.EXIT_USAGE) -> NoReturn:
    """Say one line on standard error and end."""
    say(message)
    raise typer.Exit(code)


def write_or_compare(folder: Path, files: dict[str, str], *, check: bool) -> None:
    """Write generated files, or with ``check`` say which are out of date and exit 1."""
    try:
        if check:
            compare(folder, files)
            return
        for path in write(folder, files):
            sys.stdout.write(f"{path}\n")
    except Outdated as error:
        sys.stderr.write(f"execdash: {error}\n")
        raise typer.Exit(evaluation.EXIT_FAIL) from None
    except OSError as error:
        fail(f"{folder} cannot be written: {error.strerror}")

"""The options of a load run, added to Locust's own."""

import os
import re
import sys
from argparse import ArgumentTypeError, Namespace
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from loadtests.arguments import chromium, token, token_in
from loadtests.shapes import SHAPES
from slo import evaluation

if TYPE_CHECKING:  # importing Locust changes the whole process
    from locust.argument_parser import LocustArgumentParser

MIX = re.compile(r"(?:(?:executive|kiosk|engineer)=\d{1,4}(?:,|$))+")
DAY = 86_400
MAX_LAG_MS = 20.0
FILES = ("result", "junit", "markdown", "report")
BROWSERS_ONLY = {"render", "switch"}


@dataclass(frozen=True)
class Option:
    """One option. ``limits`` are the least and the most of a number; the default tells the type."""

    name: str
    default: str | float | bool
    help: str
    limits: tuple[float, float] | None = None
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Its name in the parsed options."""
        return self.name[2:].replace("-", "_")


# Each option also is an environment variable of Locust's kind: LOCUST_WARM_UP, say.
GROUPS = {
    "Who is there": (
        Option("--shape", "steady", "How the number of users moves", more={"choices": SHAPES}),
        Option("--mix", "executive=90,kiosk=8,engineer=2", "Shares of the users"),
        Option("--think-scale", 1.0, "Multiplies the time between a user's steps", (0, 1000)),
        Option("--open-seconds", 240.0, "For which an executive leaves the page open", (0, DAY)),
        Option("--browsers", 0, "Real browsers beside the users", (0, 100)),
        Option("--browser-think-seconds", 5.0, "Between a browser's two steps", (0, 3600)),
        Option(
            "--chromium",
            "",
            "The browser, where it is not the installed chromium",
            more={"env_var": "CHROMIUM_PATH"},  # as scripts/with-test-tools says it
        ),
        Option("--rum-per-second", 0.0, "RUM events that arrive, open loop", (0, 100_000)),
        Option("--rum-batch", 1, "RUM events in one request", (1, 500)),
        Option("--screens-per-second", 0.0, "Screens that are asked for, open loop", (0, 100_000)),
        Option("--importers", 0, "Jobs that import orders INTO THE SERVICE'S TABLES", (0, 10)),
        Option("--import-seconds", 30.0, "Between two imports of a job", (1, DAY)),
    ),
    "Verdict": (
        Option("--judge", "", "Objectives that decide the exit code, where not all do"),
        Option("--objectives-file", "", "Other objectives than the program's own"),
        Option("--warm-up", 5.0, "Seconds at the start that are left out", (0, DAY)),
        Option("--until-judged", False, "End when all judged objectives have events enough"),
        Option(
            "--max-lag-ms",
            MAX_LAG_MS,
            "A generator later than this (P99) may not have decided a verdict",
            (0, 60_000),
        ),
        Option("--result", "", "File for every sample, as execdash slo gate reads it"),
        Option("--junit", "", "File for the verdicts, for a CI server"),
        Option("--markdown", "", "File for the verdicts, as a pull request's comment"),
        Option("--report", "", "File for verdicts and charts: a page that needs nothing else"),
    ),
    "Service": (
        Option("--token-file", "", "File with the access token that every request carries"),
        Option(
            "--token",
            "",
            "The token itself, better given as EXECDASH_TOKEN",
            more={"env_var": "EXECDASH_TOKEN"},
        ),
        Option("--watch-pid", 0, "Process of a local service, to count connections", (0, 2**31)),
        Option("--watch-database", "", "Its SQLite file or PostgreSQL address, to see its log"),
    ),
}
OPTIONS = tuple(option for group in GROUPS.values() for option in group)


def add_options(parser: "LocustArgumentParser") -> None:
    """Add them in groups, each with the type of its default.

    What is in a group Locust's own page does not show: neither the token, nor what is written.
    """
    for title, options in GROUPS.items():
        group = parser.add_argument_group(title)
        for option in options:
            shown = f"{option.help}." + (f" Default: {option.default}" if option.default else "")
            kind: dict[str, Any] = {"type": type(option.default), "default": option.default}
            if option.default is False:
                kind = {"action": "store_true"}
            group.add_argument(option.name, **kind, help=shown, **option.more)


def defaults() -> Namespace:
    """What holds without a command line."""
    return Namespace(**{option.key: option.default for option in OPTIONS})


def check(options: Namespace) -> None:
    """Refuse what no run can be made of, and read the token's file."""
    for option in OPTIONS:
        low, high = option.limits or (0, 0)
        if option.limits and not low <= getattr(options, option.key) <= high:
            refuse(f"{option.name} must be from {low:,g} to {high:,g}")
    if not MIX.fullmatch(options.mix) or not any(weights(options).values()):
        refuse(f"--mix {options.mix[:40]!r}: write executive=90,kiosk=8,engineer=2")
    _check_times(options)
    _check_browsers(options)
    for name in FILES:
        _check_folder(name, getattr(options, name))
    try:
        token(options.token)
        if options.token_file:
            options.token = token_in(options.token_file)
    except ArgumentTypeError as error:
        refuse(str(error))


def _check_times(options: Namespace) -> None:
    """Locust's page asks for the run time later; who runs without it has said all."""
    run_seconds = getattr(options, "run_time", None)
    if getattr(options, "headless", False) and not run_seconds and options.shape != "steady":
        refuse(f"--shape {options.shape} moves with the run: say --run-time")
    if run_seconds and options.warm_up >= run_seconds:
        refuse(f"--warm-up {options.warm_up:g} leaves nothing of --run-time {run_seconds:g}")


def _check_browsers(options: Namespace) -> None:
    judged = {name.strip() for name in options.judge.split(",")} - {""} or BROWSERS_ONLY
    if options.until_judged and not options.browsers and judged & BROWSERS_ONLY:
        refuse("--until-judged waits for render and switch: say --browsers 1, or --judge others")
    is_master = getattr(options, "master", False)  # its workers have the browsers
    if options.browsers and not is_master and chromium(options.chromium) is None:
        refuse("there is no Chromium for --browsers; install it or name one with --chromium")


def _check_folder(name: str, file: str) -> None:
    """Refuse now what could not be written at the end of a long run."""
    path = Path(file)
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        refuse(f"--{name} {file}: {error.strerror}")
    if file and (path.is_dir() or not os.access(path if path.exists() else folder, os.W_OK)):
        refuse(f"--{name} {file} cannot be written")


def weights(options: Namespace) -> dict[str, int]:
    """The mix, by kind of user."""
    pairs = (part.partition("=") for part in options.mix.split(",") if part)
    return {name: int(weight) for name, _, weight in pairs}


def refuse(message: str) -> NoReturn:
    """End with one line, as wrong use."""
    sys.stderr.write(f"locust: {message}\n")
    sys.exit(evaluation.EXIT_USAGE)

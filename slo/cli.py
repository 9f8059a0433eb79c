"""The commands ``execdash slo ...``. What belongs to the service reaches them as arguments."""

import difflib
import json
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer
from rich.console import Console

from slo import evaluation, present, verification_report
from slo.gate import Judgement, exit_code, judge_source
from slo.generated import Outdated, compare, write
from slo.measurements import BadResult, Source, Unreachable
from slo.objective import Objective
from slo.objectives import DEFAULT_FILE, SpecError, load_objectives
from slo.rollup import hour_number
from slo.rule_tests import rule_tests_file
from slo.rules import Links, rules_file
from slo.sources.http import HttpSource
from slo.sources.samples import SamplesSource
from slo.verification import Verification, hour_text
from slo.verification import exit_code as verification_exit_code
from slo.windows import WindowError, parse_hour, parse_window, window_name, window_start

RULES_FOLDER = Path("deploy/prometheus")
DASHBOARDS_FOLDER = Path("dashboards/grafana")
RULES_NAME = "slo.rules.yml"
RULE_TESTS_NAME = "slo.rules.test.yml"
TABLE_WIDTH = 150  # where nobody looks on, a table keeps its columns

SourceName = Literal["rum", "http", "locust", "browser"]

File = Annotated[
    Path, typer.Option("--file", help="The file of objectives.", show_default="the program's own")
]
Window = Annotated[str, typer.Option(help="Rolling window, 1d to 30d.")]
Names = Annotated[str | None, typer.Option("--objectives", help="Only these: ttfb,render")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Check = Annotated[
    bool, typer.Option("--check", help="Write nothing; exit 1 when a file is out of date.")
]


DashboardFiles = Callable[[Sequence[Objective]], dict[str, str]]
ChooseHours = Callable[[datetime], range]
VerifyStored = Callable[[Sequence[Objective], ChooseHours], tuple[range, list[Verification]]]


def create_cli(
    rum_source: Callable[[int], Source],
    verify_stored: VerifyStored,
    dashboard_files: DashboardFiles,
) -> typer.Typer:
    """The commands.

    ``rum_source`` opens the stored events of a window of so many days. ``verify_stored`` holds the
    hours that it lets choose, given the time, against single events, and may raise Unreachable.
    ``dashboard_files`` makes the dashboards, and raises ModuleNotFoundError where their generator
    is not installed.
    """
    cli = typer.Typer(
        name="slo",
        help="Service level objectives: check the file, see where we stand, judge in CI.",
        no_args_is_help=True,
        rich_markup_mode="rich",
    )
    cli.command()(validate)
    cli.command()(rules)

    @cli.command()
    def report(
        window: Window = "28d",
        names: Names = None,
        as_json: AsJson = False,
        file: File = DEFAULT_FILE,
    ) -> None:
        """Show every objective over a window, from the stored events of real users."""
        objectives = _objectives(file, names)
        days = _days(window)
        judgements = _judge(objectives, lambda: rum_source(days))
        _show(judgements, f"Objectives over {window_name(days)}", "rum", window, as_json)

    @cli.command()
    def gate(
        source: Annotated[SourceName, typer.Option(help="Where the events were counted.")],
        window: Window = "28d",
        names: Names = None,
        result: Annotated[
            Path | None, typer.Option(help="locust, browser: the run's result file.")
        ] = None,
        url: Annotated[str, typer.Option(help="http: the running service.")] = (
            "http://127.0.0.1:8000"
        ),
        as_json: AsJson = False,
        file: File = DEFAULT_FILE,
    ) -> None:
        """Judge, and say so by the exit code.

        0: every objective passes. 1: one fails. 2: the command or a file is wrong.
        3: too few events, or the source cannot be reached; that is never a pass.
        """
        objectives = _objectives(file, names)
        days = _days(window)

        def open_source() -> Source:
            if source == "rum":
                return rum_source(days)
            if source == "http":
                return HttpSource(url, days)
            if result is None:
                raise BadResult(f"--source {source} needs --result FILE")
            return SamplesSource(source, result)

        judgements = _judge(objectives, open_source)
        title = f"Gate: {source}" + (f", {window}" if source in ("rum", "http") else "")
        _show(judgements, title, source, window, as_json)
        raise typer.Exit(exit_code(judgements))

    @cli.command()
    def verify(
        window: Annotated[
            str | None,
            typer.Option(help="Rolling window, 1d to 30d.", show_default="7d"),
        ] = None,
        since: Annotated[
            str | None,
            typer.Option("--from", help="Instead: the first day or hour, 2026-03-31T09:00Z."),
        ] = None,
        until: Annotated[
            str | None,
            typer.Option("--to", help="Where it ends, itself not included.", show_default="now"),
        ] = None,
        names: Annotated[
            list[str] | None,
            typer.Option("--objective", "--objectives", help="Only this one; may be repeated."),
        ] = None,
        as_json: AsJson = False,
        file: File = DEFAULT_FILE,
    ) -> None:
        """Compare the hourly rollup with the stored events, one by one.

        0: counts are equal in every hour and percentiles within 1 %. 1: something differs.
        2: the command or a file is wrong. 3: nothing could be compared, or not read.
        """
        objectives = _objectives(file, ",".join(names) if names else None)
        choose = _choose_hours(window, since, until)
        hours, verifications = _verified(lambda: verify_stored(objectives, choose))
        _show_verification(hours, verifications, as_json=as_json)
        raise typer.Exit(verification_exit_code(verifications))

    @cli.command()
    def dashboards(
        folder: Annotated[Path, typer.Option(help="Where the files go.")] = DASHBOARDS_FOLDER,
        check: Check = False,
        file: File = DEFAULT_FILE,
    ) -> None:
        """Write the Grafana dashboards from the objectives and the service's instruments."""
        objectives = _objectives(file, None)
        try:
            files = dashboard_files(objectives)
        except ModuleNotFoundError as error:
            _fail(f"needs the dependency group dashboards: no module named {error.name}")
        write_or_compare(folder, files, check=check)

    return cli


def validate(file: File = DEFAULT_FILE, as_json: AsJson = False) -> None:
    """Check the file of objectives; each mistake is named with its line.

    Exit code 0 when it is right, 2 when it is not.
    """
    try:
        objectives = load_objectives(file)
    except SpecError as error:
        if as_json:
            problems = [
                {"line": p.line, "where": p.where, "message": p.message, "hint": p.hint}
                for p in error.problems
            ]
            _print_json({"valid": False, "problems": problems})
        else:
            sys.stderr.writelines(f"{problem}\n" for problem in error.problems)
        raise typer.Exit(evaluation.EXIT_USAGE) from None
    if as_json:
        _print_json({"valid": True, "objectives": [o.name for o in objectives]})
        return
    for objective in objectives:
        sys.stdout.write(f"{objective.name:18} {present.goal(objective)}\n")
    sys.stdout.write(f"{len(objectives)} objectives, no mistakes\n")


def rules(
    folder: Annotated[Path, typer.Option(help="Where the files go.")] = RULES_FOLDER,
    window_scale: Annotated[
        str,
        typer.Option(help="Shorten every window alike, for tests: 1/60 makes an hour a minute."),
    ] = "1",
    runbooks_url: Annotated[
        str, typer.Option(help="Where people read docs/runbooks.")
    ] = Links.runbooks,
    dashboards_url: Annotated[
        str, typer.Option(help="Where people open the panel of one objective.")
    ] = Links.dashboards,
    check: Check = False,
    file: File = DEFAULT_FILE,
) -> None:
    """Write the Prometheus rules and their tests from the objectives."""
    objectives = _objectives(file, None)
    links = Links(runbooks_url, dashboards_url)
    files = {RULES_NAME: rules_file(objectives, links=links, scale=_scale(window_scale))}
    if _scale(window_scale) == 1:  # promtool's tests live at full length
        files[RULE_TESTS_NAME] = rule_tests_file(objectives, RULES_NAME)
    write_or_compare(folder, files, check=check)


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
        _fail(f"{folder} cannot be written: {error.strerror}")


def _judge(objectives: Sequence[Objective], open_source: Callable[[], Source]) -> list[Judgement]:
    try:
        return judge_source(objectives, open_source())
    except BadResult as error:
        _fail(str(error))
    except Unreachable as error:
        _fail(str(error), evaluation.EXIT_UNKNOWN)


def _show(judgements: list[Judgement], title: str, source: str, window: str, as_json: bool) -> None:
    if as_json:
        code = exit_code(judgements)
        rows = present.as_json(judgements)
        _print_json({"source": source, "window": window, "exit_code": code, "objectives": rows})
        return
    console = Console(width=None if sys.stdout.isatty() else TABLE_WIDTH)
    console.print(present.table(judgements, title))


def _choose_hours(window: str | None, since: str | None, until: str | None) -> ChooseHours:
    """The hours asked for, as soon as it is known what time it is."""
    if since is None:
        if until is not None:
            _fail("--to needs --from")
        days = _days(window or "7d")
        return lambda now: range(hour_number(window_start(now, days)), hour_number(now) + 1)
    if window is not None:
        _fail("--window and --from exclude each other")
    try:
        first = hour_number(parse_hour(since))
        end = None if until is None else hour_number(parse_hour(until))
    except WindowError as error:
        _fail(str(error))
    if end is not None and end <= first:
        _fail("--to must be after --from")
    return lambda now: range(first, end or hour_number(now) + 1)


def _verified(
    verify: Callable[[], tuple[range, list[Verification]]],
) -> tuple[range, list[Verification]]:
    try:
        return verify()
    except Unreachable as error:
        _fail(str(error), evaluation.EXIT_UNKNOWN)


def _show_verification(
    hours: range, verifications: Sequence[Verification], *, as_json: bool
) -> None:
    if as_json:
        _print_json(verification_report.as_json(verifications, hours))
        return
    title = f"Rollup against single events, {hour_text(hours.start)} to {hour_text(hours.stop)}"
    console = Console(width=None if sys.stdout.isatty() else TABLE_WIDTH)
    console.print(verification_report.table(verifications, title))
    sys.stdout.writelines(f"{line}\n" for line in verification_report.lines(verifications))


def _print_json(content: object) -> None:
    sys.stdout.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def _objectives(file: Path, names: str | None) -> tuple[Objective, ...]:
    """The objectives asked for, in the file's order."""
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
        _fail(f"no objective is named {name[:40]!r} ({hint})")
    if not wanted:
        _fail("--objectives names none")
    return tuple(objective for objective in objectives if objective.name in wanted)


def _days(window: str) -> int:
    try:
        return parse_window(window)
    except WindowError as error:
        _fail(str(error))


def _scale(text: str) -> Fraction:
    try:
        scale = Fraction(text)
    except (ValueError, ZeroDivisionError):
        scale = Fraction(0)
    if not 0 < scale <= 1:
        _fail(f"--window-scale {text[:20]!r} is not a number over 0 and up to 1, such as 1/60")
    return scale


def _fail(message: str, code: int = evaluation.EXIT_USAGE) -> NoReturn:
    sys.stderr.write(f"execdash: {message}\n")
    raise typer.Exit(code)

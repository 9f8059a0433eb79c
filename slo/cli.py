"""The commands ``execdash slo ...``. What belongs to the service reaches them as arguments."""

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import typer

from slo import evaluation, present, releases, verification_report
from slo.alertmanager_command import alertmanager
from slo.command_line import (
    AsJson,
    Check,
    File,
    Names,
    Window,
    chosen_objectives,
    console,
    fail,
    print_json,
    window_days,
    write_or_compare,
)
from slo.gate_command import gate_command, judged, show
from slo.json_schema import schema
from slo.measurements import Source, Unreachable
from slo.objective import Objective
from slo.objectives import DEFAULT_FILE, SpecError, load_objectives
from slo.outcome import Outcome
from slo.releases import Releases
from slo.rollup import hour_number
from slo.rule_tests import rule_tests_file
from slo.rules import Links, rules_file
from slo.verification import Verification, hour_text
from slo.verification import exit_code as verification_exit_code
from slo.windows import WindowError, parse_hour, window_name, window_start

T = TypeVar("T")

RULES_FOLDER = Path("deploy/prometheus")
DASHBOARDS_FOLDER = Path("dashboards/grafana")
RULES_NAME = "slo.rules.yml"
RULE_TESTS_NAME = "slo.rules.test.yml"


DashboardFiles = Callable[[Sequence[Objective]], dict[str, str]]
ChooseHours = Callable[[datetime], range]
ByRelease = Callable[[Sequence[Objective], int, str | None], list[Releases]]
VerifyStored = Callable[[Sequence[Objective], ChooseHours], tuple[range, list[Verification]]]


def create_cli(
    rum_source: Callable[[int], Source],
    by_release: ByRelease,
    verify_stored: VerifyStored,
    dashboard_files: DashboardFiles,
) -> typer.Typer:
    """The commands.

    ``rum_source`` opens the stored events of a window of so many days. ``by_release`` judges them
    release by release, or one of them, and may raise Unreachable. ``verify_stored`` holds the
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
    cli.command()(alertmanager)
    cli.command()(schema)
    cli.command()(gate_command(rum_source))

    @cli.command()
    def report(
        window: Window = "28d",
        names: Names = None,
        by: Annotated[
            Literal["release"] | None, typer.Option(help="From single events: a row each release.")
        ] = None,
        release: Annotated[
            str | None, typer.Option(help="From single events: of this release only.")
        ] = None,
        as_json: AsJson = False,
        file: File = DEFAULT_FILE,
    ) -> None:
        """Show every objective over a window, from the stored events of real users."""
        objectives = chosen_objectives(file, names)
        days = window_days(window)
        if by is not None or release is not None:
            found = _known(lambda: by_release(objectives, days, release))
            _show_releases(found, window, as_json=as_json)
            return
        judgements = judged(objectives, lambda: rum_source(days))
        outcome = Outcome(f"Objectives over {window_name(days)}", judgements)
        show(outcome, "rum", window, as_json)

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
        objectives = chosen_objectives(file, ",".join(names) if names else None)
        choose = _choose_hours(window, since, until)
        hours, verifications = _known(lambda: verify_stored(objectives, choose))
        _show_verification(hours, verifications, as_json=as_json)
        raise typer.Exit(verification_exit_code(verifications))

    @cli.command()
    def dashboards(
        folder: Annotated[Path, typer.Option(help="Where the files go.")] = DASHBOARDS_FOLDER,
        check: Check = False,
        file: File = DEFAULT_FILE,
    ) -> None:
        """Write the Grafana dashboards from the objectives and the service's instruments."""
        objectives = chosen_objectives(file, None)
        try:
            files = dashboard_files(objectives)
        except ModuleNotFoundError as error:
            fail(f"needs the dependency group dashboards: no module named {error.name}")
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
            print_json({"valid": False, "problems": problems})
        else:
            sys.stderr.writelines(f"{problem}\n" for problem in error.problems)
        raise typer.Exit(evaluation.EXIT_USAGE) from None
    if as_json:
        print_json({"valid": True, "objectives": [o.name for o in objectives]})
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
    objectives = chosen_objectives(file, None)
    links = Links(runbooks_url, dashboards_url)
    files = {RULES_NAME: rules_file(objectives, links=links, scale=_scale(window_scale))}
    if _scale(window_scale) == 1:  # promtool's tests live at full length
        files[RULE_TESTS_NAME] = rule_tests_file(objectives, RULES_NAME)
    write_or_compare(folder, files, check=check)


def _choose_hours(window: str | None, since: str | None, until: str | None) -> ChooseHours:
    """The hours asked for, as soon as it is known what time it is."""
    if since is None:
        if until is not None:
            fail("--to needs --from")
        days = window_days(window or "7d")
        return lambda now: range(hour_number(window_start(now, days)), hour_number(now) + 1)
    if window is not None:
        fail("--window and --from exclude each other")
    try:
        first = hour_number(parse_hour(since))
        end = None if until is None else hour_number(parse_hour(until))
    except WindowError as error:
        fail(str(error))
    if end is not None and end <= first:
        fail("--to must be after --from")
    return lambda now: range(first, end or hour_number(now) + 1)


def _known(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except Unreachable as error:
        fail(str(error), evaluation.EXIT_UNKNOWN)


def _show_releases(found: Sequence[Releases], window: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"source": "rum", "window": window, "objectives": releases.as_json(found)})
        return
    console().print(releases.table(found, f"Objectives over {window}, by release"))
    sys.stdout.writelines(f"{line}\n" for line in releases.lines(found))


def _show_verification(
    hours: range, verifications: Sequence[Verification], *, as_json: bool
) -> None:
    if as_json:
        print_json(verification_report.as_json(verifications, hours))
        return
    title = f"Rollup against single events, {hour_text(hours.start)} to {hour_text(hours.stop)}"
    console().print(verification_report.table(verifications, title))
    sys.stdout.writelines(f"{line}\n" for line in verification_report.lines(verifications))


def _scale(text: str) -> Fraction:
    try:
        scale = Fraction(text)
    except (ValueError, ZeroDivisionError):
        scale = Fraction(0)
    if not 0 < scale <= 1:
        fail(f"--window-scale {text[:20]!r} is not a number over 0 and up to 1, such as 1/60")
    return scale

"""The command ``execdash slo gate``, and what it shares with ``report``."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from slo import evaluation, present, reports
from slo.baseline import compare
from slo.baseline import read as read_baseline
from slo.baseline import text as baseline_text
from slo.command_line import (
    AsJson,
    File,
    Names,
    Window,
    chosen_objectives,
    console,
    fail,
    print_json,
    say,
    window_days,
)
from slo.gate import Judgement, judge_measurements, judge_source
from slo.generated import write_whole
from slo.measurements import BadResult, Source, Unreachable
from slo.objective import Objective
from slo.objectives import DEFAULT_FILE
from slo.outcome import Outcome
from slo.sources.http import HttpSource
from slo.sources.prometheus import PrometheusSource
from slo.sources.samples import SamplesSource

SourceName = Literal["rum", "http", "locust", "browser", "prometheus"]
WITH_WINDOW = ("rum", "http", "prometheus")
DEFAULT_ADDRESSES = {"http": "http://127.0.0.1:8000", "prometheus": "http://127.0.0.1:9090"}


def gate_command(rum_source: Callable[[int], Source]) -> Callable[..., None]:
    """The command; ``rum_source`` opens the stored events of a window of so many days."""

    def gate(  # noqa: PLR0913 - a command has as many arguments as it has options
        *,
        source: Annotated[SourceName, typer.Option(help="Where the events were counted.")],
        window: Window = "28d",
        names: Names = None,
        result: Annotated[
            Path | None, typer.Option(help="locust, browser: the run's result file.")
        ] = None,
        url: Annotated[
            str | None,
            typer.Option(
                help="http: the running service. prometheus: the server that scrapes it.",
                show_default="port 8000 or 9090 of this machine",
            ),
        ] = None,
        token: Annotated[
            str | None,
            typer.Option(
                envvar="EXECDASH_TOKEN",
                help="http: of a service with accounts; better in the environment.",
            ),
        ] = None,
        junit: Annotated[
            Path | None, typer.Option(help="Write the verdicts for a CI server.")
        ] = None,
        markdown: Annotated[
            Path | None, typer.Option(help="Write them as a pull request's comment.")
        ] = None,
        baseline: Annotated[
            Path | None, typer.Option(help="What an earlier run saved: fail when this is worse.")
        ] = None,
        save: Annotated[
            Path | None, typer.Option(help="Write a run that passes, for a later --baseline.")
        ] = None,
        as_json: AsJson = False,
        file: File = DEFAULT_FILE,
    ) -> None:
        """Judge, and say so by the exit code.

        0: every objective passes. 1: one fails, or is significantly worse than the baseline.
        2: the command or a file is wrong.
        3: too few events, or the source cannot be read; that is never a pass.
        """
        objectives = chosen_objectives(file, names)
        days = window_days(window)
        files = [path for path in (junit, markdown, save) if path]
        if len(set(files)) < len(files):
            fail("--junit, --markdown and --save must name different files")
        span = window if source in WITH_WINDOW else None

        title = f"Gate: {source}" + (f", {span}" if span else "")
        try:
            kept = read_baseline(baseline, source, span) if baseline else None
            opened = (
                rum_source(days) if source == "rum" else _open(source, url, days, result, token)
            )
            outcome = _outcome(title, objectives, opened)
            if kept and not outcome.unknown:
                outcome = replace(outcome, comparisons=compare(kept, outcome.judgements))
        except BadResult as error:
            fail(str(error))
        _write(junit, reports.junit(outcome))
        _write(markdown, reports.markdown(outcome))
        _save(save, outcome, source, span)
        if as_json or not outcome.unknown:
            show(outcome, source, span, as_json)
        if outcome.unknown:
            fail(outcome.why_unknown, outcome.exit_code)
        raise typer.Exit(outcome.exit_code)

    return gate


def _open(
    source: Literal["http", "prometheus", "locust", "browser"],
    url: str | None,
    days: int,
    result: Path | None,
    token: str | None,
) -> Source:
    """A source that is not the service's own database. Raises BadResult."""
    if source == "http":
        return HttpSource(url or DEFAULT_ADDRESSES[source], days, token)
    if source == "prometheus":
        return PrometheusSource(url or DEFAULT_ADDRESSES[source], days)
    if result is None:
        raise BadResult(f"--source {source} needs --result FILE")
    return SamplesSource(source, result)


def _outcome(title: str, objectives: Sequence[Objective], source: Source) -> Outcome:
    """Judge; a source that is not reached leaves everything unknown. Raises BadResult."""
    try:
        return Outcome(title, judge_source(objectives, source))
    except Unreachable as error:
        nothing = judge_measurements(objectives, source.name, {})
        return Outcome(title, nothing, unknown=error.why, where=error.where)


def _save(path: Path | None, outcome: Outcome, source: str, window: str | None) -> None:
    """Keep what was counted of a run that passes; of any other, say that it is not kept."""
    if outcome.exit_code == evaluation.EXIT_PASS:
        _write(path, baseline_text(source, window, outcome.judgements))
    elif path:
        say(f"{path} is not written: only a run that passes is a baseline. {outcome.meaning}")


def _write(path: Path | None, text: str) -> None:
    if path is None:
        return
    try:
        write_whole(path, text)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}")


def judged(objectives: Sequence[Objective], open_source: Callable[[], Source]) -> list[Judgement]:
    """Judge, or end: with exit code 2 for a wrong file, 3 when nothing is known."""
    try:
        return judge_source(objectives, open_source())
    except BadResult as error:
        fail(str(error))
    except Unreachable as error:
        fail(str(error), evaluation.EXIT_UNKNOWN)


def show(outcome: Outcome, source: str, window: str | None, as_json: bool) -> None:
    """Print the verdicts, for people or for programs."""
    if as_json:
        print_json(_as_json(outcome, source, window))
        return
    console().print(present.table(outcome.judgements, outcome.title, outcome.comparisons))
    sys.stdout.writelines(f"{line}\n" for line in present.left_out(outcome.left_out))


def _as_json(outcome: Outcome, source: str, window: str | None) -> dict[str, Any]:
    content = {"source": source, "window": window, "exit_code": outcome.exit_code}
    if outcome.unknown:
        where, why = present.one_line(outcome.where or ""), present.one_line(outcome.unknown)
        error = {"what": outcome.obstacle, "where": where, "why": why}
        return {**content, "error": error, "objectives": []}
    rows = present.as_json(outcome.judgements)
    if outcome.comparisons is not None:
        found = outcome.comparisons
        for row in rows:
            name = row["name"]
            row["baseline"] = present.comparison_json(found[name]) if name in found else None
    return {**content, "objectives": rows}

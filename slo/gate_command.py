"""The command ``execdash slo gate``, and what it shares with ``report``."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from slo import evaluation, present
from slo.command_line import (
    AsJson,
    File,
    Names,
    Window,
    chosen_objectives,
    console,
    fail,
    print_json,
    window_days,
)
from slo.gate import Judgement, exit_code, judge_source
from slo.measurements import BadResult, Source, Unreachable
from slo.objective import Objective
from slo.objectives import DEFAULT_FILE
from slo.sources.http import HttpSource
from slo.sources.prometheus import PrometheusSource
from slo.sources.samples import SamplesSource

SourceName = Literal["rum", "http", "locust", "browser", "prometheus"]
WITH_WINDOW = ("rum", "http", "prometheus")
DEFAULT_ADDRESSES = {"http": "http://127.0.0.1:8000", "prometheus": "http://127.0.0.1:9090"}


def gate_command(rum_source: Callable[[int], Source]) -> Callable[..., None]:
    """The command; ``rum_source`` opens the stored events of a window of so many days."""

    def gate(
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
        as_json: AsJson = False,
        file: File = DEFAULT_FILE,
    ) -> None:
        """Judge, and say so by the exit code.

        0: every objective passes. 1: one fails. 2: the command or a file is wrong.
        3: too few events, or the source cannot be reached; that is never a pass.
        """
        objectives = chosen_objectives(file, names)
        days = window_days(window)

        def open_source() -> Source:
            if source == "rum":
                return rum_source(days)
            if source == "http":
                return HttpSource(url or DEFAULT_ADDRESSES[source], days)
            if source == "prometheus":
                return PrometheusSource(url or DEFAULT_ADDRESSES[source], days)
            if result is None:
                raise BadResult(f"--source {source} needs --result FILE")
            return SamplesSource(source, result)

        judgements = judged(objectives, open_source)
        title = f"Gate: {source}" + (f", {window}" if source in WITH_WINDOW else "")
        show(judgements, title, source, window, as_json)
        raise typer.Exit(exit_code(judgements))

    return gate


def judged(objectives: Sequence[Objective], open_source: Callable[[], Source]) -> list[Judgement]:
    """Judge, or end: with exit code 2 for a wrong file, 3 when nothing is known."""
    try:
        return judge_source(objectives, open_source())
    except BadResult as error:
        fail(str(error))
    except Unreachable as error:
        fail(str(error), evaluation.EXIT_UNKNOWN)


def show(judgements: list[Judgement], title: str, source: str, window: str, as_json: bool) -> None:
    """Print the verdicts, for people or for programs."""
    if as_json:
        code = exit_code(judgements)
        rows = present.as_json(judgements)
        print_json({"source": source, "window": window, "exit_code": code, "objectives": rows})
        return
    console().print(present.table(judgements, title))

"""Load test that judges itself by ``slo/objectives.yaml``.

Run ``locust -f loadtests/locustfile.py --headless --host http://127.0.0.1:8000``, see
``docs/loadtests.md``. The exit code is 0 pass, 1 fail, 2 wrong use, 3 too little is known.
"""

import sys
import time
from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import gevent
from locust import events, stats
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from loadtests import results
from loadtests.browsing import BrowsingUser
from loadtests.run import Run
from loadtests.scenarios.executive import Executive
from loadtests.scenarios.reliability import Engineer
from slo import evaluation, gate
from slo.objectives import Objective, SpecError, load_objectives

__all__ = ["Engineer", "Executive"]

LAG_BEAT_SECONDS = 0.1
WITHOUT_COMMAND_LINE = Namespace(
    judge="",
    objectives_file="",
    result="",
    junit="",
    markdown="",
    warm_up=0.0,
    think_scale=1.0,
    max_lag_ms=20.0,
)


# Locust's own table would show 304 ms as 300; verdicts come from unrounded samples in any case.
def _whole_milliseconds(response_time: float) -> int:
    return round(response_time)


stats.bucket_response_time = _whole_milliseconds


@events.init_command_line_parser.add_listener
def add_options(parser: LocustArgumentParser, **_: Any) -> None:
    """Options of this load test, each also an environment variable of Locust's kind."""
    group = parser.add_argument_group("Objectives")
    group.add_argument(
        "--judge",
        default="",
        help="Objectives that decide the exit code: ttfb,api-latency."
        " Default: all that a load run can judge.",
    )
    group.add_argument(
        "--objectives-file", default="", help="Another file of objectives than the program's own."
    )
    group.add_argument(
        "--result",
        default="",
        help="File for every sample, for: execdash slo gate --source locust --result FILE",
    )
    group.add_argument("--junit", default="", help="File for the verdicts, for a CI server.")
    group.add_argument(
        "--markdown", default="", help="File for the verdicts, as a pull request's comment."
    )
    group.add_argument(
        "--warm-up",
        type=float,
        default=5.0,
        help="Seconds at the start that are left out. Default: 5",
    )
    group.add_argument(
        "--think-scale",
        type=float,
        default=1.0,
        help="Multiplies the think time between a user's steps. Default: 1",
    )
    group.add_argument(
        "--max-lag-ms",
        type=float,
        default=20.0,
        help="The run is not valid when its generator was later than this (P95). Default: 20",
    )


@events.init.add_listener
def prepare(environment: Environment, **_: Any) -> None:
    """Read the objectives, then connect what measures with what judges."""
    options = environment.parsed_options
    if options is None:
        options = WITHOUT_COMMAND_LINE
    objectives = _objectives(options.objectives_file)
    judged = _judged(objectives, options.judge)
    run = BrowsingUser.run_state = Run(warm_up_seconds=options.warm_up)
    Executive.think_scale = options.think_scale
    Engineer.objective_names = tuple(objective.name for objective in objectives)
    _watch(environment, run)
    if isinstance(environment.runner, WorkerRunner):
        return  # its master judges
    started_at = datetime.now(UTC)

    def finish(environment: Environment, **_: Any) -> None:
        conditions = results.Conditions(
            environment.host or "", started_at, datetime.now(UTC), _parameters(options)
        )
        invalid = results.why_invalid(run, results.Limits(lag_ms=options.max_lag_ms))
        outcome = results.report(run, objectives, judged, invalid)
        environment.process_exit_code = outcome.exit_code
        _write(environment, options.junit, lambda path: gate.write_junit(path, outcome))
        _write(environment, options.markdown, lambda path: gate.write_markdown(path, outcome))
        _write(
            environment,
            options.result,
            lambda path: results.write(path, results.recorded(run), conditions, invalid),
        )

    environment.events.quitting.add_listener(finish)
    # A slow start leaves the loop's clock behind, and a run would end that much too early.
    gevent.get_hub().loop.update_now()


def _watch(environment: Environment, run: Run) -> None:
    def begin(**_: Any) -> None:
        run.begin()

    def cpu_is_full(**_: Any) -> None:
        run.cpu_was_full = True

    def hand_over(data: dict[str, Any], **_: Any) -> None:
        data["execdash"] = run.take()

    def take_in(data: dict[str, Any], **_: Any) -> None:
        run.merge(data["execdash"])

    environment.events.test_start.add_listener(begin)
    environment.events.cpu_warning.add_listener(cpu_is_full)
    if isinstance(environment.runner, WorkerRunner):
        environment.events.report_to_master.add_listener(hand_over)
    elif isinstance(environment.runner, MasterRunner):
        environment.events.worker_report.add_listener(take_in)
    if not isinstance(environment.runner, MasterRunner):  # a master measures nothing itself
        gevent.spawn(_measure_lag, run)


def _measure_lag(run: Run) -> None:
    while True:
        begun = time.perf_counter()
        gevent.sleep(LAG_BEAT_SECONDS)
        run.add_lag((time.perf_counter() - begun - LAG_BEAT_SECONDS) * 1000)


def _objectives(file: str) -> tuple[Objective, ...]:
    try:
        return load_objectives(Path(file)) if file else load_objectives()
    except SpecError as error:
        _refuse(str(error))


def _judged(objectives: tuple[Objective, ...], names: str) -> list[Objective]:
    able = {o.name: o for o in objectives if results.SOURCE in o.sources}
    wanted = [name.strip() for name in names.split(",") if name.strip()] or list(able)
    for name in wanted:
        if name not in able:
            _refuse(f"--judge {name[:40]!r}: a load run can judge {', '.join(able)}")
    return [able[name] for name in wanted]


def _write(environment: Environment, name: str, write: Callable[[Path], None]) -> None:
    if not name:
        return
    try:
        write(Path(name))
    except OSError as error:
        sys.stderr.write(f"locust: {name} cannot be written: {error.strerror}\n")
        environment.process_exit_code = evaluation.EXIT_USAGE


def _parameters(options: Namespace) -> dict[str, Any]:
    """What two runs must share to be compared."""
    names = {
        "users": "num_users",
        "spawn_rate": "spawn_rate",
        "run_time_seconds": "run_time",
        "warm_up_seconds": "warm_up",
        "think_scale": "think_scale",
    }
    return {name: getattr(options, option, None) for name, option in names.items()}


def _refuse(message: str) -> NoReturn:
    sys.stderr.write(f"locust: {message}\n")
    sys.exit(evaluation.EXIT_USAGE)

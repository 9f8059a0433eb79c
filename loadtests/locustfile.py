"""Load test that judges itself by ``slo/objectives.yaml``.

Run ``locust -f loadtests/locustfile.py --headless --host http://127.0.0.1:8000``, see
``docs/loadtests.md``. The exit code is 0 pass, 1 fail, 2 wrong use, 3 too little is known.
"""

import gc
import math
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import gevent
from locust import LoadTestShape, User, events, stats
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.rpc import Message
from locust.runners import CPU_MONITOR_INTERVAL, MasterRunner, WorkerRunner

from loadtests import options as command_line
from loadtests import report, results, shapes
from loadtests.browsing import BrowsingUser
from loadtests.run import Run
from loadtests.scenarios.arrivals import (
    MOST_PER_SECOND,
    ArrivingUser,
    RumArrivals,
    ScreenArrivals,
)
from loadtests.scenarios.browsers import BrowserUser
from loadtests.scenarios.executive import Executive
from loadtests.scenarios.importer import Importer
from loadtests.scenarios.kiosk import Kiosk
from loadtests.scenarios.reliability import Engineer
from loadtests.watch import Watch
from loadtests.workers import LAST, Receiver, Sender
from slo import evaluation, gate
from slo.objectives import Objective, SpecError, load_objectives

__all__ = [
    "BrowserUser",
    "Engineer",
    "Executive",
    "Importer",
    "Kiosk",
    "RumArrivals",
    "ScreenArrivals",
    "Shape",
]

PEOPLE: tuple[type[User], ...] = (Executive, Kiosk, Engineer)
LAG_BEAT_SECONDS = 0.1
ENOUGH = Fraction(11, 10)  # of the fewest events that a verdict needs, with --until-judged
PARAMETERS = {
    "users": "num_users",
    "spawn_rate": "spawn_rate",
    "run_time_seconds": "run_time",
    "warm_up_seconds": "warm_up",
    **{
        name: name
        for name in (
            *("shape", "mix", "think_scale", "open_seconds", "browsers", "browser_think_seconds"),
            *("rum_per_second", "rum_batch", "screens_per_second", "importers", "import_seconds"),
        )
    },
}


# Locust's own table would show 304 ms as 300; verdicts come from unrounded samples in any case.
def _whole_milliseconds(response_time: float) -> int:
    return round(response_time)


stats.bucket_response_time = _whole_milliseconds


class Shape(LoadTestShape):
    """The shape that --shape names. ``machinery`` are users that are no people: always there."""

    use_common_options = True
    machinery: ClassVar[int] = 0
    has_enough: ClassVar[Callable[[], bool]] = staticmethod(lambda: False)

    def tick(self) -> tuple[int, float] | None:
        """The number of users now, and how many may come in a second; None ends the run."""
        assert self.runner is not None
        options = self.runner.environment.parsed_options
        assert options is not None
        run_seconds = float(options.run_time or 0)
        now = self.get_run_time()
        if (run_seconds and now >= run_seconds) or type(self).has_enough():
            self.runner.stop()  # a master that quits does not wait for its workers' last samples
            return None
        everyone = options.num_users or 1
        asked = shapes.people(options.shape, everyone, run_seconds, now)
        rate = float(options.spawn_rate or 1)
        if options.shape == "spike":
            rate = max(rate, everyone / shapes.SPIKE_SECONDS)
        return asked + self.machinery, rate


@events.init_command_line_parser.add_listener
def add_options(parser: LocustArgumentParser, **_: Any) -> None:
    """Options of this load test, each also an environment variable of Locust's kind."""
    command_line.add_options(parser)


@events.init.add_listener
def prepare(environment: Environment, **_: Any) -> None:
    """Read the objectives, then connect what measures with what judges."""
    options = environment.parsed_options or command_line.defaults()
    command_line.check(options)
    objectives = _objectives(options.objectives_file)
    judged = _judged(objectives, options.judge)
    run = BrowsingUser.run_state = Run()
    BrowsingUser.options = options
    Engineer.objective_names = tuple(objective.name for objective in objectives)
    environment.events.test_start.add_listener(lambda **_: _set_numbers(options))
    Shape.has_enough = lambda: options.until_judged and _has_enough(run, judged)
    receiver = Receiver(run)
    _watch_generator(environment, run, receiver)
    if isinstance(environment.runner, WorkerRunner):
        return  # its master says who is there, and judges
    _populate(environment, options)
    service = _watch_service(environment, run, options)
    started_at = datetime.now(UTC)

    def finish(environment: Environment, **_: Any) -> None:
        _close(environment, run, receiver, objectives)
        parameters = {name: getattr(options, option, None) for name, option in PARAMETERS.items()}
        conditions = results.Conditions(
            environment.host or "", started_at, datetime.now(UTC), parameters
        )
        limits = results.Limits(lag_ms=options.max_lag_ms)
        invalid = results.why_invalid(run, limits, objectives)
        found = results.judgements(run, objectives)
        told = results.outcome(found, judged, invalid)
        results.show(run, found, told)
        environment.process_exit_code = told.exit_code
        recorded = results.recorded(run, service.readings)
        files: dict[str, Callable[[Path], None]] = {
            options.junit: lambda path: gate.write_junit(path, told),
            options.markdown: lambda path: gate.write_markdown(path, told),
            options.result: lambda path: results.write(path, recorded, conditions, invalid),
            options.report: lambda path: results.write_text(
                path, report.page(found, told, recorded, conditions)
            ),
        }
        for name, write in files.items():
            _write(environment, name, write)

    environment.events.quitting.add_listener(finish)
    # A slow start leaves the loop's clock behind, and a run would end that much too early.
    gevent.get_hub().loop.update_now()


def _close(
    environment: Environment, run: Run, receiver: Receiver, objectives: tuple[Objective, ...]
) -> None:
    """Let the users stop, where a signal ended the run, and count what that cut short."""
    assert environment.runner is not None
    environment.runner.stop()
    receiver.check()
    results.settle(run, objectives)


def _populate(environment: Environment, options: Namespace) -> None:
    """Leave out the kinds of which there is none."""
    _set_numbers(options)
    kinds = environment.user_classes
    kinds[:] = [kind for kind in kinds if kind.fixed_count or (kind in PEOPLE and kind.weight)]
    Shape.machinery = sum(kind.fixed_count for kind in kinds)


def _set_numbers(options: Namespace) -> None:
    """Say how many there are of each kind. A worker hears of it when its master starts."""
    BrowserUser.fixed_count, Importer.fixed_count = options.browsers, options.importers
    _set_rate(RumArrivals, options.rum_per_second / options.rum_batch)
    _set_rate(ScreenArrivals, options.screens_per_second)
    weights = command_line.weights(options)
    for person in PEOPLE:
        person.weight = weights.get(person.__name__.lower(), 0)


def _set_rate(kind: type[ArrivingUser], rate_per_second: float) -> None:
    """So many streams that workers can share them; together they ask at the rate."""
    kind.fixed_count = math.ceil(rate_per_second / MOST_PER_SECOND)
    kind.rate_per_second = rate_per_second / max(1, kind.fixed_count)


def _has_enough(run: Run, judged: list[Objective]) -> bool:
    return all(
        run.total([(objective.metric, event_type) for event_type in objective.event_types])
        >= objective.minimum_events * ENOUGH
        for objective in judged
    )


def _watch_generator(environment: Environment, run: Run, receiver: Receiver) -> None:
    """Notice when the generator cannot keep up, in each process that measures."""

    def begin(**_: Any) -> None:
        run.begin(BrowsingUser.options.warm_up)

    def cpu_is_full(**_: Any) -> None:
        if run.is_warm(time.perf_counter() - CPU_MONITOR_INTERVAL):
            run.trouble = "the load generator's CPU was full; use fewer users, or more workers"

    def spare_collector(**_: Any) -> None:
        gc.collect()
        gc.freeze()  # thousands of users who stay: to look at them again takes half a second

    environment.events.test_start.add_listener(begin)
    environment.events.spawning_complete.add_listener(spare_collector)
    environment.events.cpu_warning.add_listener(cpu_is_full)
    if isinstance(environment.runner, WorkerRunner):
        _hand_over(environment, environment.runner, Sender(run))
    elif isinstance(environment.runner, MasterRunner):
        _take_in(environment, environment.runner, receiver)
    if not isinstance(environment.runner, MasterRunner):  # a master measures nothing itself
        gevent.spawn(_measure_lag, run)


def _hand_over(environment: Environment, runner: WorkerRunner, sender: Sender) -> None:
    def report(data: dict[str, Any], **_: Any) -> None:
        data["execdash"] = sender.parcel()

    environment.events.test_start.add_listener(lambda **_: sender.begin())
    environment.events.report_to_master.add_listener(report)
    environment.events.test_stop.add_listener(lambda **_: runner.send_message(LAST, sender.last()))


def _take_in(environment: Environment, runner: MasterRunner, receiver: Receiver) -> None:
    def present() -> list[str]:
        clients = runner.clients
        return [one.id for one in (*clients.ready, *clients.spawning, *clients.running)]

    def report(client_id: str, data: dict[str, Any], **_: Any) -> None:
        receiver.take_in(client_id, data["execdash"])

    def last(msg: Message, **_: Any) -> None:
        receiver.take_in(msg.node_id, msg.data)

    environment.events.test_start.add_listener(lambda **_: receiver.begin(present()))
    environment.events.worker_report.add_listener(report)
    environment.events.test_stopping.add_listener(lambda **_: receiver.end(present()))
    runner.register_message(LAST, last)


def _watch_service(environment: Environment, run: Run, options: Namespace) -> Watch:
    host = (environment.host or "").rstrip("/")
    service = Watch(host, options.token, options.watch_pid, options.watch_database)
    runner = environment.runner
    assert runner is not None
    gevent.spawn(service.run, lambda: run.seconds, lambda: runner.user_count)
    return service


def _measure_lag(run: Run) -> None:
    while True:
        begun = time.perf_counter()
        gevent.sleep(LAG_BEAT_SECONDS)
        run.add_lag((time.perf_counter() - begun - LAG_BEAT_SECONDS) * 1000)


def _objectives(file: str) -> tuple[Objective, ...]:
    try:
        return load_objectives(Path(file)) if file else load_objectives()
    except SpecError as error:
        command_line.refuse(str(error))


def _judged(objectives: tuple[Objective, ...], names: str) -> list[Objective]:
    able = {o.name: o for o in objectives if results.SOURCE in o.sources}
    wanted = [name.strip() for name in names.split(",") if name.strip()] or list(able)
    for name in wanted:
        if name not in able:
            command_line.refuse(f"--judge {name[:40]!r}: a load run can judge {', '.join(able)}")
    return [able[name] for name in wanted]


def _write(environment: Environment, name: str, write: Callable[[Path], None]) -> None:
    if not name:
        return
    try:
        write(Path(name))
    except OSError as error:
        sys.stderr.write(f"locust: {name} cannot be written: {error.strerror}\n")
        environment.process_exit_code = evaluation.EXIT_USAGE

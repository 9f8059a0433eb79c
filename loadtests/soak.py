"""Hours of steady load, and whether anything grows meanwhile.

``python -m loadtests.soak --minutes 60 --keep FILE``, see ``docs/loadtests.md``. The exit code is
0 when all is flat and every objective passes, 1 when something grows or fails, 3 when too little
is known.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

from rich.console import Console
from rich.table import Table

from loadtests import results, watch
from loadtests.arguments import count, positive
from loadtests.charts import Point
from loadtests.driven import Driven, RunFailed, drive
from loadtests.options import MAX_LAG_MS
from loadtests.results import nearest_rank
from loadtests.run import RENDER, SWITCH
from loadtests.service import ServiceFailed, end_on_sigterm, fresh_service
from slo import evaluation, gate
from slo.objectives import Objective, load_objectives
from slo.regression import ERROR_RATE, TOLERANCE, percentile_test

MIB = 2**20
HOUR = 3600.0
# How much a gauge may grow: in an hour, and a little in any case.
GAUGES = {
    "memory_bytes": (32 * MIB, 16 * MIB),
    "open_files": (30.0, 10.0),
    "connections": (30.0, 10.0),
    "queued_events": (200.0, 100.0),
}
LOGS = {
    "sqlite": (16 * MIB, 8 * MIB),
    "postgresql": (64 * MIB, 64 * MIB),  # it rises and falls by what comes between checkpoints
}
SLICES = 60  # of the run, each with its median
SLACK_MS = 5.0
PERCENT = 95
WARM_UP_SHARE = 0.1
BROWSERS_ONLY = {RENDER[0], SWITCH[0]}


@dataclass(frozen=True)
class Course:
    """What something was in the middle third of the run, and in the last.

    ``per_hour`` is how fast a gauge grew; None for times, whose thirds are compared.
    """

    name: str
    unit: str
    middle: float | None
    last: float | None
    per_hour: float | None
    grows: bool

    @property
    def is_known(self) -> bool:
        """Whether it was measured to the end."""
        return self.middle is not None and self.last is not None


def courses(run: Driven, objectives: Sequence[Objective], engine: str) -> list[Course]:
    """How everything that must stay flat went. What was not measured is not known, never flat."""
    gauges = {**GAUGES, "wal_bytes": LOGS[engine]}
    found = [
        _gauge(name, watch.levels(run.warm_readings, name), allowed)
        for name, allowed in gauges.items()
    ]
    timed = [one for one in applicable(run, objectives) if one.unit != "status"]
    return found + [_times(one, run) for one in timed]


def applicable(run: Driven, objectives: Sequence[Objective]) -> list[Objective]:
    """What this run can judge: without browsers not what only they measure."""
    browsers = run.parameters.get("browsers")
    able = [one for one in objectives if "locust" in one.sources]
    return [one for one in able if browsers or one.metric not in BROWSERS_ONLY]


def slope(points: Sequence[Point]) -> float:
    """How much values grow a second: the median of the slopes between any two (Theil-Sen).

    Neither a peak nor a rise at the start moves it.
    """
    size = -(-len(points) // SLICES)
    slices = [points[at : at + size] for at in range(0, len(points), size)]
    medians = [tuple(map(statistics.median, zip(*part, strict=True))) for part in slices]
    slopes = [
        (later - former) / (end - begin)
        for (begin, former), (end, later) in combinations(medians, 2)
    ]
    return statistics.median(slopes) if slopes else 0.0


def _gauge(name: str, points: list[Point], allowed: tuple[float, float]) -> Course:
    middle, last = map(_median, _thirds_of(points))
    unit = "MiB" if name.endswith("_bytes") else ""
    if not points:
        return Course(name, unit, None, None, None, grows=False)
    growth, (an_hour, in_any_case) = slope(points), allowed
    seconds = points[-1][0] - points[0][0]
    grows = growth * seconds > max(an_hour * seconds / HOUR, in_any_case)
    return Course(name, unit, middle, last, growth * HOUR, grows)


def _times(objective: Objective, run: Driven) -> Course:
    timed = run.of(objective)
    # What a late generator timed may pass all the same, but nobody knows whether it grows.
    is_known = (run.lag_p99_ms or 0.0) <= MAX_LAG_MS
    points = list(zip(timed.at_seconds, timed.values, strict=True)) if is_known else []
    middle, last = _thirds_of(points)
    name = f"{objective.name} P95"
    return Course(name, objective.unit, _p95(middle), _p95(last), None, _slower(middle, last))


def _slower(middle: Sequence[float], last: Sequence[float]) -> bool:
    """Whether the P95 of the last third is over what is allowed, and that is no accident.

    Where about one answer in twenty is slow, as after each import, a P95 is one of those in one
    third and one of the others in the next, though nothing has changed.
    """
    if not middle or not last:
        return False
    allowed = [max(value * TOLERANCE, value + SLACK_MS) for value in middle]
    return percentile_test(last, allowed, PERCENT) <= ERROR_RATE


def _thirds_of(points: list[Point]) -> tuple[list[float], list[float]]:
    """Values of the middle third of the time, and of the last."""
    if not points:
        return [], []
    first, end = points[0][0], points[-1][0]
    third = (end - first) / 3
    middle = [value for at, value in points if first + third <= at < first + 2 * third]
    last = [value for at, value in points if at >= first + 2 * third]
    return middle, last


def _median(values: list[float]) -> float | None:
    return statistics.median(values) if values else None


def _p95(values: list[float]) -> float | None:
    return nearest_rank(sorted(values), PERCENT) if values else None


def exit_code(run: Driven, found: Sequence[Course], judged: Sequence[gate.Judgement]) -> int:
    """What the run comes to: not valid, then what grows or fails, then what is not known."""
    if run.invalid:
        return evaluation.EXIT_UNKNOWN
    if any(one.grows for one in found):
        return evaluation.EXIT_FAIL
    code = gate.exit_code(judged)
    unknown = code == evaluation.EXIT_PASS and not all(one.is_known for one in found)
    return evaluation.EXIT_UNKNOWN if unknown else code


def main() -> int:
    """Run, say what was found, and keep it."""
    options = _options()
    end_on_sigterm()
    result = options.folder / "soak.json"
    try:
        with fresh_service(postgresql=options.postgresql) as service:
            run = drive(service, result, _load(options))
    except (ServiceFailed, RunFailed) as error:
        sys.stderr.write(f"soak: {error}\n")
        return evaluation.EXIT_UNKNOWN
    return tell(run, options)


def _load(options: argparse.Namespace) -> dict[str, str | float]:
    seconds = options.minutes * 60
    return {
        "shape": "soak",
        "users": options.users,
        "spawn-rate": 20,
        "rum-per-second": options.rum_per_second,
        "browsers": options.browsers,
        "browser-think-seconds": 2,
        "chromium": options.chromium,
        "importers": 1,
        "import-seconds": 60,
        "warm-up": round(seconds * WARM_UP_SHARE),
        "run-time": f"{seconds}s",
    }


def tell(run: Driven, options: argparse.Namespace) -> int:
    """Print and keep what was found; give the exit code."""
    engine = "postgresql" if options.postgresql else "sqlite"
    objectives = load_objectives()
    found = courses(run, objectives, engine)
    judged = run.judge(applicable(run, objectives))
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(_table(found))
    console.print(gate.table(judged, "Objectives"))
    if options.keep:
        content = {
            "kept_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "commit": results.commit(),
            "machine": results.machine(),
            "engine": engine,
            "parameters": run.parameters,
            "invalid_reason": run.invalid,
            "courses": [asdict(one) for one in found],
            "objectives": gate.as_json(judged),
        }
        results.write_text(options.keep, json.dumps(content, indent=1) + "\n")
    if run.invalid:
        sys.stdout.write(f"Result not valid: {run.invalid}\n")
    return exit_code(run, found, judged)


def _table(found: list[Course]) -> Table:
    table = Table(title="Soak", title_justify="left")
    table.add_column("what")
    for name in ("middle third", "last third", "an hour"):
        table.add_column(name, justify="right")
    table.add_column("verdict")
    for one in found:
        verdict = "GROWS" if one.grows else "flat" if one.is_known else "not known"
        shown = [_shown(one, value) for value in (one.middle, one.last, one.per_hour)]
        table.add_row(one.name, *shown, verdict)
    return table


def _shown(one: Course, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value / 2**20:,.1f} MiB" if one.unit == "MiB" else f"{value:,.0f} {one.unit}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests.soak", description=__doc__)
    add = parser.add_argument
    add("--minutes", type=count, default=60, help="Default: 60; caches have filled after 40")
    add("--users", type=count, default=200, help="Default: 200")
    add("--rum-per-second", type=positive, default=100.0, help="Default: 100")
    add("--browsers", type=int, default=1, choices=range(6), help="Default: 1")
    add("--postgresql", default="", help="A server's address, else SQLite")
    add("--chromium", default="", help="The browser. Default: the installed chromium")
    add("--folder", type=Path, default=Path("test-results"), help="For the run's report.")
    add("--keep", type=Path, help="File for what was found.")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

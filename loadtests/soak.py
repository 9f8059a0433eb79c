"""Hours of steady load, and whether anything grows meanwhile.

``python -m loadtests.soak --minutes 30 --keep FILE``, see ``docs/loadtests.md``. The exit code is
0 when all is flat, 1 when something grows, 3 when nothing can be said.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from loadtests import results, watch
from loadtests.arguments import count, positive
from loadtests.charts import Point
from loadtests.driven import Driven, RunFailed, drive
from loadtests.results import nearest_rank
from loadtests.service import ServiceFailed, fresh_service
from slo import evaluation
from slo.objectives import Objective, load_objectives
from slo.regression import TOLERANCE

# What may be more in the last third than in the middle one: a share, and a little in any case.
GAUGES = {
    "memory_bytes": (1.1, 8 * 2**20),
    "open_files": (1.1, 10.0),
    "connections": (1.1, 10.0),
    "wal_bytes": (1.1, 8 * 2**20),
    "queued_events": (1.1, 100.0),
}
SLACK_MS = 5.0
WARM_UP_SHARE = 0.1


@dataclass(frozen=True)
class Course:
    """What something was in the middle third of the run, and in the last."""

    name: str
    unit: str
    middle: float | None
    last: float | None
    grows: bool


def courses(run: Driven, objectives: Sequence[Objective]) -> list[Course]:
    """How everything that must stay flat went. What was not measured is not known, never flat."""
    found = []
    for name, allowed in GAUGES.items():
        medians = map(_median, _thirds_of(watch.levels(run.warm_readings, name)))
        found.append(_course(name, _unit(name), tuple(medians), allowed))
    for objective in objectives:
        if "locust" in objective.sources and objective.unit != "status":
            timed = run.of(objective)
            points = list(zip(timed.at_seconds, timed.values, strict=True))
            p95s = tuple(map(_p95, _thirds_of(points)))
            name = f"{objective.name} P95"
            found.append(_course(name, objective.unit, p95s, (TOLERANCE, SLACK_MS)))
    return found


def _course(
    name: str, unit: str, values: tuple[float | None, ...], allowed: tuple[float, float]
) -> Course:
    middle, last = values
    share, slack = allowed
    grows = middle is not None and last is not None and last > max(middle * share, middle + slack)
    return Course(name, unit, middle, last, grows)


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
    return nearest_rank(sorted(values), 95) if values else None


def _unit(name: str) -> str:
    return "MiB" if name.endswith("_bytes") else ""


def main() -> int:
    """Run, say what was found, and keep it."""
    options = _options()
    result = options.folder / "soak.json"
    seconds = options.minutes * 60
    load = {
        "shape": "soak",
        "users": options.users,
        "spawn-rate": 20,
        "rum-per-second": options.rum_per_second,
        "browsers": options.browsers,
        "chromium": options.chromium,
        "importers": 1,
        "import-seconds": 60,
        "warm-up": round(seconds * WARM_UP_SHARE),
        "run-time": f"{seconds}s",
    }
    try:
        with fresh_service(postgresql=options.postgresql) as service:
            run = drive(service, result, load)
    except (ServiceFailed, RunFailed) as error:
        sys.stderr.write(f"soak: {error}\n")
        return evaluation.EXIT_UNKNOWN
    found = courses(run, load_objectives())
    Console().print(_table(found))
    if options.keep:
        content = {
            "kept_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "commit": results.commit(),
            "machine": results.machine(),
            "engine": "postgresql" if options.postgresql else "sqlite",
            "parameters": run.parameters,
            "invalid_reason": run.invalid,
            "courses": [asdict(one) for one in found],
        }
        results.write_text(options.keep, json.dumps(content, indent=1) + "\n")
    if run.invalid:
        sys.stdout.write(f"Result not valid: {run.invalid}\n")
        return evaluation.EXIT_UNKNOWN
    return evaluation.EXIT_FAIL if any(one.grows for one in found) else evaluation.EXIT_PASS


def _table(found: list[Course]) -> Table:
    table = Table(title="Soak", title_justify="left")
    table.add_column("what")
    for name in ("middle third", "last third"):
        table.add_column(name, justify="right")
    table.add_column("verdict")
    for one in found:
        unknown = one.middle is None or one.last is None
        verdict = "not known" if unknown else "GROWS" if one.grows else "flat"
        table.add_row(one.name, _shown(one, one.middle), _shown(one, one.last), verdict)
    return table


def _shown(one: Course, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value / 2**20:,.1f} MiB" if one.unit == "MiB" else f"{value:,.0f} {one.unit}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests.soak", description=__doc__)
    add = parser.add_argument
    add("--minutes", type=count, default=30, help="Default: 30")
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

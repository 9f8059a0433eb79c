"""The highest load at which all objectives pass: double until one breaks, then halve the gap.

``python -m loadtests.capacity --keep docs/benchmarks/capacity-sqlite.json``, see
``docs/loadtests.md``. Each level is a run of its own against a fresh service with demo data.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from loadtests import limits, results, watch
from loadtests.arguments import count, positive
from loadtests.driven import Driven, RunFailed, drive
from loadtests.service import ServiceFailed, end_on_sigterm, fresh_service
from slo import evaluation, gate
from slo.objectives import load_objectives

OBJECTIVES = list(load_objectives())
ARRIVAL_SECONDS = 40.0  # in which the people of a level come
WARM_UP_SECONDS = 75.0
GIVE_UP = 8
OUTCOMES = {evaluation.EXIT_PASS: "pass", evaluation.EXIT_FAIL: "fail"}


@dataclass(frozen=True)
class Level:
    """One load and what became of it.

    ``outcome`` is pass, fail, generator (it could not keep up) or unknown (too few events).
    """

    users: int
    rum_per_second: float
    requests_per_second: float
    outcome: str
    reason: str
    broke_first: str | None
    limiting: str | None
    resources: dict[str, float]
    objectives: list[dict[str, Any]]


def search(
    try_level: Callable[[int], Level], lowest: int, highest: int, precision: float
) -> Iterator[Level]:
    """Levels as they are tried. The last one that passed is the capacity.

    Doubles from ``lowest`` up to ``highest``; between a pass and a failure it tries the middle
    until they lie within ``precision`` of each other. It gives up below an eighth of ``lowest``,
    and where events are too few: with less load there are fewer.
    """
    passed, failed, users = 0, 0, lowest
    while True:
        level = try_level(users)
        yield level
        if level.outcome == "pass":
            passed = users
        else:
            failed = users
        if level.outcome == "unknown" or users < lowest / GIVE_UP:
            return
        if failed and (failed - passed <= max(1.0, precision * failed)):
            return
        if not failed and users >= highest:
            return
        users = (passed + failed) // 2 if failed else min(users * 2, highest)


def measured(users: int, rum_per_second: float, run: Driven) -> Level:
    """What a run says of its level. A failure that the generator made is its own."""
    judgements = run.judge(OBJECTIVES)
    shares = limits.resources(run.warm_readings)
    outcome = OUTCOMES.get(gate.exit_code(judgements), "unknown")
    limiting = None if outcome == "pass" else limits.limiting(shares)
    too_few = [one.objective.name for one in judgements if one.verdict == "insufficient_data"]
    reason = f"too few events: {', '.join(too_few)}" if too_few else ""
    if run.invalid or (outcome == "fail" and limiting == limits.GENERATOR):
        outcome = "generator"
        reason = run.invalid or f"the {limits.GENERATOR} was full"
    broken = [] if outcome == "generator" else limits.breaches(run, OBJECTIVES)
    return Level(
        users,
        rum_per_second,
        round(watch.growth(run.warm_readings, "requests") or 0.0, 1),
        outcome,
        reason,
        broken[0].objective if broken else None,
        limiting,
        {name: round(share, 3) for name, share in shares.items()},
        gate.as_json(judgements),
    )


def try_level(users: int, options: argparse.Namespace) -> Level:
    """Run one level. Raises ServiceFailed or RunFailed."""
    rum = users * options.rum_per_user
    load = {
        "users": users,
        "spawn-rate": max(1.0, users / ARRIVAL_SECONDS),
        "mix": "executive=1",
        "browsers": options.browsers,
        "browser-think-seconds": options.browser_think_seconds,
        "chromium": options.chromium,
        "rum-per-second": rum,
        "warm-up": WARM_UP_SECONDS,
        "run-time": f"{options.level_seconds + int(WARM_UP_SECONDS)}s",
    }
    result = options.folder / f"capacity-{users}.json"
    with fresh_service(postgresql=options.postgresql) as service:
        run = drive(service, result, load, "--until-judged")
    return measured(users, rum, run)


def main() -> int:
    """Search, say what was found, and keep it. The exit code is 0 when a level passed."""
    options = _options()
    end_on_sigterm()
    console = Console()
    levels: list[Level] = []
    try:
        for level in search(
            lambda users: try_level(users, options),
            options.lowest,
            options.highest,
            options.precision,
        ):
            levels.append(level)
            console.print(_line(level), highlight=False)
            if options.keep:
                _keep(options, levels)
    except (ServiceFailed, RunFailed) as error:
        sys.stderr.write(f"capacity: {error}\n")
        return evaluation.EXIT_UNKNOWN
    console.print(_table(levels))
    console.print(conclusion(levels))
    return evaluation.EXIT_PASS if any(one.outcome == "pass" for one in levels) else _worst(levels)


def conclusion(levels: list[Level]) -> str:
    """What was found, in a sentence or two."""
    best = max((one for one in levels if one.outcome == "pass"), key=_users, default=None)
    above = min((one for one in levels if one.outcome != "pass"), key=_users, default=None)
    found = (
        f"All objectives pass with {best.users:,} users, {best.requests_per_second:,.0f} requests/s"
        f" and {best.rum_per_second:,.0f} RUM events/s."
        if best
        else "No level passed."
    )
    if above is None:
        return f"{found} Higher loads were not tried."
    if above.outcome != "fail":
        return f"{found} With {above.users:,} nothing can be said: {above.reason}."
    why = above.limiting or "no resource was full: see the level's report"
    return f"{found} With {above.users:,} users {above.broke_first} breaks first: {why}."


def _users(level: Level) -> int:
    return level.users


def _worst(levels: list[Level]) -> int:
    failed = any(one.outcome == "fail" for one in levels)
    return evaluation.EXIT_FAIL if failed else evaluation.EXIT_UNKNOWN


def _line(level: Level) -> str:
    more = level.broke_first or level.reason
    return f"{level.users:,} users: {level.outcome}" + (f" ({more})" if more else "")


def _table(levels: list[Level]) -> Table:
    table = Table(title="Capacity", title_justify="left")
    for name in ("users", "requests/s", "RUM events/s"):
        table.add_column(name, justify="right")
    for name in ("outcome", "breaks first", "fullest resource"):
        table.add_column(name)
    for level in sorted(levels, key=_users):
        fullest = max(level.resources, key=lambda name: level.resources[name], default="")
        share = f"{fullest}: {level.resources[fullest]:.0%}" if fullest else "-"
        table.add_row(
            f"{level.users:,}",
            f"{level.requests_per_second:,.0f}",
            f"{level.rum_per_second:,.0f}",
            level.outcome,
            level.broke_first or level.reason or "-",
            share,
        )
    return table


def _keep(options: argparse.Namespace, levels: list[Level]) -> None:
    parameters = {name: value for name, value in vars(options).items() if name not in _PRIVATE}
    content = {
        "kept_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": results.commit(),
        "machine": results.machine(),
        "engine": "postgresql" if options.postgresql else "sqlite",
        "parameters": parameters,
        "conclusion": conclusion(levels),
        "levels": [asdict(level) for level in levels],
    }
    results.write_text(options.keep, json.dumps(content, indent=1, default=str) + "\n")


_PRIVATE = ("postgresql", "chromium", "keep", "folder")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests.capacity", description=__doc__)
    add = parser.add_argument
    add("--lowest", type=count, default=250, help="Users of the first level. Default: 250")
    add("--highest", type=count, default=4000, help="No more users than this. Default: 4000")
    add("--precision", type=positive, default=0.1, help="Share of the limit. Default: 0.1")
    add("--rum-per-user", type=positive, default=0.25, help="RUM events/s. Default: 0.25")
    add("--browsers", type=count, default=5, help="Default: 5")
    add("--browser-think-seconds", type=positive, default=10.0, help="Default: 10")
    add("--level-seconds", type=count, default=1200, help="At most, after warm-up. Default: 1200")
    add("--postgresql", default="", help="A server's address, else SQLite")
    add("--chromium", default="", help="The browser. Default: the installed chromium")
    add("--folder", type=Path, default=Path("test-results"), help="For each level's report.")
    add("--keep", type=Path, help="File for what was found.")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

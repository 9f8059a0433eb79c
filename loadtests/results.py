"""The end of a run: a file with every sample, and what the objectives make of it."""

import json
import math
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console

from loadtests import lateness
from loadtests.run import API_STATUS, Kind, Run, Series
from slo import gate
from slo.objectives import Objective, Threshold

FORMAT = "execdash-samples/1"  # slo/sources/samples.py reads it
SOURCE = "locust"
TITLE = "Load run"
TABLE_WIDTH = 150
LAG_PERCENT = 99  # the strictest target that an objective of time has
REFUSED = (401.0, 403.0)
NEARLY_ALL = 0.9
NO_LOAD_LAG_MS = 1000.0  # whoever is later than this makes another load than it was told to
CUT_SHORT = "no answer when the run ended, and too late already"


@dataclass(frozen=True)
class Conditions:
    """Under what a run was made."""

    host: str
    started_at: datetime
    ended_at: datetime
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Recorded:
    """What a run measured. ``source`` is ``locust`` or ``browser``.

    ``left_out`` counts what the end of the run cut short, ``per_second`` are answers and failures
    by the second of the run, ``readings`` what the service said of itself, see
    ``loadtests/watch.py``.
    """

    source: str
    samples: Mapping[Kind, Series]
    answers: int
    failures: int
    generator_lag_p99_ms: float | None = None
    left_out: int = 0
    errors: Mapping[str, int] = field(default_factory=dict)
    per_second: Sequence[tuple[int, int, int]] = ()
    readings: Sequence[Mapping[str, float]] = ()


@dataclass(frozen=True)
class Limits:
    """How late (P99) a generator may be before it is asked whether that decided a verdict."""

    lag_ms: float


def why_invalid(run: Run, limits: Limits, objectives: Sequence[Objective]) -> str | None:
    """Why the run cannot be judged by these objectives; None when it can."""
    if not run.answers and (run.failures or not run.trouble):
        return "the service answered nothing"  # whatever trouble that made
    if run.trouble:
        return run.trouble
    statuses = run.samples.get(API_STATUS, Series()).values
    if sum(status in REFUSED for status in statuses) > NEARLY_ALL * len(statuses):
        return "the token is refused, or there is none: nearly all was answered 401 or 403"
    return _why_too_late(run, limits, objectives)


def _why_too_late(run: Run, limits: Limits, objectives: Sequence[Objective]) -> str | None:
    lag_ms = lag_p99_ms(run)
    if lag_ms is None or lag_ms <= limits.lag_ms:
        return None
    late = f"the load generator was {lag_ms:.0f} ms late (P99, allowed {limits.lag_ms:.0f})"
    advice = "use fewer users, or more workers"
    if lag_ms > max(NO_LOAD_LAG_MS, limits.lag_ms):
        return f"{late} and made another load than it was told to; {advice}"
    names = [one.name for one in lateness.in_doubt(run, _able(objectives), limits.lag_ms)]
    return f"{late}, which may have decided {', '.join(names)}; {advice}" if names else None


def settle(run: Run, objectives: Sequence[Objective]) -> None:
    """Count what the end cut short as far as it is bad already; leave out what might become good.

    A sample belongs to all objectives of its kind, so it must be bad for each of them.
    """
    for kind, series in run.cut.items():
        limits = [one.threshold for one in objectives if _is_time_of(one, kind)]
        for waited_ms, at in zip(series.values, series.at_seconds, strict=True):
            if limits and all(_is_too_late(limit, waited_ms) for limit in limits):
                run.samples.setdefault(kind, Series()).add(waited_ms, at)
                run.failures_at[int(at)] += 1
                run.errors[CUT_SHORT] += 1
            else:
                run.left_out += 1
    run.cut = {}


def _is_time_of(objective: Objective, kind: Kind) -> bool:
    metric, event_type = kind
    is_of_kind = objective.metric == metric and event_type in objective.event_types
    return is_of_kind and objective.unit == "ms"


def _is_too_late(limit: Threshold, waited_ms: float) -> bool:
    return waited_ms >= max(limit.bounds) and not limit.is_good(waited_ms)


def lag_p99_ms(run: Run) -> float | None:
    """How late the generator was, P99 by nearest rank; None when nothing was measured."""
    ordered = sorted(run.lags_ms)
    return nearest_rank(ordered, LAG_PERCENT) if ordered else None


def nearest_rank(ordered: Sequence[float], percent: int) -> float:
    """A percentile of ordered samples."""
    return ordered[math.ceil(percent * len(ordered) / 100) - 1]


def recorded(run: Run, readings: Sequence[Mapping[str, float]] = ()) -> Recorded:
    """A load run, as its file holds it."""
    seconds = sorted({*run.answers_at, *run.failures_at})
    per_second = [(second, run.answers_at[second], run.failures_at[second]) for second in seconds]
    return Recorded(
        SOURCE,
        run.samples,
        run.answers,
        run.failures,
        lag_p99_ms(run),
        run.left_out,
        dict(run.errors.most_common()),
        per_second,
        readings,
    )


def write(path: Path, run: Recorded, conditions: Conditions, invalid: str | None) -> None:
    """Write the file for ``execdash slo gate --result FILE``. Raises OSError."""
    content = {
        "format": FORMAT,
        "source": run.source,
        "valid": invalid is None,
        "invalid_reason": invalid,
        "host": conditions.host,
        "started_at": conditions.started_at.isoformat(),
        "ended_at": conditions.ended_at.isoformat(),
        "parameters": conditions.parameters,
        "commit": commit(),
        "machine": machine(),
        "answers": run.answers,
        "failures": run.failures,
        "errors": run.errors,
        "left_out": run.left_out,
        "generator_lag_p99_ms": run.generator_lag_p99_ms,
        "per_second": run.per_second,
        "readings": run.readings,
        "samples": [
            {
                "metric": metric,
                "event_type": event_type,
                "values": list(series.values),
                "at_seconds": [round(at, 3) for at in series.at_seconds],
            }
            for (metric, event_type), series in sorted(run.samples.items())
        ],
    }
    write_text(path, json.dumps(content))


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all, its folder too. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def machine() -> dict[str, Any]:
    """On what it ran."""
    return {
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "python": platform.python_version(),
    }


def commit() -> str | None:
    """The revision of the load test's own source, with a plus sign for changes beside it."""
    command = ["git", "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"]
    try:
        found = subprocess.run(  # noqa: S603 - a fixed command
            command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return found.stdout.strip()


def judgements(run: Run, objectives: Sequence[Objective]) -> list[gate.Judgement]:
    """What all objectives that a load run can judge make of it."""
    samples = {kind: series.values for kind, series in run.samples.items()}
    return gate.judge_samples(_able(objectives), SOURCE, samples)


def _able(objectives: Sequence[Objective]) -> list[Objective]:
    return [objective for objective in objectives if SOURCE in objective.sources]


def outcome(
    found: Sequence[gate.Judgement], judged: Sequence[Objective], invalid: str | None
) -> gate.Outcome:
    """What becomes of the ``judged`` ones. A run that is not valid leaves them all unknown."""
    if invalid:
        return gate.Outcome(TITLE, gate.judge_samples(judged, SOURCE, {}), unknown=invalid)
    names = {objective.name for objective in judged}
    return gate.Outcome(TITLE, [one for one in found if one.objective.name in names])


def show(run: Run, found: Sequence[gate.Judgement], told: gate.Outcome) -> None:
    """Print a verdict for each objective, and what went wrong."""
    console = Console(width=None if os.isatty(1) else TABLE_WIDTH)
    console.print(gate.table(found, f"Load run: {run.answers:,} answers, {run.failures:,} none"))
    judged = {one.objective.name for one in told.judgements}
    others = [one.objective.name for one in found if one.objective.name not in judged]
    if others:
        console.print(f"Shown and not judged: {', '.join(others)}")
    if run.left_out:
        console.print(f"Under way at the end, not late yet, and left out: {run.left_out:,}")
    lag_ms = lag_p99_ms(run)
    if lag_ms is not None:
        console.print(f"In the times above: the load generator was {lag_ms:.0f} ms late (P99)")
    for error, count in run.errors.most_common():
        console.print(f"{count:,} x {error}", markup=False)
    if told.unknown:
        console.print(f"[bold red]Result not valid:[/bold red] {told.unknown}")

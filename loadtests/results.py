"""The end of a run: a file with every sample, and what the objectives make of it."""

import json
import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from loadtests.run import Kind, Run
from slo import gate
from slo.objectives import Objective

FORMAT = "execdash-samples/1"  # slo/sources/samples.py reads it
SOURCE = "locust"
TITLE = "Load run"
TABLE_WIDTH = 150


@dataclass(frozen=True)
class Conditions:
    """Under what a run was made."""

    host: str
    started_at: datetime
    ended_at: datetime
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Recorded:
    """What a run measured. ``source`` is ``locust`` or ``browser``."""

    source: str
    samples: Mapping[Kind, Sequence[float]]
    answers: int
    failures: int
    generator_lag_p95_ms: float | None = None


@dataclass(frozen=True)
class Limits:
    """When a run says nothing about the service, because its generator was too slow itself."""

    lag_ms: float


def why_invalid(run: Run, limits: Limits) -> str | None:
    """Why the run cannot be judged; None when it can."""
    if not run.answers:
        return "the service answered nothing"
    if run.cpu_was_full:
        return "the load generator's CPU was full; use fewer users, or more workers"
    lag_ms = lag_p95_ms(run)
    if lag_ms is not None and lag_ms > limits.lag_ms:
        return (
            f"the load generator was {lag_ms:.0f} ms late (P95, allowed {limits.lag_ms:.0f});"
            " use fewer users, or more workers"
        )
    return None


def lag_p95_ms(run: Run) -> float | None:
    """How late the generator was, P95 by nearest rank; None when nothing was measured."""
    ordered = sorted(run.lags_ms)
    return ordered[math.ceil(0.95 * len(ordered)) - 1] if ordered else None


def recorded(run: Run) -> Recorded:
    """A load run, as its file holds it."""
    return Recorded(SOURCE, run.samples, run.answers, run.failures, lag_p95_ms(run))


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
        "machine": {"platform": platform.platform(), "cpus": os.cpu_count()},
        "answers": run.answers,
        "failures": run.failures,
        "generator_lag_p95_ms": run.generator_lag_p95_ms,
        "samples": [
            {"metric": metric, "event_type": event_type, "values": list(values)}
            for (metric, event_type), values in sorted(run.samples.items())
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(json.dumps(content), encoding="utf-8")
    fresh.replace(path)


def report(
    run: Run, objectives: Sequence[Objective], judged: Sequence[Objective], invalid: str | None
) -> gate.Outcome:
    """Print a verdict per objective, and give what becomes of the ``judged`` ones.

    A run that is not valid leaves them all unknown.
    """
    every = [objective for objective in objectives if SOURCE in objective.sources]
    results = gate.judge_samples(every, SOURCE, run.samples)
    console = Console(width=None if os.isatty(1) else TABLE_WIDTH)
    console.print(gate.table(results, f"Load run: {run.answers:,} answers, {run.failures:,} none"))
    names = {objective.name for objective in judged}
    others = [objective.name for objective in every if objective.name not in names]
    if others:
        console.print(f"Shown and not judged: {', '.join(others)}")
    if invalid:
        console.print(f"[bold red]Result not valid:[/bold red] {invalid}")
        return gate.Outcome(TITLE, gate.judge_samples(judged, SOURCE, {}), unknown=invalid)
    return gate.Outcome(TITLE, [one for one in results if one.objective.name in names])

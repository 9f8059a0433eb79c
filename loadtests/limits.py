"""Why a load was too high: which objective broke first, and which resource was used up."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loadtests import watch
from loadtests.driven import Driven, Timed
from slo.evaluation import Verdict
from slo.objectives import Objective

FULL = 0.8  # of a resource: beyond it, waiting times grow without bound
QUEUE_EVENTS = 20_000.0  # the service's default; more events are turned away
CONNECTIONS = 15.0  # to the database, at most: SQLAlchemy's default, 5 and 10 more
GENERATOR = "processor of the load generator"


@dataclass(frozen=True)
class Breach:
    """An objective that failed, and the second of the run in which its budget was used up."""

    objective: str
    at_seconds: float


def breaches(run: Driven, objectives: Sequence[Objective]) -> list[Breach]:
    """Those that failed, the first one first."""
    failed: Verdict = "fail"
    names = {one.objective.name for one in run.judge(list(objectives)) if one.verdict == failed}
    found = [
        Breach(one.name, spent_at(one, run.of(one))) for one in objectives if one.name in names
    ]
    return sorted(found, key=lambda one: one.at_seconds)


def spent_at(objective: Objective, timed: Timed) -> float:
    """When one bad event more had come than the whole run may have."""
    allowed = (1 - objective.target) * len(timed.values)
    bad = 0
    for value, at in zip(timed.values, timed.at_seconds, strict=True):
        bad += not objective.threshold.is_good(value)
        if bad > allowed:
            return at
    raise ValueError(f"{objective.name} did not fail")


def resources(readings: list[watch.Reading]) -> dict[str, float]:
    """How much of each resource was used, as a share of all of it, where that is known."""
    shares = {
        "processor of the service (one interpreter, one core)": _grown(readings, "cpu_seconds"),
        GENERATOR: _grown(readings, "generator_cpu_seconds"),
        "processors of the machine, shared with the load generator": _mean(
            readings, "machine_busy"
        ),
        "database: commits of events": _grown(readings, "commit_seconds"),
        "database: connections that run a statement": _grown(
            readings, "database_seconds", CONNECTIONS
        ),
        "database: processors of the machine that PostgreSQL uses": _grown(
            readings, "database_cpu_seconds", float(os.cpu_count() or 1)
        ),
        "queue of events": _most(readings, "queued_events", QUEUE_EVENTS),
    }
    return {name: share for name, share in shares.items() if share is not None}


def limiting(shares: Mapping[str, float]) -> str | None:
    """The resource that was fullest, if any was full."""
    name = max(shares, key=lambda one: shares[one], default=None)
    return name if name is not None and shares[name] >= FULL else None


def _grown(readings: list[watch.Reading], counter: str, whole: float = 1.0) -> float | None:
    growth = watch.growth(readings, counter)
    return None if growth is None else growth / whole


def _mean(readings: list[watch.Reading], gauge: str) -> float | None:
    values = [value for _, value in watch.levels(readings, gauge)]
    return sum(values) / len(values) if values else None


def _most(readings: list[watch.Reading], gauge: str, whole: float) -> float | None:
    values = [value for _, value in watch.levels(readings, gauge)]
    return max(values) / whole if values else None

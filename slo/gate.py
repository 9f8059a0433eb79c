"""Judges what a source measured, objective by objective. Every judge of the file ends here."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from slo import evaluation, present, reports
from slo.generated import write_whole
from slo.judgement import Judgement, judge
from slo.measurements import Measurement, Source
from slo.objective import Objective
from slo.outcome import Outcome
from slo.sources.samples import measure_samples

__all__ = ["Judgement", "Outcome", "judge", "judge_measurements", "judge_samples", "judge_source"]

Samples = Mapping[tuple[str, str], Sequence[float]]  # by metric and event type


def judge_measurements(
    objectives: Iterable[Objective], source: str, measurements: Mapping[str, Measurement]
) -> list[Judgement]:
    """Judge every objective by what ``source`` measured."""
    nothing = Measurement(0, 0)
    return [
        judge(
            objective,
            measurements.get(objective.name, nothing),
            applies=source in objective.sources,
        )
        for objective in objectives
    ]


def judge_source(objectives: Sequence[Objective], source: Source) -> list[Judgement]:
    """Ask a source and judge its answer. Raises Unreachable or BadResult."""
    asked = [objective for objective in objectives if source.name in objective.sources]
    return judge_measurements(objectives, source.name, source.measure(asked))


def judge_samples(
    objectives: Sequence[Objective], source: str, samples: Samples
) -> list[Judgement]:
    """Judge samples that are at hand, by metric and event type."""
    measured = {
        objective.name: measure_samples(
            objective,
            [
                value
                for event_type in objective.event_types
                for value in samples.get((objective.metric, event_type), ())
            ],
        )
        for objective in objectives
    }
    return judge_measurements(objectives, source, measured)


def exit_code(judgements: Iterable[Judgement]) -> int:
    """0 all pass, 1 one fails, 3 too little is known."""
    return evaluation.exit_code(judgement.verdict for judgement in judgements)


def table(judgements: Iterable[Judgement], title: str) -> Table:
    """The verdicts for people."""
    return present.table(judgements, title)


def as_json(judgements: Iterable[Judgement]) -> list[dict[str, Any]]:
    """The verdicts for programs."""
    return present.as_json(judgements)


def write_junit(path: Path, outcome: Outcome) -> None:
    """Write the verdicts for a CI server, whole or not at all. Raises OSError."""
    write_whole(path, reports.junit(outcome))


def write_markdown(path: Path, outcome: Outcome) -> None:
    """Write the verdicts as a pull request's comment, whole or not at all. Raises OSError."""
    write_whole(path, reports.markdown(outcome))

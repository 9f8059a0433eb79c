"""A baseline: what an earlier run found, kept as a file beside the objectives."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from slo import evaluation, present, regression
from slo.judgement import Judgement
from slo.measurements import MOST_EVENTS, BadResult
from slo.regression import Comparison, Run
from slo.sources.samples import FiniteNumber

MAX_BYTES = 100_000_000


class KeptObjective(BaseModel):
    """What the earlier run counted of one objective, by which threshold."""

    model_config = ConfigDict(extra="ignore")

    name: str
    metric: str
    threshold: dict[str, str | float]
    good: int
    total: int
    samples: list[FiniteNumber] | None = None


class Kept(BaseModel):
    """What ``--save`` and ``--json`` write. ``window`` is None for a run with a beginning.

    ``--save`` writes runs that pass only, and so no ``exit_code``.
    """

    model_config = ConfigDict(extra="ignore")

    source: str
    window: str | None
    exit_code: int = evaluation.EXIT_PASS
    objectives: list[KeptObjective]


def text(source: str, window: str | None, judgements: Iterable[Judgement]) -> str:
    """A file to be kept: what was judged, with samples where they are known, a line each."""
    judged = [one for one in judgements if one.verdict != "not_applicable"]
    samples = [{} if one.samples is None else {"samples": one.samples} for one in judged]
    rows = [
        json.dumps({**row, **more})
        for row, more in zip(present.as_json(judged), samples, strict=True)
    ]
    lines = ",\n".join(rows)
    head = f'"source": {json.dumps(source)}, "window": {json.dumps(window)}'
    return f'{{{head}, "objectives": [\n{lines}\n]}}\n'


def read(path: Path, source: str, window: str | None) -> Kept:
    """Read a kept file of the same source and window. Raises BadResult."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadResult(f"the baseline {path} is larger than {MAX_BYTES // 10**6} MB")
        kept = Kept.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BadResult(f"the baseline {path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "it"
        raise BadResult(f"{path} is not a baseline: {where}: {first['msg']}") from error
    if kept.exit_code != evaluation.EXIT_PASS:
        raise BadResult(
            f"the baseline {path} is of a run that ended with {kept.exit_code}, no pass"
        )
    if kept.source != source:
        raise BadResult(f"the baseline {path} is of {kept.source}, and this run of {source}")
    if window is not None and kept.window != window:
        raise BadResult(f"the baseline {path} is of {kept.window}, and this run of {window}")
    return kept


def compare(kept: Kept, judgements: Sequence[Judgement]) -> dict[str, Comparison]:
    """Hold what was judged against what was kept of it, by objective's name. Raises BadResult.

    What has no events on either side is left out.
    """
    before = {one.name: one for one in kept.objectives if one.total}
    judged = [one for one in judgements if one.verdict != "not_applicable" and one.total]
    both = {
        one.objective.name: (_run(one), _run_before(one, before[one.objective.name]), one.objective)
        for one in judged
        if one.objective.name in before
    }
    if judged and not both:
        raise BadResult("the baseline holds no events of the objectives that are judged here")
    return regression.compare(
        {name: (its.threshold, now, then) for name, (now, then, its) in both.items()}
    )


def _run(one: Judgement) -> Run:
    return Run(one.good, one.total, one.samples)


def _run_before(one: Judgement, kept: KeptObjective) -> Run:
    objective = one.objective
    threshold: dict[str, Any] = present.threshold_json(objective.threshold)
    if (kept.metric, kept.threshold) != (objective.metric, threshold):
        raise BadResult(f"{kept.name}: the baseline counts by another threshold than this file's")
    if not 0 <= kept.good <= kept.total <= MOST_EVENTS:
        raise BadResult(f"{kept.name}: {kept.good} of {kept.total} is not a count")
    if kept.samples is not None and len(kept.samples) != kept.total:
        raise BadResult(f"{kept.name}: {len(kept.samples)} samples of {kept.total} events")
    return Run(kept.good, kept.total, kept.samples)

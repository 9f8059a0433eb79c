"""Samples that a run wrote to a file: a load run's, or a browser run's. Nothing is rounded."""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from slo.measurements import UNORDERED_UNITS, BadResult, Measurement, Unreachable
from slo.objective import Objective

FORMAT = "execdash-samples/1"
MAX_BYTES = 500_000_000

FiniteNumber = Annotated[float, Field(allow_inf_nan=False)]


class SampleSet(BaseModel):
    """Every sample of one metric of one event type, warm-up left out."""

    metric: str
    event_type: str
    values: list[FiniteNumber]


class SampleFile(BaseModel):
    """A run's file. An invalid run (its generator was too slow, say) is judged by nobody."""

    model_config = ConfigDict(extra="ignore")

    format: Literal["execdash-samples/1"]
    source: Literal["locust", "browser"]
    valid: bool
    invalid_reason: str | None = None
    samples: list[SampleSet]


class SamplesSource:
    """Judges by a sample file. ``name`` is ``locust`` or ``browser``."""

    def __init__(self, name: Literal["locust", "browser"], path: Path) -> None:
        self.name: str = name
        self._path = path

    def measure(self, objectives: Sequence[Objective]) -> Mapping[str, Measurement]:
        """Count each objective's samples. Raises Unreachable without a file of a valid run."""
        file = self._read()
        if file.source != self.name:
            raise BadResult(f"{self._path} holds a {file.source} run, not a {self.name} run")
        if not file.valid:
            reason = file.invalid_reason or "no reason given"
            raise Unreachable(str(self._path), f"holds a run that is not valid: {reason}")
        return {objective.name: _measure(objective, file) for objective in objectives}

    def _read(self) -> SampleFile:
        try:
            if self._path.stat().st_size > MAX_BYTES:
                raise BadResult(f"{self._path} is larger than {MAX_BYTES // 10**6} MB")
            return SampleFile.model_validate_json(self._path.read_bytes())
        except OSError as error:
            raise Unreachable(str(self._path), f"cannot be read: {error.strerror}") from error
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "it"
            raise BadResult(
                f"{self._path} is not a sample file ({FORMAT}): {where}: {first['msg']}"
            ) from error


def _measure(objective: Objective, file: SampleFile) -> Measurement:
    chosen = [
        value
        for found in file.samples
        if found.metric == objective.metric and found.event_type in objective.event_types
        for value in found.values
    ]
    return measure_samples(objective, chosen)


def measure_samples(objective: Objective, values: Sequence[float]) -> Measurement:
    """Count samples by the objective's own comparison; percentiles are exact, nearest rank."""
    ordered = sorted(values)
    ranked = objective.unit not in UNORDERED_UNITS
    return Measurement(
        good=sum(map(objective.threshold.is_good, ordered)),
        total=len(ordered),
        p95=_nearest_rank(ordered, 95) if ranked else None,
        p99=_nearest_rank(ordered, 99) if ranked else None,
        samples=ordered if ranked else None,
    )


def _nearest_rank(ordered: Sequence[float], percent: int) -> float | None:
    return ordered[math.ceil(Fraction(percent * len(ordered), 100)) - 1] if ordered else None

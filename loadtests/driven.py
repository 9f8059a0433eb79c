"""A load run as a part of something larger: Locust in a process of its own, and what it wrote."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadtests.run import Kind
from loadtests.service import Service, end
from slo import gate
from slo.objectives import Objective

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
LOCUST = Path(sys.executable).with_name("locust")
OVERTIME_SECONDS = 180.0  # beyond its run time, for its start and its end
Options = Mapping[str, str | float]


class RunFailed(Exception):
    """Locust did not get to write its result. The message ends with what it said."""


@dataclass(frozen=True)
class Timed:
    """Samples of one kind, and the second of the run of each."""

    values: list[float]
    at_seconds: list[float]


@dataclass(frozen=True)
class Driven:
    """What one run wrote. ``invalid`` is why it says nothing about the service, if so.

    ``lag_p99_ms`` is how late its generator was; None when that was not measured.
    """

    samples: dict[Kind, Timed]
    readings: list[dict[str, float]]
    per_second: list[tuple[int, int, int]]
    parameters: dict[str, Any]
    invalid: str | None
    lag_p99_ms: float | None = None

    def of(self, objective: Objective) -> Timed:
        """An objective's samples, in order of time."""
        kinds = [(objective.metric, event_type) for event_type in objective.event_types]
        found = [self.samples[kind] for kind in kinds if kind in self.samples]
        pairs = sorted(
            pair for one in found for pair in zip(one.at_seconds, one.values, strict=True)
        )
        return Timed([value for _, value in pairs], [at for at, _ in pairs])

    def judge(self, objectives: list[Objective]) -> list[gate.Judgement]:
        """The verdicts of those that a load run can judge."""
        able = [one for one in objectives if "locust" in one.sources]
        samples = {kind: timed.values for kind, timed in self.samples.items()}
        return gate.judge_samples(able, "locust", samples)

    @property
    def warm_readings(self) -> list[dict[str, float]]:
        """What the service said of itself after the warm-up."""
        warm_up = self.parameters["warm_up_seconds"]
        return [one for one in self.readings if one["at_seconds"] >= warm_up]


def drive(service: Service, result: Path, options: Options, *flags: str) -> Driven:
    """Run Locust against a service to its end, which ``run-time`` tells. Raises RunFailed."""
    known = {
        "host": service.url,
        "watch-pid": service.process_id,
        "watch-database": service.database,
        "result": str(result),
        "report": str(result.with_suffix(".html")),
        **options,
    }
    command = [str(LOCUST), "-f", str(LOCUSTFILE), "--headless", "--only-summary", *flags]
    for name, value in known.items():
        if value != "":  # what is not given Locust may know of its environment
            command += [f"--{name}", str(value)]
    result.unlink(missing_ok=True)
    seconds = int(str(options["run-time"]).removesuffix("s"))
    code, said = _run(command, seconds + OVERTIME_SECONDS)
    if not result.exists():
        raise RunFailed(f"the load run ended with {code}: {said[-2000:]}")
    return read(result)


def _run(command: list[str], seconds: float) -> tuple[int, str]:
    """Run to its end: its exit code, and what it said. Whatever happens, it ends its browsers."""
    with subprocess.Popen(  # noqa: S603 - our own program
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=LOCUSTFILE.parents[1],
    ) as process:
        try:
            _, said = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise RunFailed(f"the load run had not ended after {seconds:.0f} s") from error
        finally:
            end(process)
    return process.returncode, said


def read(result: Path) -> Driven:
    """What a run left behind."""
    content = json.loads(result.read_text(encoding="utf-8"))
    return Driven(
        {
            (one["metric"], one["event_type"]): Timed(one["values"], one["at_seconds"])
            for one in content["samples"]
        },
        content["readings"],
        content["per_second"],
        content["parameters"],
        content["invalid_reason"],
        content["generator_lag_p99_ms"],
    )

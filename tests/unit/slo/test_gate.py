"""The gate's truth table, over files of samples as a run writes them."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.evaluation import Verdict
from slo.gate import exit_code, judge, judge_measurements, judge_source
from slo.measurements import BadResult, Measurement, Unreachable
from slo.objective import Objective
from slo.objectives import load_objectives
from slo.present import as_json, goal, percent
from slo.sources.samples import SamplesSource, measure_samples

OBJECTIVES = load_objectives()


def named(name: str) -> Objective:
    return next(objective for objective in OBJECTIVES if objective.name == name)


def sample_file(folder: Path, samples: list[dict[str, Any]], **changes: Any) -> Path:
    path = folder / "run.json"
    content: dict[str, Any] = {"format": "execdash-samples/1", "source": "locust", "valid": True}
    path.write_text(json.dumps({**content, "samples": samples, **changes}))
    return path


def ttfb(values: list[float]) -> list[dict[str, Any]]:
    return [{"metric": "ttfb_ms", "event_type": "page_view", "values": values}]


@pytest.mark.parametrize(
    ("values", "verdict", "code"),
    [
        pytest.param([], "insufficient_data", 3, id="no data"),
        pytest.param([1.0] * 199, "insufficient_data", 3, id="one event short"),
        pytest.param([1.0] * 200, "pass", 0, id="all good"),
        pytest.param([999.0] * 200, "fail", 1, id="all bad"),
        pytest.param([1.0] * 190 + [999.0] * 10, "pass", 0, id="exactly at the target"),
        pytest.param([1.0] * 189 + [999.0] * 11, "fail", 1, id="one below the target"),
        pytest.param([300.0] * 200, "fail", 1, id="exactly at the threshold is not under it"),
        pytest.param([299.999] * 200, "pass", 0, id="just under the threshold"),
    ],
)
def test_a_load_run_is_judged_by_its_samples(
    tmp_path: Path, values: list[float], verdict: Verdict, code: int
) -> None:
    source = SamplesSource("locust", sample_file(tmp_path, ttfb(values)))
    (judged,) = judge_source([named("ttfb")], source)
    assert (judged.verdict, judged.total) == (verdict, len(values))
    assert exit_code([judged]) == code


def test_an_objective_that_does_not_name_the_source_is_not_judged(tmp_path: Path) -> None:
    samples = [{"metric": "render_total_ms", "event_type": "page_view", "values": [1.0] * 500}]
    source = SamplesSource("locust", sample_file(tmp_path, samples))
    (judged,) = judge_source([replace(named("render"), sources=("rum",))], source)
    assert judged.verdict == "not_applicable"
    assert exit_code([judged]) == 3


def test_samples_of_other_event_types_are_not_counted(tmp_path: Path) -> None:
    samples = [{"metric": "ttfb_ms", "event_type": "drilldown", "values": [1.0] * 500}]
    (judged,) = judge_source(
        [named("ttfb")], SamplesSource("locust", sample_file(tmp_path, samples))
    )
    assert judged.total == 0


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"format": "execdash-samples/9"}, BadResult, "format"),
        ({"samples": ttfb([float("nan")])}, BadResult, "samples.0.values.0"),
        ({"source": "browser"}, BadResult, "holds a browser run, not a locust run"),
        ({"samples": "none"}, BadResult, "samples"),
        (
            {"valid": False, "invalid_reason": "the generator's CPU was full"},
            Unreachable,
            "generator's CPU",
        ),
    ],
)
def test_a_file_that_cannot_be_judged_says_why(
    tmp_path: Path, changes: dict[str, Any], error: type[Exception], says: str
) -> None:
    path = sample_file(tmp_path, **{"samples": ttfb([1.0]), **changes})
    with pytest.raises(error, match=says):
        judge_source([named("ttfb")], SamplesSource("locust", path))


def test_a_missing_file_is_unreachable_and_never_a_pass(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="No such file"):
        judge_source([named("ttfb")], SamplesSource("locust", tmp_path / "none.json"))


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=300))
def test_percentiles_of_samples_are_exact_nearest_ranks(values: list[float]) -> None:
    measured = measure_samples(named("ttfb"), values)
    assert measured.p95 in values
    assert measured.p95 is not None
    below = sum(value <= measured.p95 for value in values)
    assert below >= Fraction(95 * len(values), 100)
    assert sum(value < measured.p95 for value in values) < Fraction(95 * len(values), 100)
    assert measured.good == len([value for value in values if value < 300])


def test_only_the_percentile_that_equals_the_target_is_moved() -> None:
    judged = judge(named("api-latency"), Measurement(1000, 1000, p95=120.0, p99=130.0))
    assert judged.verdict == "pass"
    assert judged.p95 == 120.0  # as measured
    assert judged.percentile_value == pytest.approx(99.4)


def test_measurements_that_are_missing_are_no_data() -> None:
    verdicts = {one.verdict for one in judge_measurements(OBJECTIVES, "rum", {})}
    assert verdicts == {"insufficient_data"}


def test_programs_read_the_same_verdict() -> None:
    judged = judge(named("alerts-poll"), Measurement(190, 200, p95=30_000.0))
    (row,) = as_json([judged])
    assert row["verdict"] == "pass"
    assert row["threshold"] == {"op": "band", "low": 25_000.0, "high": 35_000.0}
    assert row["good_ratio"] == 0.95
    assert row["budget_remaining"] == 0.0
    assert row["interval"][0] < 0.95 < row["interval"][1]


def test_nothing_counted_is_null_and_not_zero() -> None:
    (row,) = as_json([judge(named("ttfb"), Measurement(0, 0))])
    assert row["good_ratio"] is None
    assert row["budget_remaining"] is None
    assert row["p95"] is None


def test_a_ratio_below_its_target_is_never_shown_as_the_target() -> None:
    assert percent(Fraction(949_999, 1_000_000), 2) == "94.99 %"
    assert percent(Fraction(19, 20), 2) == "95.00 %"
    assert percent(None, 2) == "-"


def test_promises_read_as_people_say_them() -> None:
    assert goal(named("ttfb")) == "95 % < 300 ms"
    assert goal(named("drilldown-clicks")) == "99 % <= 2 clicks"
    assert goal(named("alerts-poll")) == "95 % in 25,000 to 35,000 ms"

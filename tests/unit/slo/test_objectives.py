from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from slo.objective import Objective, Threshold
from slo.objectives import DEFAULT_FILE, SpecError, load_objectives, parse_objectives

TEXT = DEFAULT_FILE.read_text()


def named(name: str) -> Objective:
    return next(objective for objective in load_objectives() if objective.name == name)


@pytest.mark.parametrize(
    ("name", "metric", "threshold", "target", "minimum_events", "percentile"),
    [
        ("ttfb", "ttfb_ms", Threshold("lt", 300.0), "0.95", 200, 95),
        ("render", "render_total_ms", Threshold("lt", 1000.0), "0.95", 200, 95),
        ("switch", "switch_latency_ms", Threshold("lt", 200.0), "0.95", 200, 95),
        (
            "alerts-poll",
            "alerts_poll_interval_ms",
            Threshold("band", low=25000.0, high=35000.0),
            "0.95",
            200,
            95,
        ),
        ("drilldown-clicks", "drilldown_clicks", Threshold("lte", 2.0), "0.99", 1000, 99),
        ("api-errors", "api_status_code", Threshold("lt", 500.0), "0.999", 10_000, None),
        ("api-latency", "api_latency_ms", Threshold("lt", 100.0), "0.99", 1000, 99),
    ],
)
def test_each_objective_promises_what_was_agreed(
    name: str,
    metric: str,
    threshold: Threshold,
    target: str,
    minimum_events: int,
    percentile: int | None,
) -> None:
    objective = named(name)
    assert objective.metric == metric
    assert objective.threshold == threshold
    assert objective.target == Fraction(target)
    assert objective.minimum_events == minimum_events
    assert objective.percentile == percentile
    assert objective.window_days == 28
    assert objective.shown_windows == (7, 28)


def test_there_are_seven_objectives_and_each_is_an_openslo_document_of_its_own() -> None:
    documents = list(yaml.safe_load_all(TEXT))
    assert [d["kind"] for d in documents] == ["Service"] + ["SLO"] * 7
    assert {d["apiVersion"] for d in documents} == {"openslo/v1"}
    assert len(load_objectives()) == 7


def test_annotations_are_text_as_openslo_demands() -> None:
    for document in yaml.safe_load_all(TEXT):
        values = document["metadata"].get("annotations", {}).values()
        assert all(isinstance(value, str) for value in values)


def test_the_alert_tiers_are_those_of_a_28_day_period() -> None:
    hours = timedelta(hours=1)
    tiers = [
        (t.severity, t.burn_rate, t.long / hours, t.short / hours) for t in named("ttfb").tiers
    ]
    assert tiers == [
        ("page", Fraction("13.44"), 1, 5 / 60),
        ("page", Fraction("5.6"), 6, 0.5),
        ("ticket", Fraction("2.8"), 24, 2),
        ("ticket", 1, 72, 6),
    ]


@pytest.mark.parametrize(
    ("threshold", "good", "bad"),
    [
        (Threshold("lt", 300.0), [0, 299.999], [300, 301]),
        (Threshold("lte", 2.0), [0, 2], [2.0001, 3]),
        (Threshold("gt", 5.0), [5.1], [5, 4]),
        (Threshold("gte", 5.0), [5, 6], [4.9]),
        (Threshold("band", low=25.0, high=35.0), [25, 30, 35], [24.99, 35.01, 0]),
    ],
)
def test_a_sample_on_the_line_is_judged_by_the_comparison(
    threshold: Threshold, good: list[float], bad: list[float]
) -> None:
    assert all(map(threshold.is_good, good))
    assert not any(map(threshold.is_good, bad))
    assert not threshold.is_good(float("nan"))


def test_bounds_are_where_a_histogram_needs_buckets() -> None:
    assert named("ttfb").threshold.bounds == (300.0,)
    assert named("alerts-poll").threshold.bounds == (25_000.0, 35_000.0)


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def line_of(text: str, part: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if part in line)


@pytest.mark.parametrize(
    ("old", "new", "at", "says"),
    [
        ("      value: 300", "      vale: 300", "vale: 300", "did you mean 'value'?"),
        ("      value: 300", "      value: fast", "value: fast", "must be a number"),
        ("      value: 300", "      value: -1", "value: -1", "greater than or equal to 0"),
        ("      value: 300", "      value: .inf", "value: .inf", "not a plain number"),
        ("      target: 0.95", "      target: 95", "target: 95", "less than 1"),
        ("      target: 0.95", "      target: 1", "target: 1", "less than 1"),
        (
            "      target: 0.95",
            "      target: 0.95\n      targetPercent: 95",
            "- op: lt",
            "either target or targetPercent",
        ),
        ("    - op: lt\n", "    - op: eq\n", "- op: eq", "'lt', 'lte', 'gt' or 'gte'"),
        ("duration: 28d", "duration: 31d", "duration: 31d", "allowed: 1d to 30d"),
        ("duration: 28d", "duration: 36h", "duration: 36h", "allowed: 1d to 30d"),
        ("isRolling: true", "isRolling: false", "isRolling: false", "True"),
        ("isRolling: true", 'isRolling: "true"', 'isRolling: "true"', "True"),
        ("budgetingMethod: Occurrences", "budgetingMethod: Timeslices", "Timeslices", "Occurr"),
        (
            "  service: execdash",
            "  service: exedash",
            "service: exedash",
            "did you mean 'execdash'",
        ),
        ("  name: ttfb", "  name: TTFB", "name: TTFB", "pattern"),
        ("  name: render", "  name: ttfb", None, "'ttfb' stands twice"),
        ("kind: SLO", "kind: SLI", "kind: SLI", "use SLO or Service"),
        ("apiVersion: openslo/v1", "apiVersion: openslo/v2", "openslo/v2", "openslo/v1"),
        ("sources: rum, prom", "sources: rum, porm", "porm", "did you mean 'prometheus'?"),
        ("sources: rum, prometheus, locust, browser, http", 'sources: ""', 'sources: ""', "source"),
        ("execdash/sources", "execdash/source", "execdash/source:", "did you mean"),
        ("windows: 7d, 28d", "windows: 7d, 60d", "7d, 60d", "'60d' is not allowed"),
        ("burn_rate: 5.6,", "burn_rate: fast,", "burn_rate: fast", "must be a number"),
        ("short: 30m", "short: 30s", "short: 30s", "pattern"),
        ("short: 30m", "short: 7h", "execdash/alert-tiers", "short must be shorter than long"),
        ("name: page-slow", "name: page-fast", "burn_rate: 5.6", "the name of two tiers"),
        ('bad-events: "10"', "bad-events: 10", "bad-events: 10", "valid string"),
        ('band-low: "25000"', 'band-low: "45000"', "45000", "not below it"),
        ('band-low: "25000"', 'band-low: "low"', 'band-low: "low"', "pattern"),
        ("metric: ttfb_ms", "metric: ttfb-ms", "metric: ttfb-ms", "pattern"),
        ("eventTypes: [page_view]", "eventTypes: page_view", "eventTypes: page_view", "list"),
        ("      value: 300", "      value: 300\n      value: 400", "value: 400", "given twice"),
        ("      value: 300", "      value: 0x12", "value: 0x12", "not a plain number"),
        ("      value: 300", "      value: [300", None, "not valid YAML"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_a_hint(
    old: str, new: str, at: str | None, says: str
) -> None:
    text = changed(old, new)
    with pytest.raises(SpecError) as caught:
        parse_objectives(text, "objectives.yaml")
    assert says in str(caught.value)
    if at:
        lines = [problem.line for problem in caught.value.problems]
        assert line_of(text, at) in lines, str(caught.value)


def test_every_mistake_is_reported_at_once_and_in_order() -> None:
    text = changed("      value: 300", "      vale: 300").replace("Occurrences", "Timeslices")
    with pytest.raises(SpecError) as caught:
        parse_objectives(text)
    lines = [problem.line for problem in caught.value.problems]
    assert len(lines) >= 9
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    "text", ["", "# only a comment\n", "---\n", "[]\n", "42\n", "kind: Service\n"]
)
def test_a_file_without_an_objective_is_refused(text: str) -> None:
    with pytest.raises(SpecError):
        parse_objectives(text)


def test_a_service_alone_is_not_enough() -> None:
    with pytest.raises(SpecError, match="holds no SLO document"):
        parse_objectives(TEXT.split("---")[0])


def test_aliases_that_grow_without_bound_are_refused() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )
    with pytest.raises(SpecError, match="values"):
        parse_objectives(bomb)


@pytest.mark.parametrize("text", ["a: &a [*a]\n", "[" * 5000])
def test_what_is_nested_without_end_is_refused(text: str) -> None:
    with pytest.raises(SpecError, match="nested too deeply"):
        parse_objectives(text)


@pytest.mark.parametrize("make", ["missing", "folder", "binary"])
def test_a_file_that_cannot_be_read_is_one_clear_line(make: str, tmp_path: Path) -> None:
    path = tmp_path / "objectives.yaml"
    if make == "folder":
        path.mkdir()
    if make == "binary":
        path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SpecError, match=r"objectives\.yaml:1: cannot be read"):
        load_objectives(path)


@given(st.text(max_size=200))
def test_no_text_makes_anything_but_a_clear_error(text: str) -> None:
    with pytest.raises(SpecError):
        parse_objectives(text)


def test_an_slo_may_have_settings_of_its_own() -> None:
    own = 'execdash/minimum-events: "50"\n    execdash/alert-minimum-bad-events: "3"\n    '
    text = changed("    execdash/sources", "    " + own + "execdash/sources")
    first, second, *_ = parse_objectives(text)
    assert (first.minimum_events, first.alert_minimum_bad_events) == (50, 3)
    assert (second.minimum_events, second.alert_minimum_bad_events) == (200, 10)


def test_annotations_of_other_programs_are_left_alone() -> None:
    text = changed("    execdash/sources", "    example.com/team: a\n    execdash/sources")
    assert parse_objectives(text) == load_objectives()


def test_a_target_in_percent_is_the_same_target() -> None:
    text = changed("      target: 0.95", "      targetPercent: 95")
    assert parse_objectives(text) == load_objectives()

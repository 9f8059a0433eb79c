"""Rules as text: what they name, and that every expression parses."""

from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from slo import promql
from slo.objective import Objective
from slo.objectives import load_objectives, parse_objectives
from slo.rules import by_service, rules_file, windows

OBJECTIVES = load_objectives()
ROOT = Path(__file__).parents[3]
STANDARD_WINDOWS = ["5m", "30m", "1h", "2h", "6h", "1d", "3d", "7d", "28d"]


def groups(objectives: tuple[Objective, ...] = OBJECTIVES, **options: Any) -> dict[str, Any]:
    text = rules_file(objectives, **options)
    return {group["name"]: group for group in yaml.safe_load(text)["groups"]}


def all_rules(**options: Any) -> list[dict[str, Any]]:
    return [rule for group in groups(**options).values() for rule in group["rules"]]


def alerts(name: str) -> list[dict[str, Any]]:
    return [rule for rule in all_rules() if rule.get("alert") == name]


def test_every_expression_is_promql() -> None:
    for rule in all_rules():
        promql_parser.parse(rule["expr"])


@pytest.mark.parametrize("window", STANDARD_WINDOWS)
def test_the_usual_series_exist_for_every_window(window: str) -> None:
    recorded = {rule.get("record") for rule in all_rules()}
    assert f"slo:sli_error:ratio_rate{window}" in recorded
    assert f"slo:events:increase{window}" in recorded
    assert f"slo:bad_events:increase{window}" in recorded


def test_no_other_window_is_recorded() -> None:
    assert [promql.duration(window) for window in windows(OBJECTIVES)] == STANDARD_WINDOWS


@pytest.mark.parametrize(
    "name",
    [
        "slo:objective:ratio",
        "slo:error_budget:ratio",
        "slo:current_burn_rate:ratio",
        "slo:period_burn_rate:ratio",
        "slo:period_error_budget_remaining:ratio",
    ],
)
def test_each_objective_has_its_own_ratios(name: str) -> None:
    labels = [rule["labels"]["slo"] for rule in all_rules() if rule.get("record") == name]
    assert labels == [objective.name for objective in OBJECTIVES]


def test_no_ratio_divides_by_a_window_without_events() -> None:
    ratios = [rule for rule in all_rules() if "sli_error" in rule.get("record", "")]
    assert len(ratios) == len(STANDARD_WINDOWS)
    assert all(rule["expr"].endswith("> 0)") for rule in ratios)


def test_no_ratio_is_ever_averaged() -> None:
    assert not any("avg" in rule["expr"] for rule in all_rules())


@pytest.mark.parametrize(
    ("slo", "limits"),
    [
        ("ttfb", ["0.672", "0.28", "0.14", "0.05"]),
        ("drilldown-clicks", ["0.1344", "0.056", "0.028", "0.01"]),
        ("api-errors", ["0.01344", "0.0056", "0.0028", "0.001"]),
    ],
)
def test_each_tier_compares_with_its_burn_rate_times_the_budget(
    slo: str, limits: list[str]
) -> None:
    burning = [rule for rule in alerts("SloErrorBudgetBurn") if rule["labels"]["slo"] == slo]
    for rule, limit in zip(burning, limits, strict=True):
        long, short = rule["labels"]["long"], rule["labels"]["short"]
        assert f'ratio_rate{long}{{service="execdash", slo="{slo}"}} > {limit}\n' in rule["expr"]
        assert f'ratio_rate{short}{{service="execdash", slo="{slo}"}} > {limit}\n' in rule["expr"]
        assert f"slo:bad_events:increase{long}" in rule["expr"]
        assert rule["expr"].endswith(">= 10")


def test_alerts_never_look_at_the_seven_days_that_are_only_shown() -> None:
    assert not any("7d" in rule["expr"] for rule in all_rules() if "alert" in rule)


def test_every_alert_has_labels_and_annotations_for_its_reader() -> None:
    for rule in alerts("SloErrorBudgetBurn"):
        labels = set(rule["labels"])
        assert labels == {"slo", "service", "severity", "tier", "long", "short"}
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert set(rule["annotations"]) == {
            "summary",
            "description",
            "runbook_url",
            "dashboard_url",
        }


def test_every_alert_has_a_runbook() -> None:
    alerting = [rule for rule in all_rules() if "alert" in rule]
    for rule in alerting:
        assert (ROOT / rule["annotations"]["runbook_url"]).is_file(), rule["alert"]


def test_the_runbook_of_burning_budgets_knows_every_tier_and_every_objective() -> None:
    page = (ROOT / "docs/runbooks/slo-error-budget-burn.md").read_text()
    named = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")}
    tiers = {tier.name for objective in OBJECTIVES for tier in objective.tiers}
    assert named == tiers | {objective.name for objective in OBJECTIVES}
    index = (ROOT / "docs/runbooks/README.md").read_text()
    for rule in all_rules():
        if "alert" in rule:
            assert f"[{rule['alert']}]({Path(rule['annotations']['runbook_url']).name})" in index


def test_every_objective_tells_when_nothing_counts_its_events() -> None:
    absent = {rule["labels"]["slo"] for rule in alerts("SloEventsAbsent")}
    assert absent == {objective.name for objective in OBJECTIVES}


def test_one_alert_always_fires() -> None:
    assert [rule["expr"] for rule in alerts("SloDeadMansSwitch")] == ["vector(1)"]


def test_a_scale_shortens_the_ranges_and_leaves_the_names() -> None:
    full, short = all_rules(), all_rules(scale=Fraction(1, 60))
    assert [rule.get("record") for rule in full] == [rule.get("record") for rule in short]
    assert [rule.get("labels") for rule in full] == [rule.get("labels") for rule in short]
    hour = next(rule for rule in short if rule.get("record") == "slo:events:increase1h")
    assert hour["expr"].endswith("[1m]))")
    assert groups(scale=Fraction(1, 60))["execdash-slo-counts"]["interval"] == "5s"


def test_a_target_of_ninety_percent_makes_a_tier_that_stays_out_of_reach() -> None:
    text = (ROOT / "slo" / "objectives.yaml").read_text().replace("target: 0.95", "target: 0.9")
    rules = groups(parse_objectives(text))["execdash-slo-alerts"]["rules"]
    assert "> 1.344" in rules[0]["expr"]


def test_services_are_kept_apart() -> None:
    assert list(by_service(OBJECTIVES)) == ["execdash"]
    assert by_service(OBJECTIVES)["execdash"] == list(OBJECTIVES)


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(days=28), "28d"),
        (timedelta(hours=36), "36h"),
        (timedelta(minutes=90), "90m"),
        (timedelta(seconds=5), "5s"),
        (timedelta(days=1) - timedelta(milliseconds=1), "86399999ms"),
    ],
)
def test_durations_are_written_in_the_largest_unit_that_fits(length: timedelta, text: str) -> None:
    assert promql.duration(length) == text

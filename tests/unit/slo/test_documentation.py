"""What people read about the objectives, held against the objectives."""

import re
from pathlib import Path

import pytest

from loadtests.options import OPTIONS
from slo.budget import bad_ratio_to_fire
from slo.objective import Objective
from slo.objectives import load_objectives
from slo.openslo import Annotations

DOCS = Path(__file__).parents[3] / "docs"
TEXT = (DOCS / "slo.md").read_text()
OBJECTIVES = load_objectives()
WORDS = {2.0: "two"}


def row(name: str) -> list[str]:
    line = next(line for line in TEXT.splitlines() if line.startswith(f"| `{name}` |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda objective: objective.name)
def test_the_table_says_what_the_file_says(objective: Objective) -> None:
    _, good, target = row(objective.name)
    assert target == f"{float(objective.target * 100):g} %"
    if objective.name == "api-errors":
        assert "5xx" in good
        return
    for bound in objective.threshold.bounds:
        assert WORDS.get(bound, f"{bound:,.0f}") in good


def test_each_tier_stands_with_the_share_of_bad_events_that_it_needs() -> None:
    targets = {float(o.target): o for o in OBJECTIVES}
    for tier in OBJECTIVES[0].tiers:
        cells = row(tier.name)
        assert cells[1] == tier.severity
        assert cells[2] == f"{float(tier.burn_rate):g}"
        for cell, target in zip(cells[4:], (0.95, 0.99, 0.999), strict=True):
            ratio = bad_ratio_to_fire(tier.burn_rate, targets[target].target)
            assert cell == f"{float(ratio * 100):g} %"


def test_every_annotation_is_explained() -> None:
    explained = set(re.findall(r"^\| `(execdash/[a-z-]+)`", TEXT, re.M))
    assert explained == {field.alias for field in Annotations.model_fields.values()}


def test_every_option_of_a_load_run_is_explained() -> None:
    options = {option.name for option in OPTIONS}
    explained = set(re.findall(r"^\| `(--[a-z-]+)`", (DOCS / "loadtests.md").read_text(), re.M))
    assert explained == options

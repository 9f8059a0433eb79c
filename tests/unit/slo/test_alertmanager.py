"""Which tier quiets which, as Alertmanager is told."""

import dataclasses
from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Literal

import pytest
import yaml

from slo.alertmanager import People, Screen, alertmanager_file
from slo.objective import AlertTier, Objective
from slo.objectives import load_objectives

TTFB, RENDER = load_objectives()[:2]


def tier(name: str, severity: Literal["page", "ticket"], burn_rate: int) -> AlertTier:
    return AlertTier(name, severity, Fraction(burn_rate), timedelta(hours=6), timedelta(minutes=30))


def quieted(*tiers_of_objectives: Sequence[AlertTier]) -> dict[str, str]:
    """By tier the matcher of those that are quiet while it fires."""
    objectives: list[Objective] = [
        dataclasses.replace(one, tiers=tuple(tiers))
        for one, tiers in zip((TTFB, RENDER), tiers_of_objectives, strict=False)
    ]
    content = yaml.safe_load(alertmanager_file(objectives, Screen(), People()))
    return {
        rule["source_matchers"][1]: rule["target_matchers"][1] for rule in content["inhibit_rules"]
    }


@pytest.mark.parametrize(
    ("tiers", "expected"),
    [
        (
            [[tier("page", "page", 6), tier("ticket", "ticket", 3)]],
            {"tier = page": "tier = ticket"},
        ),
        # A ticket must never quiet a page, however fast it burns.
        ([[tier("early", "ticket", 10), tier("page", "page", 6)]], {}),
        # The same names in another order for another objective: neither is quieted.
        (
            [
                [tier("a", "page", 6), tier("b", "page", 3)],
                [tier("a", "page", 3), tier("b", "page", 6)],
            ],
            {},
        ),
        # Names that never stand together say nothing of each other.
        ([[tier("a", "page", 6)], [tier("b", "page", 3)]], {}),
    ],
)
def test_a_faster_tier_quiets_slower_ones_of_its_objective_but_never_a_page_by_a_ticket(
    tiers: Sequence[Sequence[AlertTier]], expected: dict[str, str]
) -> None:
    assert quieted(*tiers) == expected

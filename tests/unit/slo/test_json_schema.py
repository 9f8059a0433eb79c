"""The schema for editors: in step with the models, and never stricter than they are."""

from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from slo.generated import compare
from slo.json_schema import schema_file
from slo.objectives import DEFAULT_FILE, SpecError, parse_objectives

TEXT = DEFAULT_FILE.read_text()
EDITOR = jsonschema_rs.validator_for(yaml.safe_load(schema_file()))


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def mistakes(text: str) -> list[str]:
    documents: list[Any] = list(yaml.safe_load_all(text))
    return [error.message for document in documents for error in EDITOR.iter_errors(document)]


def test_the_kept_schema_is_what_the_generator_writes() -> None:
    compare(Path("slo"), {"objectives.schema.json": schema_file()})
    assert TEXT.startswith("# yaml-language-server: $schema=objectives.schema.json\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("      target: 0.95", "      targetPercent: 95"),
        ("    execdash/sources", "    example.com/team: a\n    execdash/sources"),
        ("      value: 300", "      value: 0.5"),
        ("    execdash/sources", '    execdash/minimum-events: "50"\n    execdash/sources'),
    ],
)
def test_what_is_right_is_right_in_an_editor(old: str, new: str) -> None:
    text = changed(old, new)
    assert parse_objectives(text)
    assert mistakes(text) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("      value: 300", "      vale: 300"),
        ("      value: 300", "      value: fast"),
        ("      value: 300", '      value: "300"'),
        ("      value: 300", "      value: -1"),
        ("      target: 0.95", "      target: 95"),
        ("      target: 0.95", "      target: 1"),
        ("      target: 0.95", "      target: 0.95\n      targetPercent: 95"),
        ("      target: 0.95\n", ""),
        ("    - op: lt\n", "    - op: eq\n"),
        ("duration: 28d", "duration: 28 days"),
        ("isRolling: true", "isRolling: false"),
        ("budgetingMethod: Occurrences", "budgetingMethod: Timeslices"),
        ("  name: ttfb", "  name: TTFB"),
        ("kind: SLO", "kind: SLI"),
        ("apiVersion: openslo/v1", "apiVersion: openslo/v2"),
        ("execdash/sources", "execdash/source"),
        ('bad-events: "10"', "bad-events: 10"),
        ("metric: ttfb_ms", "metric: ttfb-ms"),
        ("eventTypes: [page_view]", "eventTypes: []"),
    ],
)
def test_a_mistake_is_seen_while_one_types(old: str, new: str) -> None:
    text = changed(old, new)
    assert mistakes(text)
    with pytest.raises(SpecError):
        parse_objectives(text)

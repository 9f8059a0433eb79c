"""The kept rules, judged by Prometheus' own tool."""

import subprocess
from pathlib import Path

import pytest

from slo.generated import Outdated, compare, write
from slo.objectives import load_objectives
from slo.rule_tests import rule_tests_file
from slo.rules import rules_file

FOLDER = Path(__file__).parents[3] / "deploy" / "prometheus"
RULES, TESTS = "slo.rules.yml", "slo.rules.test.yml"


def promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["promtool", *map(str, arguments)], capture_output=True, text=True, timeout=250, check=False
    )


def test_the_kept_files_are_what_the_generator_writes() -> None:
    objectives = load_objectives()
    compare(FOLDER, {RULES: rules_file(objectives), TESTS: rule_tests_file(objectives, RULES)})


def test_a_file_that_drifted_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"same.yml": "a: 1\n", "changed.yml": "a: 2\n"})
    with pytest.raises(Outdated, match=r"changed\.yml") as caught:
        compare(tmp_path, {"same.yml": "a: 1\n", "changed.yml": "a: 1\n"})
    assert "same.yml" not in str(caught.value)
    with pytest.raises(Outdated, match=r"missing\.yml"):
        compare(tmp_path, {"missing.yml": ""})


def test_prometheus_accepts_the_rules() -> None:
    checked = promtool("check", "rules", FOLDER / RULES)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "SUCCESS" in checked.stdout + checked.stderr


def test_each_tier_fires_stays_silent_and_resets() -> None:
    tested = promtool("test", "rules", FOLDER / TESTS)
    assert tested.returncode == 0, tested.stdout + tested.stderr


def cut(test: str) -> str:
    """The kept tests, but only the one whose name begins so."""
    tests = (FOLDER / TESTS).read_text()
    head, own = tests[: tests.index("tests:") + 7], tests[tests.index(f"- name: {test}") :]
    end = own.find("- name: ", 10)
    return head + (own if end < 0 else own[:end])


WELL = "slo:sli_error:ratio_rate"


@pytest.mark.parametrize(
    ("test", "right", "wrong"),
    [
        ("nothing fires just below the slowest tier", "> 0.05\n", "> 0.045\n"),
        # A long window that is too short fires early, one that is too long fires late.
        ("page-fast fires", f'{WELL}1h{{service="execdash", slo="ttfb"}}', f"{WELL}30m"),
        ("page-fast fires", f'{WELL}1h{{service="execdash", slo="ttfb"}}', f"{WELL}2h"),
        ("page-slow fires", f'{WELL}6h{{service="execdash", slo="ttfb"}}', f"{WELL}2h"),
        # The same of a short one shows when it resets.
        ("page-fast fires", f'{WELL}5m{{service="execdash", slo="ttfb"}} > 0.672', f"{WELL}30m"),
        ("page-slow fires", f'{WELL}30m{{service="execdash", slo="ttfb"}}', f"{WELL}5m"),
        ("page-slow fires", f'{WELL}30m{{service="execdash", slo="ttfb"}}', f"{WELL}1h"),
        # An average of ratios instead of a ratio of sums.
        (
            "page-slow fires",
            'slo:bad_events:increase6h{service="execdash"} / '
            '(slo:events:increase6h{service="execdash"} > 0)',
            f'avg_over_time({WELL}5m{{service="execdash"}}[6h])',
        ),
        ("a few more bad events fire", ">= 10\n", ">= 20\n"),
        ("a handful of bad events fires nothing", ">= 10\n", ">= 7\n"),
    ],
)
def test_the_rule_tests_notice_a_rule_that_is_wrong(
    tmp_path: Path, test: str, right: str, wrong: str
) -> None:
    rules = (FOLDER / RULES).read_text()
    assert right in rules
    if wrong.startswith(WELL):
        wrong = wrong + right[right.index("{") :]
    write(tmp_path, {RULES: rules.replace(right, wrong), TESTS: cut(test)})
    tested = promtool("test", "rules", tmp_path / TESTS)
    assert tested.returncode == 1
    assert "ttfb" in tested.stdout + tested.stderr

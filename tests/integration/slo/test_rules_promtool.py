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


def test_the_rule_tests_notice_a_rule_that_fires_too_early(tmp_path: Path) -> None:
    rules = (FOLDER / RULES).read_text()
    early = rules.replace("> 0.05\n", "> 0.045\n")
    assert early != rules
    quick = "- name: nothing fires just below the slowest tier"
    tests = (FOLDER / TESTS).read_text()
    head, silent = tests[: tests.index("tests:") + 7], tests[tests.index(quick) :]
    silent = silent[: silent.index("- name: ", 10)]
    write(tmp_path, {RULES: early, TESTS: head + silent})
    tested = promtool("test", "rules", tmp_path / TESTS)
    assert tested.returncode == 1
    assert "ticket-slow" in tested.stdout + tested.stderr

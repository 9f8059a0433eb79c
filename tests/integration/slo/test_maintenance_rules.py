"""What Prometheus makes of maintenance, by its own tool; its tests begin at the start of 1970."""

import dataclasses
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from slo.maintenance import Maintenance
from slo.objective import Objective
from slo.objectives import load_objectives
from slo.rules import rules_file

TTFB = next(one for one in load_objectives() if one.name == "ttfb")
RENDER = next(one for one in load_objectives() if one.name == "render")
SECOND_HOUR = Maintenance(
    datetime(1970, 1, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, 2, tzinfo=UTC), "moving"
)
IN_MAINTENANCE = dataclasses.replace(TTFB, maintenance=(SECOND_HOUR,))
FIRING = 'sum by (slo, tier) (ALERTS{alertname="SloErrorBudgetBurn", alertstate="firing"})'
ABSENT = 'sum by (slo) (ALERTS{alertname="SloEventsAbsent", alertstate="firing"})'

# A hundred events a minute: good for an hour, bad for an hour, then 38 % bad.
GOOD = "0+100x60 6000+0x59 6062+62x300"
BAD = "0+0x60 100+100x59 6038+38x300"


def promtool(folder: Path, objectives: list[Objective], questions: list[dict[str, object]]) -> str:
    """Empty when Prometheus sees what is expected, else what it saw."""
    series = [
        {"series": f'slo_events_total{{slo="{slo}", result="{result}"}}', "values": values}
        for slo in ("ttfb", "render")
        for result, values in (("good", GOOD), ("bad", BAD))
    ]
    test = {"interval": "1m", "input_series": series, "promql_expr_test": questions}
    rules = rules_file(objectives)
    content = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        # Else the groups of one moment come in any order, and a window may lack its last step.
        "group_eval_order": [group["name"] for group in yaml.safe_load(rules)["groups"]],
        "tests": [test],
    }
    (folder / "rules.yml").write_text(rules)
    (folder / "test.yml").write_text(yaml.safe_dump(content))
    done = subprocess.run(
        ["promtool", "test", "rules", folder / "test.yml"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def at(time: str, expression: str, **samples: float) -> dict[str, object]:
    """At a moment an expression has these samples by label ``slo`` (or ``slo__tier``)."""
    expected = []
    for name, value in samples.items():
        slo, _, tier = name.partition("__")
        labels = f'slo="{slo}"' + (f', tier="{tier.replace("_", "-")}"' if tier else "")
        expected.append({"labels": f"{{{labels}}}", "value": value})
    return {"expr": expression, "eval_time": time, "exp_samples": expected}


def test_no_tier_fires_in_maintenance_nor_counts_it_afterwards(tmp_path: Path) -> None:
    render = {f"render__{tier}": 1.0 for tier in ("page_slow", "ticket_fast", "ticket_slow")}
    tickets = {"ttfb__ticket_fast": 1.0, "ttfb__ticket_slow": 1.0}
    questions = [
        at("1h55m", FIRING, render__page_fast=1, **render),  # its own hours are ordinary ones
        # 38 % go on being bad. Beside an hour of good ones that is 13, 19, 27 and 29 %.
        at("2h31m", FIRING, ttfb__ticket_slow=1, **render),
        at("3h", FIRING, **tickets, **render),
        at("4h30m", FIRING, **tickets, **render),
        at("5h10m", FIRING, ttfb__page_slow=1, **tickets, **render),
    ]
    assert promtool(tmp_path, [IN_MAINTENANCE, RENDER], questions) == ""
    seen = promtool(tmp_path, [TTFB, RENDER], questions)  # without maintenance it does fire
    assert "page-fast" in seen


@pytest.mark.parametrize("window", ["5m", "30m", "1h", "2h", "6h"])
def test_short_windows_leave_maintenance_out_as_well(tmp_path: Path, window: str) -> None:
    share = f"sum by (slo) (round(slo:sli_error:ratio_rate{window}, 0.01))"
    only_maintenance = window in ("5m", "30m")
    meanwhile = at("1h40m", share) if only_maintenance else at("1h40m", share, ttfb=0)
    # 38 % in 27 steps, one a minute here; 2h has half of the good hour before, 6h all of it.
    afterwards = {"2h": 0.18, "6h": 0.12}.get(window, 0.38)
    questions = [meanwhile, at("2h31m", share, ttfb=afterwards)]
    assert promtool(tmp_path, [IN_MAINTENANCE], questions) == ""


@pytest.mark.parametrize(("objective", "bad"), [(TTFB, 6000 + 38 * 60), (IN_MAINTENANCE, 38 * 60)])
def test_long_windows_leave_out_every_step_that_touches_it(
    tmp_path: Path, objective: Objective, bad: int
) -> None:
    """Evaluated each minute, a step of five minutes is seen five times: shares are as counted."""
    events = "round(sum by (slo) (slo:events:increase28d) / 5 / 100)"
    share = "round(sum by (slo) (slo:sli_error:ratio_rate28d), 0.01)"
    minutes = 180 if objective is TTFB else 120
    # The first steps are not full, and four more reach out of the hour.
    expected = minutes - (2 if objective is TTFB else 6)
    questions = [
        at("3h", events, ttfb=expected),
        at("3h", share, ttfb=round(bad / minutes / 100, 2)),
    ]
    assert promtool(tmp_path, [objective], questions) == ""


def test_a_service_that_is_down_for_maintenance_is_not_missed(tmp_path: Path) -> None:
    away = dataclasses.replace(IN_MAINTENANCE, name="away")
    assert promtool(tmp_path, [away], [at("1h50m", ABSENT), at("2h17m", ABSENT, away=1)]) == ""
    unannounced = dataclasses.replace(TTFB, name="away")
    assert promtool(tmp_path, [unannounced], [at("1h50m", ABSENT, away=1)]) == ""

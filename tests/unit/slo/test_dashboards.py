"""The kept dashboards as data: in step with their generator, and asking only for what exists."""

import dataclasses
import functools
import json
import math
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import promql_parser
import pytest
import yaml

from api.slo_commands import dashboard_files
from slo.generated import compare
from slo.objective import Objective, Threshold
from slo.objectives import load_objectives
from slo.rules import rules_file
from telemetry.metrics import RUM_INSTRUMENTS, Metrics

FOLDER = Path(__file__).parents[3] / "dashboards" / "grafana"
OBJECTIVES = load_objectives()
BOARDS = {path.name: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
MADE_BY_PROMETHEUS = {
    "ALERTS",
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
}


def panels() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, board in BOARDS.items():
        for panel in board["panels"]:
            yield f"{name}: {panel['title']}", panel


def expressions() -> list[Any]:
    return [
        pytest.param(target["expr"], id=f"{where} {target['refId']}")
        for where, panel in panels()
        for target in panel["targets"]
        if "expr" in target
    ]


def names_in(expression: str) -> set[str]:
    plain = expression.replace("$__rate_interval", "1m")
    found: set[str] = set()

    def walk(node: object) -> None:
        if isinstance(node, promql_parser.VectorSelector) and node.name:
            found.add(node.name)
        for part in ("expr", "lhs", "rhs", "vector_selector", "vs"):
            if hasattr(node, part):
                walk(getattr(node, part))
        for argument in getattr(node, "args", None) or []:
            walk(argument)

    walk(promql_parser.parse(plain))
    return found


@functools.cache
def known_names() -> set[str]:
    families = list(Metrics("0").registry.collect())
    exposed = {sample.name for family in families for sample in family.samples}
    # Histograms and counters without a labelled child have no samples before their first event.
    suffixes = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("_total",)}
    declared = {
        family.name + suffix for family in families for suffix in suffixes.get(family.type, ("",))
    }
    rules = yaml.safe_load(rules_file(OBJECTIVES))["groups"]
    recorded = {rule["record"] for group in rules for rule in group["rules"] if "record" in rule}
    return exposed | declared | recorded | MADE_BY_PROMETHEUS


def test_the_kept_dashboards_are_what_the_generator_writes() -> None:
    files = dashboard_files(OBJECTIVES)
    assert set(files) == set(BOARDS)
    compare(FOLDER, files)


def test_there_are_queries_to_look_at() -> None:
    assert len(expressions()) > 40
    assert names_in("sum(rate(a[$__rate_interval])) / (b > 0) or vector(0)") == {"a", "b"}
    assert names_in("histogram_quantile(0.9, sum by (le) (rate(c_bucket[1m])))") == {"c_bucket"}


@pytest.mark.parametrize("expression", expressions())
def test_every_query_is_promql_and_names_series_that_exist(expression: str) -> None:
    names = names_in(expression)
    assert names
    assert names <= known_names()


def test_panels_do_not_overlap_and_have_unique_titles() -> None:
    for board in BOARDS.values():
        taken: set[tuple[int, int]] = set()
        for panel in board["panels"]:
            place = panel["gridPos"]
            cells = {
                (place["x"] + column, place["y"] + row)
                for column in range(place["w"])
                for row in range(place["h"])
            }
            assert place["x"] + place["w"] <= 24
            assert not cells & taken
            taken |= cells
        titles = [panel["title"] for panel in board["panels"]]
        assert len(titles) == len(set(titles))


def test_data_sources_and_dashboards_are_those_that_are_provisioned() -> None:
    text = (FOLDER / "provisioning/datasources/execdash.yaml").read_text()
    provisioned = {(one["type"], one["uid"]) for one in yaml.safe_load(text)["datasources"]}
    used = {(p["datasource"]["type"], p["datasource"]["uid"]) for _, p in panels()}
    assert used == provisioned
    assert len({board["uid"] for board in BOARDS.values()}) == len(BOARDS)


def test_alerts_lead_to_a_dashboard_that_exists() -> None:
    urls = set(re.findall(r"dashboard_url: \S+/d/([a-z-]+)\?", rules_file(OBJECTIVES)))
    assert urls == {"execdash-slo-objective"}
    assert urls <= {board["uid"] for board in BOARDS.values()}


def colour(steps: list[dict[str, Any]], value: float) -> str:
    """The colour Grafana gives a value: that of the last step at or below it."""
    passed = [step for step in steps if step["value"] is None or step["value"] <= value]
    return str(passed[-1]["color"])


@pytest.mark.parametrize(
    "objective", [o for o in OBJECTIVES if o.metric in RUM_INSTRUMENTS], ids=lambda o: o.name
)
def test_lines_are_drawn_where_the_objective_draws_them(objective: Objective) -> None:
    instrument = RUM_INSTRUMENTS[objective.metric]
    drawn = [
        panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
        for where, panel in panels()
        if where.startswith("rum.json") and panel["title"].startswith(instrument.help.rstrip("."))
    ]
    assert len(drawn) == 2  # the histogram's estimate, and every stored sample
    for steps in drawn:
        for bound in objective.threshold.bounds:
            for value in (math.nextafter(bound, 0), bound, math.nextafter(bound, math.inf)):
                good = objective.threshold.is_good(value)
                shown = colour(steps, value / instrument.divisor)
                near = value != bound and instrument.divisor != 1  # division may round it away
                assert near or (shown == "green") == good
        outside = [0.9 * objective.threshold.bounds[0], 1.1 * objective.threshold.bounds[-1]]
        for value in outside:
            good = objective.threshold.is_good(value)
            assert (colour(steps, value / instrument.divisor) == "green") == good


def test_the_api_panel_has_its_line_too() -> None:
    (panel,) = [panel for where, panel in panels() if where == "api.json: P99 by route"]
    objective = next(o for o in OBJECTIVES if o.name == "api-latency")
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    assert objective.threshold == Threshold("lt", steps[1]["value"] * 1000)


def test_the_apis_budget_for_errors_is_drawn() -> None:
    (panel,) = [panel for where, panel in panels() if where == "api.json: Server errors"]
    objective = next(o for o in OBJECTIVES if o.name == "api-errors")
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    assert steps[1] == {"color": "red", "value": float(1 - objective.target)}


def in_depth(title: str, objectives: list[Objective] | None = None) -> dict[str, Any]:
    """A panel of the dashboard of one objective."""
    files = dashboard_files(objectives or OBJECTIVES)
    board = json.loads(files["slo-objective.json"])
    (panel,) = [panel for panel in board["panels"] if panel["title"] == title]
    found: dict[str, Any] = panel
    return found


def changed(name: str, **fields: Any) -> list[Objective]:
    """The objectives, one of them with other fields."""
    return [dataclasses.replace(o, **fields) if o.name == name else o for o in OBJECTIVES]


@pytest.mark.parametrize(
    ("name", "threshold", "drawn", "searched"),
    [
        ("ttfb", Threshold("lte", 456.5), "vector(0.4565)", "duration > 456.5ms"),
        ("api-latency", Threshold("lt", 77), "vector(0.077)", "duration >= 77ms"),
        ("api-errors", Threshold("lt", 400), None, "span.http.status_code >= 400"),
        ("drilldown-clicks", Threshold("lte", 3), "vector(3)", None),
        ("switch", Threshold("gt", 9), "vector(0.009)", "duration <= 9ms"),
        ("render", Threshold("gte", 8), "vector(0.008)", "duration < 8ms"),
        ("alerts-poll", Threshold("lt", 5e6), "vector(5000)", "duration >= 5000000ms"),
        ("alerts-poll", Threshold("band", low=10, high=30), "vector(0.03)", "duration > 10ms"),
        ("ttfb", Threshold("band", low=10, high=30), "vector(0.01)", "duration < 10ms || "),
    ],
)
def test_thresholds_in_depth_are_the_objectives(
    name: str, threshold: Threshold, drawn: str | None, searched: str | None
) -> None:
    objectives = changed(name, threshold=threshold)
    chosen = f'slo="$slo", slo="{name}"'
    lines = [
        target["expr"]
        for target in in_depth("Percentiles and threshold", objectives)["targets"]
        if target["legendFormat"].startswith("threshold") and chosen in target["expr"]
    ]
    assert len(lines) == (0 if drawn is None else len(threshold.bounds))
    assert drawn is None or any(line.startswith(f"{drawn} and on ()") for line in lines)
    [target] = in_depth("Traces of bad requests", objectives)["targets"]
    [clause] = [line for line in target["query"].splitlines() if f'= "{name}"' in line]
    assert searched is None or searched in clause


def test_what_is_drawn_in_depth_says_its_unit() -> None:
    panel = in_depth("Percentiles and threshold")
    config = panel["fieldConfig"]
    assert config["defaults"]["unit"] == "s"
    clicks = {t["legendFormat"] for t in panel["targets"] if 'slo="drilldown-clicks"' in t["expr"]}
    assert clicks == {"P95 clicks", "P99 clicks", "threshold clicks"}
    others = {t["legendFormat"] for t in panel["targets"]} - clicks
    assert others == {"P5", "P95", "P99", "threshold"}
    units = {
        each["matcher"]["options"]: option["value"]
        for each in config["overrides"]
        for option in each["properties"]
        if option["id"] == "unit"
    }
    assert units == {"/ clicks$/": "suffix: clicks"}


def test_each_objective_shows_the_events_of_its_own_period() -> None:
    queries = in_depth("Events in the period", changed("switch", window_days=7))["targets"]
    total = queries[0]["expr"]
    assert 'slo:events:increase7d{slo="$slo", slo=~"switch"}' in total
    assert 'slo:events:increase28d{slo="$slo", slo=~"ttfb|render|alerts-poll|' in total


def test_every_tier_of_every_objective_is_drawn_and_its_windows_are_shown() -> None:
    [tier] = [tier for tier in OBJECTIVES[0].tiers if tier.name == "ticket-slow"]
    slower = dataclasses.replace(tier, burn_rate=tier.burn_rate * 2, long=timedelta(days=7))
    panel = in_depth("Burn rate and alert tiers", changed("ttfb", tiers=(slower,)))
    drawn = {step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]}
    assert drawn - {None} == {1.0, 2.0, 2.8, 5.6, 13.44}
    assert "7d" in {target["legendFormat"] for target in panel["targets"]}


def test_a_trace_opens_from_its_id() -> None:
    panel = in_depth("Worst samples of real users")
    [override] = panel["fieldConfig"]["overrides"]
    [link] = override["properties"][0]["value"]
    panes = json.loads(unquote(link["url"].partition("panes=")[2]))
    assert panes["t"]["queries"][0]["query"] == "${__value.raw}"
    assert panes["t"]["datasource"] == "tempo"

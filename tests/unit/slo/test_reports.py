"""Reports hold what the gate found, whatever stands in them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from slo import present, reports
from slo.gate import judge_measurements
from slo.maintenance import Maintenance
from slo.measurements import LeftOut, Measurement
from slo.objectives import load_objectives
from slo.outcome import Outcome
from slo.regression import Comparison, Run

NAMES = ("ttfb", "render", "switch", "alerts-poll")
ELSEWHERE = {"render": ("rum", "http"), "switch": ("rum", "http")}  # not judged by load runs here
OBJECTIVES = [
    replace(each, sources=ELSEWHERE.get(each.name, each.sources))
    for each in load_objectives()
    if each.name in NAMES
]
FAILED = Outcome(
    "Gate: locust",
    judge_measurements(
        OBJECTIVES,
        "locust",
        {"ttfb": Measurement(189, 200, p95=1310.0), "alerts-poll": Measurement(150, 150)},
    ),
)
PASSED = Outcome(
    "Gate: rum, 7d",
    judge_measurements(
        OBJECTIVES, "rum", {each.name: Measurement(2000, 2000, p95=99.4) for each in OBJECTIVES}
    ),
)
UNKNOWN = Outcome(
    "Gate: http, 7d",
    judge_measurements(OBJECTIVES, "http", {}),
    unknown="does not answer: timed out",
    where="http://a_b:1",
)
NOT_JUDGED = Outcome(
    "Gate: locust", judge_measurements(OBJECTIVES[1:3], "locust", {})
)  # neither render nor switch


def cases(outcome: Outcome) -> dict[str, Xml.Element | None]:
    """What stands inside of each test case."""
    (suite,) = Xml.fromstring(reports.junit(outcome))
    return {case.attrib["name"]: next(iter(case), None) for case in suite}


def test_each_verdict_is_its_own_kind_of_test_case() -> None:
    found = {name: inside.tag for name, inside in cases(FAILED).items() if inside is not None}
    assert found == {
        "ttfb": "failure",
        "render": "skipped",
        "switch": "skipped",
        "alerts-poll": "error",
    }
    failure = cases(FAILED)["ttfb"]
    assert failure is not None
    assert failure.attrib["message"] == ("FAIL: 189 of 200 good (94.50 %), promised 95 % < 300 ms")
    assert set(cases(PASSED).values()) == {None}


def test_an_objective_that_passes_and_is_worse_than_before_is_a_failure() -> None:
    before = Run(2000, 2000)
    worse = Comparison(before, p_counts=0.00012, p_samples=None, is_worse=True)
    same = Comparison(before, p_counts=0.61, p_samples=1e-40, is_worse=False)
    outcome = replace(PASSED, comparisons={"ttfb": worse, "render": same})
    assert outcome.exit_code == 1
    found = {name: inside for name, inside in cases(outcome).items() if inside is not None}
    assert list(found) == ["ttfb"]
    assert found["ttfb"].tag == "failure"
    assert found["ttfb"].attrib["type"] == "worse"
    said = found["ttfb"].attrib["message"]
    assert said.endswith("; WORSE than 2,000 of 2,000 (counts p = 0.00012)")
    rows = [line.split(" | ")[-1] for line in reports.markdown(outcome).splitlines()[2:8]]
    assert rows == [
        "against the baseline |",
        "--- |",
        "**WORSE than 2,000 of 2,000 (counts p = 0.00012)** |",
        "no worse than 2,000 of 2,000 (counts p = 0.61, median p &lt; 1e-9) |",
        "- |",
        "- |",
    ]


def test_worse_than_before_is_said_of_too_few_events_too() -> None:
    few = judge_measurements(OBJECTIVES[:1], "rum", {"ttfb": Measurement(80, 100)})
    worse = Comparison(Run(200, 200), p_counts=1e-9, p_samples=None, is_worse=True)
    failure = cases(Outcome("Gate: rum, 7d", few, comparisons={"ttfb": worse}))["ttfb"]
    assert failure is not None
    assert (failure.tag, failure.attrib["type"]) == ("failure", "worse")


def test_the_counts_of_a_suite_are_those_of_its_cases() -> None:
    root = Xml.fromstring(reports.junit(FAILED))
    counts = {"tests": "4", "failures": "1", "errors": "1", "skipped": "2"}
    for element in (root, root[0]):
        assert {name: element.attrib[name] for name in counts} == counts


def test_a_source_that_was_not_reached_is_an_error_of_every_case() -> None:
    inside = [one for one in cases(UNKNOWN).values() if one is not None]
    message = "the source could not be read: http://a_b:1 does not answer: timed out"
    assert [(one.tag, one.attrib["type"], one.attrib["message"]) for one in inside] == [
        ("error", "unknown", message)
    ] * len(OBJECTIVES)


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        (NOT_JUDGED, "this source judges none of the objectives"),
        (
            replace(NOT_JUDGED, unknown="cannot be read", where="run.json"),
            "the source could not be read: run.json cannot be read",
        ),
    ],
)
def test_a_gate_that_judged_nothing_is_no_green_suite(outcome: Outcome, message: str) -> None:
    found = cases(outcome)
    assert [one.tag for one in found.values() if one is not None] == ["skipped"] * 2 + ["error"]
    error = found["gate"]
    assert error is not None
    assert error.attrib["message"] == message


def test_the_table_is_ready_for_a_pull_request() -> None:
    assert reports.markdown(FAILED).splitlines() == [
        "### Gate: locust: FAIL",
        "",
        "| objective | promise | verdict | good | of | ratio | P95 | budget left |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |",
        "| `ttfb` | 95 % &lt; 300 ms | **FAIL** | 189 | 200 | 94.50 % | 1,310 ms | -10 % |",
        "| `render` | 95 % &lt; 1,000 ms | not judged here | 0 | 0 | - | - | - |",
        "| `switch` | 95 % &lt; 200 ms | not judged here | 0 | 0 | - | - | - |",
        "| `alerts-poll` | 95 % in 25,000 to 35,000 ms | too few events (150 of 200) | 150 | 150"
        " | 100.00 % | - | 100 % |",
        "",
        "Exit code 1: at least one objective fails, or is worse than its baseline.",
    ]


@pytest.mark.parametrize(
    ("outcome", "first", "last"),
    [
        (PASSED, "### Gate: rum, 7d: pass", "Exit code 0: every objective that is judged here"),
        (UNKNOWN, "### Gate: http, 7d: not known", "Exit code 3: the source could not be read;"),
        (
            replace(UNKNOWN, unknown=None),
            "### Gate: http, 7d: not known",
            "Exit code 3: too few events; that is never a pass.",
        ),
        (
            NOT_JUDGED,
            "### Gate: locust: not known",
            "Exit code 3: this source judges none of the objectives; that is never a pass.",
        ),
    ],
)
def test_the_heading_and_the_last_line_say_the_exit_code(
    outcome: Outcome, first: str, last: str
) -> None:
    lines = reports.markdown(outcome).splitlines()
    assert lines[0] == first
    assert lines[-1].startswith(last)


def test_why_nothing_is_known_comes_first_in_the_comment() -> None:
    lines = reports.markdown(UNKNOWN).splitlines()
    assert lines[2] == "The source could not be read: `http://a_b:1 does not answer: timed out`"
    assert lines[6] == "| `ttfb` | 95 % &lt; 300 ms | not known | - | - | - | - | - |"
    assert "too few" not in "".join(lines)


def test_a_run_that_is_not_valid_was_read() -> None:
    outcome = replace(UNKNOWN, where=None, unknown="the generator was late")
    lines = reports.markdown(outcome).splitlines()
    assert lines[2] == "The run is not valid: `the generator was late`"


HOSTILE = "|x|<b>\n\x1b[31m[/x]`@ops`"


@pytest.mark.parametrize(
    ("text", "code"),
    [("a`b", "`` a`b ``"), ("``", "``` `` ```"), (HOSTILE, "`` |x|<b> ?[31m[/x]`@ops` ``")],
)
def test_an_errors_text_stays_in_its_code(text: str, code: str) -> None:
    lines = reports.markdown(replace(UNKNOWN, where=None, unknown=text)).splitlines()
    assert lines[2] == f"The run is not valid: {code}"


def test_a_hostile_unit_breaks_no_report() -> None:
    objective = replace(OBJECTIVES[0], unit=HOSTILE)
    found = judge_measurements([objective], "rum", {"ttfb": Measurement(1, 200, p95=900.0)})
    outcome = Outcome("Gate: rum, 7d", found)
    row = reports.markdown(outcome).splitlines()[4]
    unit = r"\|x\|&lt;b&gt; ?\[31m\[/x\]\`@&#8203;ops\`"
    assert row.split(" | ")[1] == f"95 % &lt; 300 {unit}"
    assert row.split(" | ")[6] == f"900 {unit}"
    failure = cases(outcome)["ttfb"]
    assert failure is not None
    assert failure.attrib["message"].endswith("promised 95 % < 300 |x|<b> ?[31m[/x]`@ops`")
    screen = Console(width=200, file=StringIO())
    screen.print(present.table(found, outcome.title))
    assert isinstance(screen.file, StringIO)
    assert "95 % < 300 |x|<b> ?[31m[/x]`@ops`" in screen.file.getvalue()


def test_a_hostile_reason_of_maintenance_stays_in_its_line() -> None:
    hour = datetime(2026, 11, 20, 22, tzinfo=UTC)
    window = LeftOut(Maintenance(hour, hour + timedelta(hours=1), HOSTILE), 7)
    measured = {"ttfb": Measurement(200, 200, left_out=(window,))}
    outcome = Outcome("Gate: http, 7d", judge_measurements(OBJECTIVES[:1], "http", measured))
    (line,) = present.left_out(outcome.left_out)
    assert "(|x|<b> ?[31m[/x]`@ops`), events left out: ttfb 7." in line
    said = r"(\|x\|&lt;b&gt; ?\[31m\[/x\]\`@&#8203;ops\`), events left out: ttfb 7."
    assert said in reports.markdown(outcome)


@given(st.text(st.characters()))
def test_no_reason_breaks_a_report(reason: str) -> None:
    outcome = Outcome(reason, UNKNOWN.judgements, unknown=f"|{reason}", where=reason)
    junit = reports.junit(outcome)
    junit.encode()
    (suite,) = Xml.fromstring(junit)
    assert len(suite) == len(OBJECTIVES)
    markdown = reports.markdown(outcome)
    markdown.encode()
    assert len([line for line in markdown.split("\n") if line.startswith("|")]) == 6
    assert len(markdown.splitlines()) == 12

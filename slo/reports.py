"""What a gate found, as files: JUnit for CI servers, Markdown for a pull request's comment."""

import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree as Xml

from slo import present
from slo.judgement import Judgement
from slo.outcome import Outcome

MARKDOWN_SIGNS = re.compile(r"([\\`*_\[\]|~$])")
NO_MENTION = "@&#8203;"  # a space of no width: nobody is to be called by an error's text
COUNTED_AS = {"failure": "failures", "error": "errors", "skipped": "skipped"}
COLUMNS = {
    "objective": "---",
    "promise": "---",
    "verdict": "---",
    "good": "---:",
    "of": "---:",
    "ratio": "---:",
    "P95": "---:",
    "budget left": "---:",
}


class _Case(NamedTuple):
    """A test case of JUnit. ``kind`` is None for one that passes."""

    name: str
    kind: str | None = None
    type: str = ""
    message: str = ""


def junit(outcome: Outcome) -> str:
    """A test case for each objective.

    A failed objective is a failure, and so is one that is worse than its baseline. Too few events
    are an error: what is not known never passes. One that this source does not judge is skipped.
    Where that leaves nothing but skipped ones, the gate itself is an error.
    """
    cases = [_case(outcome, one) for one in outcome.judgements]
    if outcome.obstacle and not any(case.kind == "error" for case in cases):
        cases.append(_Case("gate", "error", "unknown", _why_unknown(outcome)))
    suite = Xml.Element("testsuite", name=present.one_line(outcome.title), time="0")
    suite.set("tests", str(len(cases)))
    for kind, counted in COUNTED_AS.items():
        suite.set(counted, str(sum(case.kind == kind for case in cases)))
    for case in cases:
        element = Xml.SubElement(suite, "testcase", classname="slo", name=case.name, time="0")
        if case.kind:
            message = present.one_line(case.message)
            inside = Xml.SubElement(element, case.kind, message=message)
            if case.kind != "skipped":
                inside.set("type", case.type)
                inside.text = message
    suites = Xml.Element("testsuites", suite.attrib)
    suites.append(suite)
    Xml.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(suites, encoding="unicode")}\n'


def _case(outcome: Outcome, one: Judgement) -> _Case:
    name = one.objective.name
    if one.verdict == "not_applicable":
        return _Case(name, "skipped", message=present.verdict(one))
    if outcome.unknown:
        return _Case(name, "error", "unknown", _why_unknown(outcome))
    if one.verdict == "fail":
        return _Case(name, "failure", "fail", _said(outcome, one))
    if outcome.is_worse(one):
        return _Case(name, "failure", "worse", _said(outcome, one))
    if one.verdict == "insufficient_data":
        return _Case(name, "error", one.verdict, _said(outcome, one))
    return _Case(name)


def _why_unknown(outcome: Outcome) -> str:
    return ": ".join(filter(None, (outcome.obstacle, outcome.why_unknown)))


def markdown(outcome: Outcome) -> str:
    """A heading, a table with a row for each objective, and what the exit code means.

    Where nothing is known, the reason comes before the table.
    """
    lines = [f"### {_escaped(outcome.title)}: {outcome.word}", ""]
    if outcome.unknown and outcome.obstacle:
        said = f"{outcome.obstacle.capitalize()}: {_code(outcome.why_unknown)}"
        lines += [said, ""]
    lines += [*_table(outcome), ""]
    for line in present.left_out(outcome.left_out):
        lines += [_escaped(line), ""]
    return "\n".join([*lines, outcome.meaning, ""])


def _table(outcome: Outcome) -> Iterator[str]:
    extra = {} if outcome.comparisons is None else {"against the baseline": "---"}
    columns = {**COLUMNS, **extra}
    yield _row(list(columns))
    yield _row(list(columns.values()))
    for one in outcome.judgements:
        cells = _cells(outcome, one)
        if outcome.comparisons is not None:
            found = _escaped(present.comparison(outcome.comparisons.get(one.objective.name)))
            cells.append(f"**{found}**" if outcome.is_worse(one) else found)
        yield _row(cells)


def _said(outcome: Outcome, one: Judgement) -> str:
    """What was counted, in a sentence."""
    seen = f"{one.good:,} of {one.total:,} good ({present.percent(one.good_ratio, 2)})"
    said = f"{present.verdict(one)}: {seen}, promised {present.goal(one.objective)}"
    if outcome.comparisons is None:
        return said
    return f"{said}; {present.comparison(outcome.comparisons.get(one.objective.name))}"


def _cells(outcome: Outcome, one: Judgement) -> list[str]:
    start = [f"`{one.objective.name}`", _escaped(present.goal(one.objective))]
    if outcome.unknown and one.verdict != "not_applicable":
        return [*start, outcome.word, *("-" for _ in range(len(COLUMNS) - 3))]
    word = _escaped(present.verdict(one))
    return [
        *start,
        f"**{word}**" if one.verdict == "fail" else word,
        f"{one.good:,}",
        f"{one.total:,}",
        present.percent(one.good_ratio, 2),
        _escaped(_p95(one)),
        present.percent(one.budget_remaining, 0),
    ]


def _p95(one: Judgement) -> str:
    return "-" if one.p95 is None else present.measured(one.p95, one.objective)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    """One line of plain words, whatever stands in it."""
    line = present.one_line(text)
    plain = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return MARKDOWN_SIGNS.sub(r"\\\1", plain).replace("@", NO_MENTION)


def _code(text: str) -> str:
    """The same as code, where addresses stay as they are."""
    line = present.one_line(text)
    fence = "`" * (max(map(len, re.findall("`+", line)), default=0) + 1)
    space = " " if "`" in line else ""
    return f"{fence}{space}{line}{space}{fence}"

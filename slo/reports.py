"""What a gate found, as files: JUnit for CI servers, Markdown for a pull request's comment."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree as Xml

from slo import present
from slo.judgement import Judgement
from slo.outcome import Outcome

NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MARKDOWN_SIGNS = re.compile(r"([\\`*_\[\]|])")
COUNTED_AS = {"fail": "failure", "insufficient_data": "error", "not_applicable": "skipped"}
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


def junit(outcome: Outcome) -> str:
    """A test case for each objective.

    A failed objective is a failure, and so is one that is worse than its baseline. Too few events
    are an error: what is not known never passes. One that this source does not judge is skipped.
    """
    suite = Xml.Element("testsuite", name=_clean(outcome.title), time="0")
    counts = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for one in outcome.judgements:
        case = Xml.SubElement(suite, "testcase", classname="slo", name=one.objective.name, time="0")
        counts["tests"] += 1
        kind = "failure" if outcome.is_worse(one) else COUNTED_AS.get(one.verdict)
        if kind:
            counts[kind if kind == "skipped" else f"{kind}s"] += 1
            message = _clean(_said(outcome, one))
            element = Xml.SubElement(case, kind, message=message)
            if kind != "skipped":
                element.set("type", "worse" if one.verdict == "pass" else one.verdict)
                element.text = message
    for name, count in counts.items():
        suite.set(name, str(count))
    suites = Xml.Element("testsuites", suite.attrib)
    suites.append(suite)
    Xml.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(suites, encoding="unicode")}\n'


def markdown(outcome: Outcome) -> str:
    """A heading, a table with a row for each objective, and what the exit code means."""
    lines = [
        f"### {_escaped(outcome.title)}: {outcome.word}",
        "",
        *_table(outcome),
        "",
    ]
    if outcome.unknown:
        lines += [_escaped(outcome.unknown), ""]
    for line in present.left_out(outcome.left_out):
        lines += [_escaped(line), ""]
    return "\n".join([*lines, outcome.meaning, ""])


def _table(outcome: Outcome) -> Iterator[str]:
    extra = {} if outcome.comparisons is None else {"against the baseline": "---"}
    columns = {**COLUMNS, **extra}
    yield _row(list(columns))
    yield _row(list(columns.values()))
    for one in outcome.judgements:
        cells = _cells(one)
        if outcome.comparisons is not None:
            found = _escaped(present.comparison(outcome.comparisons.get(one.objective.name)))
            cells.append(f"**{found}**" if outcome.is_worse(one) else found)
        yield _row(cells)


def _said(outcome: Outcome, one: Judgement) -> str:
    """Why an objective does not pass, in a sentence."""
    if one.verdict == "not_applicable":
        return present.verdict(one)
    if outcome.unknown:
        return outcome.unknown
    seen = f"{one.good:,} of {one.total:,} good ({present.percent(one.good_ratio, 2)})"
    said = f"{present.verdict(one)}: {seen}, promised {present.goal(one.objective)}"
    if outcome.comparisons is None:
        return said
    return f"{said}; {present.comparison(outcome.comparisons.get(one.objective.name))}"


def _cells(one: Judgement) -> list[str]:
    word = _escaped(present.verdict(one))
    return [
        f"`{one.objective.name}`",
        _escaped(present.goal(one.objective)),
        f"**{word}**" if one.verdict == "fail" else word,
        f"{one.good:,}",
        f"{one.total:,}",
        present.percent(one.good_ratio, 2),
        _p95(one),
        present.percent(one.budget_remaining, 0),
    ]


def _p95(one: Judgement) -> str:
    return "-" if one.p95 is None else present.measured(one.p95, one.objective)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    """One line of plain words, whatever stands in it."""
    line = " ".join(_clean(text).split())
    plain = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return MARKDOWN_SIGNS.sub(r"\\\1", plain)


def _clean(text: str) -> str:
    """Without the characters that no XML may hold, and halves of surrogate pairs."""
    return NOT_IN_XML.sub("?", text)

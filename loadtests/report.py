"""A run as one page of HTML: verdicts, charts, conditions. It asks nobody for anything."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import groupby

from loadtests import watch
from loadtests.charts import Chart, Point, svg
from loadtests.results import Conditions, Recorded, nearest_rank
from loadtests.run import Kind, Series
from slo import gate, present

WINDOWS = 60  # a chart of percentiles has about so many points
FEWEST_A_WINDOW = 5
STYLE = """
:root{color-scheme:light dark;--one:#2563a8;--two:#b4540a;--three:#2f7d4f;--line:#8885;
--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--one:#7db4f0;--two:#f0a35e;--three:#7fcf9f;--bad:#ff8a80}}
body{font:15px/1.45 system-ui,sans-serif;max-width:1500px;margin:24px auto;padding:0 20px}
table{border-collapse:collapse;margin:12px 0}td,th{padding:4px 12px;
border-bottom:1px solid var(--line);text-align:right;font-variant-numeric:tabular-nums}
td:first-child,th:first-child,.left{text-align:left}
.fail{color:var(--bad);font-weight:700}.charts{display:grid;gap:20px;
grid-template-columns:repeat(auto-fill,minmax(min(100%,560px),1fr))}figure{margin:0}
figcaption{font-weight:600}figcaption span{font-weight:400;margin-left:14px}
figcaption i{display:inline-block;width:14px;height:3px;margin-right:5px;vertical-align:middle}
figcaption i.limit{background:var(--bad)}svg{width:100%;height:auto}svg line{stroke:var(--line)}
svg line.limit{stroke:var(--bad);stroke-dasharray:6 4}svg rect{fill:var(--line);opacity:.35}
svg text{font-size:11px;fill:currentColor}polyline{fill:none;stroke-width:1.6}
"""


def page(
    found: Sequence[gate.Judgement], told: gate.Outcome, run: Recorded, conditions: Conditions
) -> str:
    """The page. ``found`` are all verdicts, ``told`` holds those that decide."""
    title = escape(f"{told.title}: {told.word}")
    said = f'<p class="fail">Result not valid: {escape(told.unknown)}</p>' if told.unknown else ""
    charts = "".join(map(svg, _charts(found, run, conditions)))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:;'
        " style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        f"<title>{title}</title><style>{STYLE}</style></head><body><h1>{title}</h1>{said}"
        f"<p>{escape(told.meaning)} The shaded part is the warm-up; it is not judged.</p>"
        f"{_verdicts(found, told)}"
        f'<div class="charts">{charts}</div>{_errors(run)}{_conditions(run, conditions)}'
        "</body></html>\n"
    )


def _verdicts(found: Sequence[gate.Judgement], told: gate.Outcome) -> str:
    deciding = {one.objective.name for one in told.judgements}
    names = ("objective", "promise", "good", "of", "ratio", "95 % sure", "percentile", "P95")
    head = "".join(f"<th>{name}</th>" for name in (*names, "budget left", "verdict"))
    rows = "".join(_row(one, one.objective.name in deciding) for one in found)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(one: gate.Judgement, decides: bool) -> str:
    p95 = "-" if one.p95 is None else f"{one.p95:,.1f} {one.objective.unit}"
    cells = [
        one.objective.name,
        present.goal(one.objective),
        f"{one.good:,}",
        f"{one.total:,}",
        present.percent(one.good_ratio, 2),
        present.bounds(one),
        present.percentile(one),
        p95,
        present.percent(one.budget_remaining, 0),
    ]
    verdict = present.verdict(one) + ("" if decides else ", does not decide")
    style = ' class="fail"' if one.verdict == "fail" else ""
    drawn = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f"<tr>{drawn}<td{style}>{escape(verdict)}</td></tr>"


def _errors(run: Recorded) -> str:
    rows = "".join(
        f"<tr><td>{escape(error)}</td><td>{count:,}</td></tr>"
        for error, count in run.errors.items()
    )
    return f"<h2>Errors</h2><table>{rows}</table>" if rows else "<p>No request failed.</p>"


def _conditions(run: Recorded, conditions: Conditions) -> str:
    lag = run.generator_lag_p99_ms
    facts = {
        "host": conditions.host,
        "started": f"{conditions.started_at:%Y-%m-%d %H:%M:%S} UTC",
        "ended": f"{conditions.ended_at:%Y-%m-%d %H:%M:%S} UTC",
        "answers, none": f"{run.answers:,}, {run.failures:,}",
        "left out, under way at the end": f"{run.left_out:,}",
        "generator late by (P99)": "not known" if lag is None else f"{lag:.1f} ms",
        **{name.replace("_", " "): value for name, value in conditions.parameters.items()},
    }
    rows = "".join(
        f'<tr><td>{escape(name)}</td><td class="left">{escape(str(value))}</td></tr>'
        for name, value in facts.items()
    )
    return f"<h2>Conditions</h2><table>{rows}</table>"


def _charts(
    found: Sequence[gate.Judgement], run: Recorded, conditions: Conditions
) -> Iterator[Chart]:
    warm_up = float(conditions.parameters.get("warm_up_seconds") or 0)
    seconds = (conditions.ended_at - conditions.started_at).total_seconds()
    readings = [dict(one) for one in run.readings]

    def chart(title: str, unit: str, **lines: Sequence[Point]) -> Chart:
        named = {name.replace("_", " "): line for name, line in lines.items() if line}
        return Chart(title, unit, named, seconds, warm_up_seconds=warm_up)

    for one in found:
        drawn = _over_time(one, run.samples)
        if drawn:
            limit = one.objective.threshold.value
            unit = one.objective.unit
            yield Chart(f"{one.objective.name}: P95", unit, {"": drawn}, seconds, limit, warm_up)
    answered = [(float(second), float(good)) for second, good, _ in run.per_second]
    none = [(float(second), float(bad)) for second, _, bad in run.per_second]
    yield chart(
        "Requests", "a second", answered=answered, no_answer=none if any(run.errors) else []
    )
    yield chart("Users", "count", users=watch.levels(readings, "users"))
    yield chart(
        "Processor time",
        "cores",
        service=watch.rate(readings, "cpu_seconds"),
        generator=watch.rate(readings, "generator_cpu_seconds"),
        machine_busy=watch.levels(readings, "machine_busy"),
    )
    yield chart(
        "Database time",
        "seconds a second",
        statements=watch.rate(readings, "database_seconds"),
        event_commits=watch.rate(readings, "commit_seconds"),
    )
    yield chart(
        "Waiting",
        "count",
        events_in_queue=watch.levels(readings, "queued_events"),
        requests_in_flight=watch.levels(readings, "requests_in_flight"),
    )
    memory = [(at, size / 2**20) for at, size in watch.levels(readings, "memory_bytes")]
    yield chart("Memory of the service", "MiB", memory=memory)
    yield chart("Open files of the service", "count", files=watch.levels(readings, "open_files"))


def _over_time(one: gate.Judgement, samples: Mapping[Kind, Series]) -> list[Point]:
    """The P95 of each of about sixty stretches of the run."""
    if one.p95 is None:
        return []
    series = [samples[kind] for kind in _kinds(one) if kind in samples]
    pairs = sorted(
        pair for each in series for pair in zip(each.at_seconds, each.values, strict=True)
    )
    return percentiles_over_time(pairs, max(1.0, pairs[-1][0] / WINDOWS)) if pairs else []


def percentiles_over_time(pairs: Sequence[Point], window_seconds: float) -> list[Point]:
    """P95 of each stretch with enough samples, at its end. ``pairs`` are in order of time."""
    drawn = []
    for number, group in groupby(pairs, key=lambda pair: int(pair[0] // window_seconds)):
        ordered = sorted(value for _, value in group)
        if len(ordered) >= FEWEST_A_WINDOW:
            drawn.append(((number + 1) * window_seconds, nearest_rank(ordered, 95)))
    return drawn


def _kinds(one: gate.Judgement) -> list[Kind]:
    return [(one.objective.metric, event_type) for event_type in one.objective.event_types]

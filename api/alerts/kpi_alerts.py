"""Opens, escalates and closes alerts about KPIs that crossed the lines of ``targets``.

Judging reads monthly totals and is quick, because it holds up other writers. What contributed
takes reading all orders: ``explanations`` adds that later, and holds up nobody.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from api import calendar
from api.alerts import queries
from api.alerts.queries import AlertRow, NewAlert
from api.alerts.rules import Level, Lines, level
from api.alerts.schemas import Severity
from api.alerts.texts import Text, alert_text
from api.alerts.writer import Writer
from api.calendar import Granularity, Window
from api.executive.comparison import NRR_MONTHS, judgement
from api.executive.facts import Facts
from api.executive.kpis import KpiKey
from api.executive.loading import load_facts
from api.executive.scoring import evaluate
from api.settings import Settings
from api.storage import versions

TYPE = "kpi_threshold"
SEVERITY: dict[Level, Severity] = {"act": "high", "watch": "medium"}
LEVEL: dict[str, Level] = {"high": "act", "medium": "watch"}
RANK: dict[Level | None, int] = {None: 0, "watch": 1, "act": 2}

# A line that a person's "resolved" left crossed stays disarmed until "rearmed" says what is left.
CLOSING = ("resolved", "recovered", "rearmed")


@dataclass(frozen=True)
class Finding:
    """What the rules say about one KPI now. ``text`` is None when nothing is to be said."""

    key: KpiKey
    level: Level | None
    text: Text | None


def evaluate_alerts(session: Session, settings: Settings, now: datetime, actor: str) -> int:
    """Judge the last complete month, whatever anyone looks at; gives how many alerts changed.

    Needs a session that may write. Called after imports, at the start of the service and once
    a day: doing it again without new data changes nothing.
    """
    versions.lock(session)  # two processes that judge at once would open everything twice
    year = judged_year(settings, now)
    facts = load_facts(session, year, settings.payback_static_months)
    known = queries.latest(session, TYPE)
    writer = Writer(session, now, actor)
    changed = sum(
        _judge(writer, facts, key, judged_window(key, year), known.get(key), settings.currency_sign)
        for key in KpiKey
    )
    if changed:
        versions.bump(session, now)
    return changed


def judged_year(settings: Settings, now: datetime) -> Window:
    """The twelve months that end with the last complete one."""
    month = calendar.last_complete_month(calendar.yesterday(now, settings.timezone))
    return calendar.window_ending(
        month, NRR_MONTHS, Granularity.MONTH, settings.fiscal_year_start_month
    )


def judged_window(key: KpiKey, year: Window) -> Window:
    """What one KPI is judged over: the last month, NRR the whole year."""
    return year if key is KpiKey.NRR else year.history(1)


def _judge(
    writer: Writer, facts: Facts, key: KpiKey, window: Window, known: AlertRow | None, sign: str
) -> bool:
    """Bring one KPI's alert to what the rules say; True when something changed."""
    held = _held(writer.session, known)
    goal = judgement(key, facts.goals, window)
    lines = Lines(goal.watch, goal.act, goal.good_direction)
    value = evaluate(key, facts, window).value
    if value is None and (lines.watch is not None or lines.act is not None):
        return False  # no value says neither that it is bad nor that it has recovered
    found = None if value is None else level(key, value, lines, held)
    text = (
        alert_text(key, window, value, lines, found, sign) if value is not None and found else None
    )
    finding = Finding(key, found, text)
    if known is None or known.status == "resolved":
        return _open(writer, finding, known, held)
    return _follow(writer, finding, known)


def _held(session: Session, known: AlertRow | None) -> Level | None:
    """The level whose lines are crossed and not re-armed."""
    if known is None:
        return None
    if known.status != "resolved":
        return LEVEL[known.severity]
    closing = queries.last_event(session, known.id, CLOSING)
    if closing is None or closing[0] == "recovered":
        return None
    action, detail = closing
    return LEVEL[known.severity] if action == "resolved" else _level(detail)


def _level(detail: str | None) -> Level | None:
    return "watch" if detail == "watch" else None


def _open(writer: Writer, finding: Finding, known: AlertRow | None, held: Level | None) -> bool:
    """Open an alert, unless a person has resolved just this and it never recovered since."""
    if finding.text is not None and finding.level and RANK[finding.level] > RANK[held]:
        alert = NewAlert(
            TYPE,
            finding.key,
            finding.key,
            finding.text.title,
            finding.text.description,
            SEVERITY[finding.level],
        )
        alert_id = queries.open_alert(writer.session, alert, writer.now)
        writer.change(alert_id, "opened", finding.text.title)
        return True
    if known is not None and finding.level != held:
        writer.change(known.id, "rearmed", finding.level or "none")
    return False


def _follow(writer: Writer, finding: Finding, known: AlertRow) -> bool:
    """Close an alert that recovered, or bring its severity and words up to date."""
    if finding.text is None or finding.level is None:
        closed = {"status": "resolved", "resolved_at": writer.now, "snoozed_until": None}
        writer.change(known.id, "recovered", None, **closed)
        return True
    text = finding.text
    return writer.restate(known, SEVERITY[finding.level], text.title, text.description)

"""Adds to each open alert about a KPI what contributed: ``driver``, one sentence.

That takes reading all orders, so it is worked out beside other writers and only written among them.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api import calendar
from api.alerts import queries
from api.alerts.kpi_alerts import TYPE, judged_window, judged_year
from api.alerts.queries import Imports
from api.drivers.metrics import METRICS
from api.drivers.service import Question, Split, explain
from api.executive.kpis import KpiKey
from api.executive.loading import load_facts
from api.settings import Settings
from api.storage import versions
from api.storage.engine import for_writing


@dataclass(frozen=True)
class Explained:
    """What explanations were made of: they hold until one of these changes."""

    day: date
    imports: Imports


def explain_alerts(
    engine: Engine, settings: Settings, now: datetime, actor: str, known: Explained | None
) -> Explained | None:
    """Bring the sentences of open alerts up to date; ``known`` is what the last call gave.

    None when the data changed meanwhile: it is to be called again.
    """
    with Session(engine) as session:
        state = Explained(calendar.today(now, settings.timezone), queries.imports_so_far(session))
        if state == known:
            return known
        version = versions.current(session)
        changed = _changed(session, settings, now)
    if not changed:
        return state
    with Session(for_writing(engine)) as session, session.begin():
        versions.lock(session)
        if versions.current(session) != version:
            return None
        for alert_id, sentence in changed.items():
            queries.change(session, alert_id, driver=sentence)
            queries.record(session, alert_id, "explained", actor, now, None)
        versions.bump(session, now)
    return state


def _changed(session: Session, settings: Settings, now: datetime) -> dict[int, str]:
    """The sentences that are not yet as they should be, by the id of their alert."""
    opened = [alert for alert in queries.unresolved(session) if alert.type == TYPE]
    if not opened:
        return {}
    year = judged_year(settings, now)
    facts = load_facts(session, year, settings.payback_static_months)
    changed = {}
    for alert in opened:
        assert alert.kpi is not None
        window = judged_window(KpiKey(alert.kpi), year)
        metric = METRICS[alert.kpi]
        asked = Question(metric, window, window.previous, facts, settings.currency_sign)
        sentence = explain(session, asked, Split()).sentence
        if sentence != alert.driver:
            changed[alert.id] = sentence
    return changed

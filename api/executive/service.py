"""Puts the first screen together: first everything is read, then everything is computed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from api import calendar
from api.alerts.service import Current, current_alerts
from api.executive import queries, source_queries
from api.executive.facts import Facts
from api.executive.kpis import KpiKey
from api.executive.loading import load_facts
from api.executive.presentation import (
    card,
    freshness,
    orders_ended,
    revenue_trend,
    risk,
    running,
)
from api.executive.queries import RiskRow, RunningFlows
from api.executive.schemas import Dashboard
from api.executive.scoring import score
from api.executive.source_queries import SourceRow
from api.executive.view import View
from api.settings import Settings


@dataclass(frozen=True)
class Reading:
    """Everything one screen needs from the database, read in one transaction."""

    facts: Facts
    running: RunningFlows | None
    alerts: Current
    risks: Sequence[RiskRow]
    sources: Sequence[SourceRow]


def read(session: Session, now: datetime, settings: Settings, view: View) -> Reading:
    """Ask the database. Alerts, risks and sources are always current, whatever the view."""
    month = calendar.running_month(view.as_of)
    latest = calendar.yesterday(now, settings.timezone)
    return Reading(
        load_facts(session, view.window, settings.payback_static_months),
        queries.running_flows(session, month.month, month.through) if month else None,
        current_alerts(session, now),
        queries.risk_rows(session),
        source_queries.sources(session, latest),
    )


def compose(reading: Reading, now: datetime, settings: Settings, view: View) -> Dashboard:
    """Compute body of ``GET /api/executive-dashboard``."""
    month = calendar.running_month(view.as_of)
    today = calendar.today(now, settings.timezone)
    ended = orders_ended(reading.sources, today)
    scores = [score(key, reading.facts, view.window, view.compare) for key in KpiKey]
    return Dashboard(
        timeframe=view.timeframe,
        comparison=view.comparison,
        executiveKpis=[card(scored, settings.currency_sign) for scored in scores],
        revenueTrend=revenue_trend(reading.facts, view.window),
        running=running(month, reading.running, ended) if month and reading.running else None,
        alerts=reading.alerts.alerts,
        risks=[risk(row) for row in reading.risks],
        freshness=freshness(reading.sources, now, today),
    )

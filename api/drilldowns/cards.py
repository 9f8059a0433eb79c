"""The number and the change of a metric that the first screen does not show."""

from sqlalchemy.orm import Session

from api.calendar import Compare
from api.drivers.metrics import Metric
from api.drivers.values import value_before, values
from api.executive.comparison import against_target, change
from api.executive.facts import Facts
from api.executive.formulas import KpiResult
from api.executive.presentation import number, unit_sign
from api.executive.schemas import Card
from api.executive.view import View
from api.storage.selections import Condition


def card(
    session: Session,
    metric: Metric,
    facts: Facts,
    view: View,
    currency_sign: str,
    now: KpiResult,
    only: Condition | None,
) -> Card:
    """The card that it would have. There are no targets for it, and so there is no status."""
    window = view.window
    lately = window.history(len(window.sparkline))
    points = values(session, metric, facts, lately, only).series
    before = value_before(session, metric, facts, view.baseline, only)
    moved = (
        against_target(None, now, None)
        if view.compare is Compare.YTD_TARGET
        else change(None, now, before)
    )
    return Card(
        key=metric.name,
        label=metric.label,
        value=number(now.value),
        unit=unit_sign(metric.unit, currency_sign),
        delta=number(moved.fraction),
        deltaAbs=number(moved.difference),
        deltaUnit=metric.delta_unit,
        deltaReason=moved.reason,
        direction=moved.direction,
        goodDirection="up",
        reason=now.reason,
        warnings=list(now.warnings),
        definition=metric.definition,
        drilldown=metric.page,
        sparkline=[number(result.value) for _, result in points],
    )

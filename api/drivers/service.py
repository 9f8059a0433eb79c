"""Explains changes: which elements contributed, by the dimension that says most."""

from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy.orm import Session

from api.drivers import bridges, decomposition, elements, sentences
from api.drivers.decomposition import Effect
from api.drivers.schemas import Contribution, Drivers
from api.errors import BadRequest, NotFound
from api.executive.comparison import change
from api.executive.facts import Facts
from api.executive.formulas import KpiResult
from api.executive.kpis import SPECS, KpiKey
from api.executive.loading import load_facts
from api.executive.scoring import evaluate, evaluate_period
from api.executive.view import View
from api.settings import Settings

MOST_SHOWN = 50


@dataclass(frozen=True)
class Question:
    """One KPI in one view, with the facts to answer from."""

    key: KpiKey
    view: View
    facts: Facts
    currency_sign: str


@dataclass(frozen=True)
class Bridge:
    """A split of ``total``: the change, or for a forecast its value."""

    by: str
    dimensions: tuple[str, ...]
    total: Fraction
    effects: list[Effect]


def known_key(key: str) -> KpiKey:
    """The KPI of a path. Raises ``NotFound`` for any other name."""
    if key not in SPECS:
        raise NotFound(f"There is no KPI {key[:40]!r}; there are {', '.join(SPECS)}.")
    return KpiKey(key)


def drivers(session: Session, settings: Settings, view: View, key: str, by: str | None) -> Drivers:
    """Body of ``GET /api/drivers/{key}``."""
    kpi = known_key(key)
    facts = load_facts(session, view.window, settings.payback_static_months)
    return explain(session, Question(kpi, view, facts, settings.currency_sign), by)


def explain(session: Session, asked: Question, by: str | None) -> Drivers:
    """The bridge of one KPI. Raises ``BadRequest`` for a dimension it cannot be split by."""
    window = asked.view.window
    now = evaluate(asked.key, asked.facts, window)
    before = evaluate_period(asked.key, asked.facts, window.previous)
    allowed = bridges.dimensions(asked.key, now)
    check_dimension(asked.key, by, allowed)
    if asked.key is KpiKey.FORECAST and now.value is not None:
        return _composition(session, asked, now, by or allowed[0])
    compared = change(asked.key, now, before)
    if compared.difference is None or now.value is None or before.value is None:
        words = sentences.missing(asked.key, now, compared.reason)
        return _without_bridge(asked, by or allowed[0], allowed, (now.value, before.value), words)
    bridge = _bridge(session, asked, by, (now, before))
    residual = decomposition.residual(bridge.total, bridge.effects)
    offsetting = decomposition.offsetting(bridge.total, bridge.effects)
    changed = sentences.Change(asked.key, window, now.value, before.value, asked.currency_sign)
    sentence = sentences.explained(changed, bridge.effects, residual, offsetting=offsetting)
    return _shown(asked, bridge, (now.value, before.value), sentence, offsetting=offsetting)


def check_dimension(key: str, by: str | None, allowed: tuple[str, ...]) -> None:
    """Raise ``BadRequest`` when ``by`` is not one of ``allowed``."""
    if by is not None and by not in allowed:
        raise BadRequest(
            f"by: {by[:40]!r} is not allowed for {key}; allowed: {', '.join(allowed) or 'none'}"
        )


def _bridge(
    session: Session, asked: Question, by: str | None, results: tuple[KpiResult, KpiResult]
) -> Bridge:
    """Every dimension is split, because the one that needs the fewest elements goes first."""
    now, before = results
    assert now.value is not None
    assert before.value is not None
    splits = {
        name: bridges.effects(session, asked.key, name, asked.facts, asked.view.window, results)
        for name in bridges.dimensions(asked.key, now)
    }
    own = [name for name in splits if name not in elements.ATTRIBUTES]
    attributes = [name for name in splits if name in elements.ATTRIBUTES]
    attributes.sort(key=lambda name: decomposition.concentration(splits[name]))
    names = (*own, *attributes)
    shown = by or names[0]
    return Bridge(shown, names, now.value - before.value, splits[shown])


def _composition(session: Session, asked: Question, made: KpiResult, by: str) -> Drivers:
    assert made.value is not None
    parts = elements.forecast_by(session, by, asked.facts, asked.view.window, made)
    effects = [Effect(name, amount, "additive") for name, amount in parts.items()]
    bridge = Bridge(by, bridges.dimensions(asked.key, made), made.value, effects)
    sentence = sentences.composed(made, effects, asked.currency_sign)
    return _shown(asked, bridge, (made.value, None), sentence, offsetting=False)


def _shown(
    asked: Question,
    bridge: Bridge,
    values: tuple[Fraction, Fraction | None],
    sentence: str,
    *,
    offsetting: bool,
) -> Drivers:
    now, before = values
    lost = elements.minutes_lost(asked.facts, asked.view.window) if bridge.by == "service" else {}
    positive = sum((item.effect for item in bridge.effects if item.effect > 0), Fraction(0))
    negative = sum((item.effect for item in bridge.effects if item.effect < 0), Fraction(0))
    return Drivers(
        metric=asked.key,
        by=bridge.by,
        dimensions=list(bridge.dimensions),
        timeframe=asked.view.timeframe,
        unit=SPECS[asked.key].delta_unit,
        now=float(now),
        before=None if before is None else float(before),
        change=None if before is None else float(bridge.total),
        contributions=[
            _contribution(item, lost)
            for item in decomposition.condensed(bridge.effects, MOST_SHOWN)
        ],
        positive=float(positive),
        negative=float(negative),
        residual=float(decomposition.residual(bridge.total, bridge.effects)),
        offsetting=offsetting,
        sentence=sentence,
    )


def _contribution(item: Effect, minutes_lost: dict[str, Fraction]) -> Contribution:
    lost = minutes_lost.get(item.name)
    return Contribution(
        name=item.name,
        effect=float(item.effect),
        kind=item.kind,
        minutes_lost=None if lost is None else float(lost),
    )


def _without_bridge(
    asked: Question,
    by: str,
    dimensions: tuple[str, ...],
    values: tuple[Fraction | None, Fraction | None],
    words: str,
) -> Drivers:
    now, before = values
    return Drivers(
        metric=asked.key,
        by=by,
        dimensions=list(dimensions),
        timeframe=asked.view.timeframe,
        unit=SPECS[asked.key].delta_unit,
        now=None if now is None else float(now),
        before=None if before is None else float(before),
        change=None,
        contributions=[],
        positive=None,
        negative=None,
        residual=None,
        offsetting=False,
        sentence=words,
        reason=words,
    )

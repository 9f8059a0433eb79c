"""Explains changes: which elements contributed, by the dimension that says most."""

from dataclasses import dataclass, replace
from fractions import Fraction

from sqlalchemy.orm import Session

from api.calendar import Window
from api.drivers import bridges, decomposition, elements, inner, sentences
from api.drivers.bridges import Compared
from api.drivers.decomposition import Effect
from api.drivers.filtered_facts import narrowed
from api.drivers.filters import (
    FILTERS,
    NO_FILTERS,
    Filters,
    check_filters,
    deal_condition,
    order_condition,
)
from api.drivers.inner import Splits
from api.drivers.metrics import Metric, known_metric
from api.drivers.schemas import Contribution, Drivers, Within
from api.drivers.values import value_before, value_now
from api.errors import BadRequest
from api.executive.comparison import change
from api.executive.facts import Facts
from api.executive.formulas import KpiResult
from api.executive.kpis import KpiKey
from api.executive.loading import load_facts
from api.executive.view import View
from api.settings import Settings
from api.storage.selections import Condition

MOST_SHOWN = 50
MOST_NAMED_IN_ERROR = 10


@dataclass(frozen=True)
class Question:
    """One metric over one window, with the facts to answer from."""

    metric: Metric
    window: Window
    baseline: Window  # what the change is measured from
    facts: Facts
    currency_sign: str
    only: Condition | None = None  # of which orders or deals, where not of all


@dataclass(frozen=True)
class Split:
    """Which dimension, and within which element of it by which other one; of what alone."""

    by: str | None = None
    within: str | None = None
    then: str | None = None
    filters: Filters = NO_FILTERS


@dataclass(frozen=True)
class Bridge:
    """A split of ``total``: the change, for a forecast its value, or one element's effect."""

    by: str
    dimensions: tuple[str, ...]
    total: Fraction
    effects: list[Effect]

    @property
    def residual(self) -> Fraction:
        """What the effects leave unexplained."""
        return decomposition.residual(self.total, self.effects)

    @property
    def offsetting(self) -> bool:
        """Whether shares of the total would mislead."""
        return decomposition.offsetting(self.total, self.effects)


@dataclass(frozen=True)
class Explanation:
    """A bridge and what is said about it. Without a bridge the sentence says why."""

    sentence: str
    now: Fraction | None
    before: Fraction | None
    by: str
    dimensions: tuple[str, ...]
    bridge: Bridge | None = None
    change: Fraction | None = None
    offsetting: bool = False
    within: Within | None = None


def drivers(session: Session, settings: Settings, view: View, key: str, split: Split) -> Drivers:
    """Body of ``GET /api/drivers/{key}``."""
    metric = known_metric(key)
    check_filters(metric.name, split.filters, FILTERS[metric.name])
    loaded = load_facts(session, view.window, settings.payback_static_months)
    facts = narrowed(session, loaded, split.filters)
    deals = deal_condition(split.filters)
    only = order_condition(split.filters) if deals is None else deals
    asked = Question(metric, view.window, view.baseline, facts, settings.currency_sign, only)
    return shown(asked, explain(session, asked, split), view)


def explain(session: Session, asked: Question, split: Split) -> Explanation:
    """The bridge of one metric. Raises ``BadRequest`` for a dimension it cannot be split by."""
    metric, facts = asked.metric, asked.facts
    now = value_now(session, metric, facts, asked.window, asked.only)
    before = value_before(session, metric, facts, asked.baseline, asked.only)
    allowed = bridges.dimensions(metric.name, now)
    check_dimension(metric.name, split.by, allowed)
    _check_nesting(split)
    if metric.kpi is KpiKey.FORECAST and now.value is not None:
        return _composition(session, asked, now, split)
    compared = change(metric.kpi, now, before)
    if compared.difference is None or now.value is None or before.value is None:
        words = sentences.missing(metric, now, compared.reason, asked.window, asked.baseline)
        return Explanation(words, now.value, before.value, split.by or allowed[0], allowed)
    both = Compared(metric.name, facts, asked.window, asked.baseline, now, before, asked.only)
    changed = sentences.Change(
        metric, asked.window, asked.baseline, now.value, before.value, asked.currency_sign
    )
    if split.by is not None and split.within is not None:
        return _opened(session, both, changed, split)
    return _explained(_bridge(session, both, split.by), changed)


def _explained(bridge: Bridge, changed: sentences.Change) -> Explanation:
    offsetting = bridge.offsetting
    return Explanation(
        sentences.explained(changed, bridge.effects, bridge.residual, offsetting=offsetting),
        changed.now,
        changed.before,
        bridge.by,
        bridge.dimensions,
        bridge,
        bridge.total,
        offsetting,
    )


def _check_nesting(split: Split) -> None:
    if split.within is not None and split.by is None:
        raise BadRequest("within: needs by, the dimension that it is an element of")
    if split.then is not None and split.within is None:
        raise BadRequest("then: needs within, the element that it splits")
    if split.within is not None and split.filters:
        raise BadRequest("within: not allowed beside a filter")


def check_dimension(key: str, by: str | None, allowed: tuple[str, ...]) -> None:
    """Raise ``BadRequest`` when ``by`` is not one of ``allowed``."""
    if by is not None and by not in allowed:
        raise BadRequest(
            f"by: {by[:40]!r} is not allowed for {key}; allowed: {', '.join(allowed) or 'none'}"
        )


def _bridge(session: Session, compared: Compared, by: str | None) -> Bridge:
    """Every dimension is split, because the one that needs the fewest elements goes first."""
    assert compared.now.value is not None
    assert compared.before.value is not None
    dimensions = bridges.dimensions(compared.key, compared.now)
    splits = bridges.effects_by(session, compared, dimensions)
    names = _ranked(splits)
    shown_by = by or names[0]
    return Bridge(shown_by, names, compared.now.value - compared.before.value, splits[shown_by])


def _ranked(splits: dict[str, list[Effect]]) -> tuple[str, ...]:
    """What a KPI is split by of its own comes first, then attributes by what they explain."""
    own = [name for name in splits if name not in elements.ATTRIBUTES]
    attributes = [name for name in splits if name in elements.ATTRIBUTES]
    attributes.sort(key=lambda name: decomposition.concentration(splits[name]))
    return (*own, *attributes)


def _composition(session: Session, asked: Question, made: KpiResult, split: Split) -> Explanation:
    """A forecast has no change: its parts sum to its value."""
    assert made.value is not None
    allowed = bridges.dimensions(asked.metric.name, made)
    by = split.by or allowed[0]
    parts = elements.forecast_by(session, by, asked.facts, asked.window, made)
    effects = [Effect(name, amount, "additive") for name, amount in parts.items()]
    if split.within is not None:
        item = _element(by, split.within, effects)
        splits = inner.forecast_splits(session, asked.facts, asked.window, made, by, item.name)
        values = sentences.Change(
            asked.metric, asked.window, asked.baseline, made.value, Fraction(0), asked.currency_sign
        )
        opened = _within(splits, values, item, split)
        return replace(opened, now=item.effect, change=None)
    bridge = Bridge(by, allowed, made.value, effects)
    sentence = sentences.composed(made, effects, asked.currency_sign)
    return Explanation(sentence, made.value, None, by, allowed, bridge)


def _opened(
    session: Session, compared: Compared, changed: sentences.Change, split: Split
) -> Explanation:
    """One contribution, split one level further."""
    assert split.by is not None
    assert split.within is not None
    item = _element(split.by, split.within, bridges.effects(session, compared, split.by))
    return _within(inner.splits(session, compared, split.by, item), changed, item, split)


def _element(by: str, name: str, effects: list[Effect]) -> Effect:
    """One element with its whole effect. Raises ``BadRequest`` when there is no such element."""
    own = [item for item in effects if item.name == name]
    if not own:
        known = list(dict.fromkeys(item.name for item in decomposition.ranked(effects)))
        raise BadRequest(
            f"within: {name[:40]!r} is no element of {by} here; there are"
            f" {', '.join(known[:MOST_NAMED_IN_ERROR]) or 'none'}"
            f"{' and more' if len(known) > MOST_NAMED_IN_ERROR else ''}"
        )
    return replace(own[0], effect=sum((item.effect for item in own), Fraction(0)))


def _within(splits: Splits, changed: sentences.Change, item: Effect, split: Split) -> Explanation:
    assert split.by is not None
    if split.then is not None and split.then not in splits:
        allowed = ", ".join(splits) or "none"
        raise BadRequest(f"then: {split.then[:40]!r} is not allowed here; allowed: {allowed}")
    within = Within(by=split.by, name=item.name)
    made = {name: effects() for name, effects in splits.items()}
    names = _ranked(made)
    if not names:
        sentence = sentences.inner(changed, item, [], item.effect)
        return Explanation(sentence, None, None, split.by, (), within=within, change=item.effect)
    bridge = Bridge(split.then or names[0], names, item.effect, made[split.then or names[0]])
    return Explanation(
        sentences.inner(changed, item, bridge.effects, bridge.residual),
        None,
        None,
        bridge.by,
        bridge.dimensions,
        bridge,
        item.effect,
        bridge.offsetting,
        within,
    )


def shown(asked: Question, found: Explanation, view: View) -> Drivers:
    """An explanation as clients see it. Numbers leave the exact world here."""
    bridge = found.bridge
    effects = bridge.effects if bridge else []
    lost = elements.minutes_lost(asked.facts, asked.window) if found.by == bridges.SERVICE else {}
    sides = [[item.effect for item in effects if (item.effect > 0) is up] for up in (True, False)]
    positive, negative = map(decomposition.total, sides)
    return Drivers(
        metric=asked.metric.name,
        by=found.by,
        dimensions=list(found.dimensions),
        timeframe=view.timeframe,
        comparison=view.comparison,
        unit=asked.metric.delta_unit,
        now=_number(found.now),
        before=_number(found.before),
        change=_number(found.change),
        contributions=[
            _contribution(item, lost) for item in decomposition.condensed(effects, MOST_SHOWN)
        ],
        positive=float(positive) if bridge else None,
        negative=float(negative) if bridge else None,
        residual=float(bridge.residual) if bridge else None,
        offsetting=found.offsetting,
        sentence=found.sentence,
        reason=None if bridge else found.sentence,
        within=found.within,
    )


def _contribution(item: Effect, minutes_lost: dict[str, Fraction]) -> Contribution:
    return Contribution(
        name=item.name,
        effect=float(item.effect),
        kind=item.kind,
        minutes_lost=_number(minutes_lost.get(item.name)),
    )


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)

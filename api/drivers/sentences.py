"""One sentence about a change, for people who read no tables. Pure.

It says "contributed": a split of numbers knows nothing about causes.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from api import wording
from api.calendar import Window
from api.drivers.decomposition import CONCENTRATION, OFFSETTING, Effect, ranked, total
from api.drivers.metrics import PIPELINE, Metric
from api.executive.formulas import KpiResult
from api.executive.kpis import DeltaReason, KpiKey, Reason

STOCKS = frozenset({KpiKey.BACKLOG, KpiKey.ARR, KpiKey.COVERAGE_MONTHS, PIPELINE})
RATE_NOUNS: dict[str, str] = {
    KpiKey.GM: "margin",
    KpiKey.BOOK_TO_BILL: "book-to-bill",
    KpiKey.COVERAGE_MONTHS: "coverage",
    KpiKey.UPTIME: "uptime",
}
NO_VALUE: dict[Reason, str] = {
    "no_data": "there are no data for it",
    "zero_denominator": "there is nothing to divide by",
    "not_recovered": "new revenue does not recover its cost",
    "too_little_history": "there are fewer than three months of history",
}
NO_CHANGE: dict[DeltaReason, str] = {
    "no_previous": "There is no {label} for {before}, so there is no change to split.",
    "partial_window": "The data cover one of the two windows only in part, so {label} cannot be"
    " compared.",
    "static": "{label} is a configured value, not one computed from data.",
}
# A deal that is imported again is overwritten.
LAST_KNOWN = " Earlier amounts and stages of a deal are not kept: each counts with its last ones."
MOST_NAMED = 3
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
UPTIME_DIGITS = 1


@dataclass(frozen=True)
class Change:
    """A metric's change, as a sentence needs it."""

    metric: Metric
    window: Window
    baseline: Window
    now: Fraction
    before: Fraction
    sign: str  # the currency's

    @property
    def difference(self) -> Fraction:
        """Now less before."""
        return self.now - self.before


def explained(
    change: Change, effects: Sequence[Effect], residual: Fraction, *, offsetting: bool
) -> str:
    """What changed, and what contributed most to it."""
    body = _cancelling(change, effects) if offsetting else _leading(change, effects)
    left = ""
    if residual and effects:
        left = f" Not broken down: {_difference(change, residual)}."
    elif residual:
        left = " The data behind it are monthly totals, which cannot be broken down."
    known = LAST_KNOWN if change.metric.name == PIPELINE else ""
    return f"{_headline(change, offsetting=offsetting)}{body}{left}{known}"


def composed(made: KpiResult, effects: Sequence[Effect], sign: str) -> str:
    """What a forecast is made of."""
    assert made.value is not None
    assert made.horizon is not None
    how = (
        "adds up open deals times their win rates"
        if made.method == "pipeline"
        else "follows the trend of the last three months"
    )
    whole = made.value
    named = [
        f"{_called(item)} contributed {wording.money(item.effect, sign)}"
        f"{_share(item.effect, whole)}"
        for item in ranked(effects)[:MOST_NAMED]
        if item.effect
    ]
    horizon = wording.period_name(made.horizon.label)
    start = f"The forecast of {wording.money(whole, sign)} for {horizon} {how}"
    return f"{start}: {_joined(named)}." if named else f"{start}; no deal is due then."


def inner(change: Change, item: Effect, effects: Sequence[Effect], residual: Fraction) -> str:
    """What contributed most to one element's effect."""
    whole = _difference(change, item.effect)
    if not any(part.effect for part in effects):
        return f"{_called(item)} contributed {whole}, which cannot be broken down further."
    named = _named(change, effects, item.effect)
    left = f" Not broken down: {_difference(change, residual)}." if residual else ""
    return f"Within {_called(item)}, which contributed {whole}: {_joined(named)}.{left}"


def missing(
    metric: Metric, now: KpiResult, reason: DeltaReason | None, window: Window, baseline: Window
) -> str:
    """Why there is nothing to split."""
    label = metric.label
    if now.value is None and now.reason is not None:
        return f"{label} has no value for this window: {NO_VALUE[now.reason]}."
    before = "the window before" if baseline == window.previous else "the same months a year before"
    return NO_CHANGE[reason or "no_previous"].format(label=label, before=before)


def _headline(change: Change, *, offsetting: bool) -> str:
    spec = change.metric
    value = wording.shown(change.now, spec.unit, change.sign, _extra_digits(change.metric.name))
    if change.difference == 0:
        return f"{spec.label} is unchanged at {value} {_since(change)}."
    verb = "rose" if change.difference > 0 else "fell"
    size = wording.difference(
        change.difference, spec.unit, change.sign, _extra_digits(change.metric.name)
    )
    percent = ""
    if spec.unit == "money" and change.before > 0 and not offsetting:
        sign = "+" if change.difference > 0 else ""
        percent = f" ({sign}{wording.percent(change.difference / change.before, 1)})"
    return f"{spec.label} {verb} by {size}{percent} to {value} {_since(change)}."


def _since(change: Change) -> str:
    if change.metric.name in STOCKS:
        return f"since the end of {wording.month_name(*change.baseline.last_month)}"
    months = len(change.window.months)
    if months == 1:
        return f"against {wording.month_name(*change.baseline.last_month)}"
    if change.baseline == change.window.previous:
        return f"against the {months} months before"
    return f"against the same {months} months a year before"


def _leading(change: Change, effects: Sequence[Effect]) -> str:
    named = _named(change, effects, change.difference)
    return f" {_capital(_joined(named))}." if named else ""


def _named(change: Change, effects: Sequence[Effect], whole: Fraction) -> list[str]:
    """The few that make up most of ``whole``, and the first that goes strongly against it."""
    along, against = _split(effects, whole)
    named = [_phrase(change, item, whole) for item in _main(along)]
    if against and abs(against[0].effect) >= OFFSETTING * abs(whole):
        named.append(_phrase(change, against[0]))
    return named


def _cancelling(change: Change, effects: Sequence[Effect]) -> str:
    up, down = _split(effects, Fraction(1))
    rises, falls = (_difference(change, total(item.effect for item in side)) for side in (up, down))
    named = [_phrase(change, side[0]) for side in (up, down) if side]
    return (
        f" Large effects nearly cancel out: rises sum to {rises}, falls to {falls}."
        f" {_capital(_joined(named))}."
    )


def _split(effects: Iterable[Effect], along: Fraction) -> tuple[list[Effect], list[Effect]]:
    """Ranked effects that go the way of ``along``, and those that go against it."""
    moved = [item for item in ranked(effects) if item.effect]
    same = [item for item in moved if (item.effect > 0) == (along > 0)]
    return same, [item for item in moved if (item.effect > 0) != (along > 0)]


def _main(along: Sequence[Effect]) -> list[Effect]:
    """The few that make up most of one direction."""
    needed = CONCENTRATION * total(abs(item.effect) for item in along)
    reached, named = Fraction(0), []
    for item in along[:MOST_NAMED]:
        if reached >= needed:
            break
        reached += abs(item.effect)
        named.append(item)
    return named


def _phrase(change: Change, item: Effect, whole: Fraction = Fraction(0)) -> str:
    part = _share(item.effect, whole)
    return f"{_who(change.metric.name, item)} contributed {_difference(change, item.effect)}{part}"


def _who(key: str, item: Effect) -> str:
    name = _called(item)
    if item.kind == "rate":
        return f"the {RATE_NOUNS[key]} of {name}"
    return f"the weight of {name}" if item.kind == "mix" else name


def _called(item: Effect) -> str:
    """A month by its name; any other element as the company writes it."""
    return wording.period_name(item.name) if _MONTH.fullmatch(item.name) else item.name


def _difference(change: Change, value: Fraction) -> str:
    return wording.change(value, change.metric.unit, change.sign, _extra_digits(change.metric.name))


def _extra_digits(key: str) -> int:
    return UPTIME_DIGITS if key == KpiKey.UPTIME else 0


def _share(part: Fraction, whole: Fraction) -> str:
    """A part in percent, where it is a part: more than all of it would puzzle."""
    if whole == 0 or not 0 < part / whole <= 1:
        return ""
    return f" ({wording.percent(part / whole)})"


def _joined(phrases: Sequence[str]) -> str:
    if len(phrases) < 2:
        return "".join(phrases)
    return f"{', '.join(phrases[:-1])} and {phrases[-1]}"


def _capital(text: str) -> str:
    """A sentence's start; the names of elements stay as they are written."""
    return f"The {text[4:]}" if text.startswith("the ") else text

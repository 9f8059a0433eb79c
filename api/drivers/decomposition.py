"""Splits a change into effects that sum to it exactly. Pure: fractions in, fractions out.

Effects are in the KPI's own unit. "Contributed" is all they say: none of this is about causes.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import accumulate
from math import lcm
from operator import add
from typing import Literal

Kind = Literal["additive", "rate", "mix", "movement"]

ZERO = Fraction(0)
HALF = Fraction(1, 2)
CONCENTRATION = Fraction(67, 100)  # the share of all movement that ranks a dimension
OFFSETTING = Fraction(1, 5)  # a smaller change than this share of all movement is a balance
LOGARITHM_DIGITS = 60
EXPENSE_FACTOR = "Sales and marketing expense"
NEW_MRR_FACTOR = "New MRR"
MARGIN_FACTOR = "Gross margin"
COGS_FACTOR = "Cost of goods sold"
INVENTORY_FACTOR = "Mean inventory"


@dataclass(frozen=True)
class Effect:
    """One element's part of a change."""

    name: str
    effect: Fraction
    kind: Kind


@dataclass(frozen=True)
class Parts:
    """Numerator and denominator of one element of a ratio."""

    numerator: Fraction
    denominator: Fraction


NOTHING = Parts(ZERO, ZERO)


@dataclass(frozen=True)
class Payback:
    """What CAC payback is made of: ``expense / (new_mrr * margin)``, in months."""

    expense: Fraction
    new_mrr: Fraction
    margin: Fraction

    @property
    def months(self) -> Fraction:
        """The KPI itself. Raises ``ZeroDivisionError`` without new MRR or margin."""
        return self.expense / (self.new_mrr * self.margin)


def additive(before: Mapping[str, Fraction], now: Mapping[str, Fraction]) -> list[Effect]:
    """Contribution of each element of a sum: what it is now, less what it was."""
    return [
        Effect(name, now.get(name, ZERO) - before.get(name, ZERO), "additive")
        for name in sorted(before.keys() | now.keys())
    ]


def ratio(before: Mapping[str, Parts], now: Mapping[str, Parts]) -> list[Effect]:
    """Rate and mix effects of each element of ``sum(numerator) / sum(denominator)``.

    Both sums of denominators must differ from zero: without them the ratio has no value.

    With s for an element's share of the denominator, r for its rate and R for the whole's, the
    rate effect is ``(s0 + s1) / 2 * (r1 - r0)``, the mix effect ``(s1 - s0) * ((r0 + r1) / 2 -
    (R0 + R1) / 2)``. Each is computed in whole numbers, and made a fraction once: with a thousand
    elements that takes a fraction of the time.
    """
    unit = _common_unit((*before.values(), *now.values()))
    old, new = _in_units(before, unit), _in_units(now, unit)
    whole_n0, whole_d0 = map(sum, zip(*old.values(), strict=True))
    whole_n1, whole_d1 = map(sum, zip(*new.values(), strict=True))
    both = whole_d0 * whole_d1
    rates = whole_n0 * whole_d1 + whole_n1 * whole_d0  # their sum, over both
    effects: list[Effect] = []
    for name in sorted(old.keys() | new.keys()):
        (n0, d0), (n1, d1) = old.get(name, (0, 0)), new.get(name, (0, 0))
        gained = d1 * whole_d0 - d0 * whole_d1  # the share's growth, over both
        if d0 == 0 or d1 == 0:
            pulled = n1 * whole_d0 - n0 * whole_d1
            mix = Fraction(2 * pulled * both - gained * rates, 2 * both**2)
            effects.append(Effect(name, mix, "mix"))
            continue
        shares = d1 * whole_d0 + d0 * whole_d1
        rate = Fraction(shares * (n1 * d0 - n0 * d1), 2 * both * d0 * d1)
        effects.append(Effect(name, rate, "rate"))
        pull = (n0 * d1 + n1 * d0) * both - rates * d0 * d1
        effects.append(Effect(name, Fraction(gained * pull, 2 * both**2 * d0 * d1), "mix"))
    return effects


def inner_ratio(
    whole: tuple[Parts, Parts], before: Mapping[str, Parts], now: Mapping[str, Parts]
) -> list[Effect]:
    """Rate and mix effects of the parts of one element; they sum to the element's own effects.

    ``whole`` is the ratio of all elements, before and now. The element's rate effect is split as
    a ratio of its own, its mix effect by the weight that each part gained.
    """
    middle = (_rate(whole[0]) + _rate(whole[1])) * HALF
    old, new = _sum(before.values()), _sum(now.values())
    if old.denominator == 0 or new.denominator == 0:
        return _pulled(whole, before, now, middle)
    weight = (
        old.denominator / whole[0].denominator + new.denominator / whole[1].denominator
    ) * HALF
    pull = (_rate(old) + _rate(new)) * HALF - middle
    sums: dict[tuple[str, Kind], Fraction] = {}
    for item in ratio(before, now):
        sums[item.name, item.kind] = item.effect * weight
    for name in before.keys() | now.keys():
        mix = sums.get((name, "mix"), ZERO)
        sums[name, "mix"] = mix + _gained(whole, before, now, name) * pull
    return [Effect(name, effect, kind) for (name, kind), effect in sorted(sums.items())]


def _pulled(
    whole: tuple[Parts, Parts],
    before: Mapping[str, Parts],
    now: Mapping[str, Parts],
    middle: Fraction,
) -> list[Effect]:
    """Parts of an element that has no rate in one of the windows: all of it is mix."""
    effects = []
    for name in sorted(before.keys() | now.keys()):
        old, new = before.get(name, NOTHING), now.get(name, NOTHING)
        pulled = new.numerator / whole[1].denominator - old.numerator / whole[0].denominator
        gained = _gained(whole, before, now, name)
        effects.append(Effect(name, pulled - gained * middle, "mix"))
    return effects


def _gained(
    whole: tuple[Parts, Parts], before: Mapping[str, Parts], now: Mapping[str, Parts], name: str
) -> Fraction:
    """By how much a part's share of the whole denominator grew."""
    old, new = before.get(name, NOTHING), now.get(name, NOTHING)
    return new.denominator / whole[1].denominator - old.denominator / whole[0].denominator


def proportional(effect: Fraction, changes: Mapping[str, Fraction]) -> list[Effect]:
    """One effect, shared out by how much each part of its cause changed."""
    whole = sum(changes.values(), ZERO)
    if whole == 0:
        return []
    return [Effect(name, effect * part / whole, "movement") for name, part in changes.items()]


def movements(before: Mapping[str, Fraction], now: Mapping[str, Fraction]) -> list[Effect]:
    """The difference of each named movement, in the order in which ``now`` gives them."""
    return [Effect(name, now[name] - before.get(name, ZERO), "movement") for name in now]


def customer_movements(
    before: Mapping[str, Fraction], now: Mapping[str, Fraction]
) -> dict[str, Fraction]:
    """Recurring revenue per customer, as new, expansion, contraction and churn (signed)."""
    total = dict.fromkeys(("New", "Expansion", "Contraction", "Churn"), ZERO)
    for customer in before.keys() | now.keys():
        old, new = before.get(customer, ZERO), now.get(customer, ZERO)
        total[movement_of(old, new)] += new - old
    return total


def movement_of(old: Fraction, new: Fraction) -> str:
    """What a customer did between two windows."""
    if old == 0:
        return "New"
    if new == 0:
        return "Churn"
    return "Expansion" if new >= old else "Contraction"


def payback(before: Payback, now: Payback) -> list[Effect]:
    """Log-mean split of the change over expense, new MRR and margin.

    The logarithmic mean times the logarithm of each factor's growth leaves no joint term.
    An expense that is not positive has no logarithm: then the whole change belongs to it.
    """
    change = now.months - before.months
    if before.expense <= 0 or now.expense <= 0:
        spent, sold = change, ZERO
    else:
        growth = _logarithm(now.months / before.months)
        mean = change / growth if growth else now.months
        spent = mean * _logarithm(now.expense / before.expense)
        sold = -mean * _logarithm(now.new_mrr / before.new_mrr)
    # The margin takes the remainder, so that the last digit of the logarithms is not lost.
    return [
        Effect(EXPENSE_FACTOR, spent, "movement"),
        Effect(NEW_MRR_FACTOR, sold, "movement"),
        Effect(MARGIN_FACTOR, change - spent - sold, "movement"),
    ]


def quotient(before: Parts, now: Parts, names: tuple[str, str]) -> list[Effect]:
    """The change of a numerator and of a denominator, each at the other's mean influence.

    Both denominators must differ from zero: without them the quotient has no value.
    """
    above, below = quotient_weights(before, now)
    changes = (
        above * (now.numerator - before.numerator),
        below * (now.denominator - before.denominator),
    )
    effects = zip(names, changes, strict=True)
    return [Effect(name, effect, "movement") for name, effect in effects]


def quotient_weights(before: Parts, now: Parts) -> tuple[Fraction, Fraction]:
    """What one more of the numerator, and of the denominator, counts for in the quotient."""
    above = (1 / before.denominator + 1 / now.denominator) * HALF
    middle = (before.numerator + now.numerator) * HALF
    return above, -middle / (before.denominator * now.denominator)


def ranked(effects: Iterable[Effect]) -> list[Effect]:
    """The largest first, whatever the sign; equal ones by name."""
    return sorted(effects, key=lambda item: (-abs(item.effect), item.name, item.kind))


def concentration(effects: Iterable[Effect]) -> tuple[bool, int, int]:
    """Sort key of a dimension: how few elements reach 67 % of all movement comes first.

    A dimension with a single element, or where nothing moved, says nothing: it goes last.
    """
    sizes: dict[str, Fraction] = {}
    for item in effects:
        sizes[item.name] = sizes.get(item.name, ZERO) + abs(item.effect)
    # Floats first: they are in the same order, and most of them differ.
    ordered = sorted(sizes.values(), key=lambda size: (-float(size), -size))
    needed = CONCENTRATION * total(ordered)
    return len(sizes) < 2 or needed == 0, _fewest(ordered, needed), len(sizes)


def _fewest(ordered: Sequence[Fraction], needed: Fraction) -> int:
    """How many of the first sizes reach ``needed``, which is not more than all of them.

    Guessed by floats, then counted exactly.
    """
    count = bisect_left([0.0, *accumulate(map(float, ordered))], float(needed))
    while total(ordered[:count]) < needed:
        count += 1
    while count and total(ordered[: count - 1]) >= needed:
        count -= 1
    return count


def offsetting(change: Fraction, effects: Iterable[Effect]) -> bool:
    """Whether the change is small beside what moved: shares of it would mislead."""
    return abs(change) < OFFSETTING * total(abs(item.effect) for item in effects)


def residual(change: Fraction, effects: Iterable[Effect]) -> Fraction:
    """What the effects leave unexplained."""
    return change - total(item.effect for item in effects)


def condensed(effects: Sequence[Effect], limit: int) -> list[Effect]:
    """Ranked effects of the ``limit`` largest elements; the rest summed as "Other (n)" by kind."""
    sizes: dict[str, Fraction] = {}
    for item in effects:
        sizes[item.name] = sizes.get(item.name, ZERO) + abs(item.effect)
    names = sorted(sizes, key=lambda name: (-sizes[name], name))
    kept, rest = set(names[:limit]), set(names[limit:])
    shown = ranked(item for item in effects if item.name in kept)
    sums: dict[Kind, Fraction] = {}
    for item in effects:
        if item.name in rest:
            sums[item.kind] = sums.get(item.kind, ZERO) + item.effect
    return shown + [Effect(f"Other ({len(rest)})", value, kind) for kind, value in sums.items()]


def total(values: Iterable[Fraction]) -> Fraction:
    """Their sum, added in pairs, and pairs of pairs.

    One after the other, each step takes as long as the denominator has grown by then.
    """
    sums = list(values)
    while len(sums) > 1:
        odd = [sums.pop()] if len(sums) % 2 else []
        sums = [*map(add, sums[::2], sums[1::2]), *odd]
    return sums[0] if sums else ZERO


def _common_unit(parts: Iterable[Parts]) -> int:
    """In units of one over this all of them are whole numbers."""
    return lcm(*(each.denominator for part in parts for each in (part.numerator, part.denominator)))


def _in_units(parts: Mapping[str, Parts], unit: int) -> dict[str, tuple[int, int]]:
    return {
        name: (_counted(part.numerator, unit), _counted(part.denominator, unit))
        for name, part in parts.items()
    }


def _counted(value: Fraction, unit: int) -> int:
    return value.numerator * (unit // value.denominator)


def _sum(parts: Iterable[Parts]) -> Parts:
    listed = list(parts)
    return Parts(
        sum((part.numerator for part in listed), ZERO),
        sum((part.denominator for part in listed), ZERO),
    )


def _rate(parts: Parts) -> Fraction:
    return parts.numerator / parts.denominator


def _logarithm(value: Fraction) -> Fraction:
    """Natural logarithm to 60 digits: a float's would lose small changes to cancellation."""
    with localcontext() as context:
        context.prec = LOGARITHM_DIGITS
        return Fraction((Decimal(value.numerator) / Decimal(value.denominator)).ln())

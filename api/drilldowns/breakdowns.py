"""Turns sums and ratios by element into a ranked list that adds up to the whole. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from api.drivers.decomposition import Parts

NOT_BROKEN_DOWN = "(not broken down)"  # what only monthly totals tell
MOST_SHOWN = 50
ZERO = Fraction(0)


@dataclass(frozen=True)
class Item:
    """One element; ``share`` is of the total, for ratios of the denominator."""

    name: str
    value: Fraction | None
    share: Fraction | None


def of_sum(sums: Mapping[str, Fraction], total: Fraction) -> list[Item]:
    """The largest elements of a sum, whatever their sign; the rest as one; then what is missing."""
    kept = _ranked(sums, lambda name: abs(sums[name]))
    rest = [name for name in sums if name not in set(kept)]
    named = {name: sums[name] for name in kept}
    if rest:
        named[f"Other ({len(rest)})"] = sum((sums[name] for name in rest), ZERO)
    return in_order(named, total)


def of_ratio(parts: Mapping[str, Parts], whole: Parts) -> list[Item]:
    """Elements by their part of the denominator; the rest as one ratio; then what is missing."""
    kept = _ranked(parts, lambda name: abs(parts[name].denominator))
    rest = [name for name in parts if name not in set(kept)]
    named = {name: parts[name] for name in kept}
    if rest:
        named[f"Other ({len(rest)})"] = _sum(parts[name] for name in rest)
    known = _sum(parts.values())
    missing = Parts(whole.numerator - known.numerator, whole.denominator - known.denominator)
    if missing != Parts(ZERO, ZERO):
        named[NOT_BROKEN_DOWN] = missing
    return [_ratio_item(name, part, whole.denominator) for name, part in named.items()]


def in_order(named: Mapping[str, Fraction], total: Fraction) -> list[Item]:
    """Elements as they come, each with its share of the total; then what is missing."""
    missing = total - sum(named.values(), ZERO)
    shown = {**named, NOT_BROKEN_DOWN: missing} if missing else named
    return [Item(name, value, value / total if total else None) for name, value in shown.items()]


def _ratio_item(name: str, part: Parts, whole: Fraction) -> Item:
    value = part.numerator / part.denominator if part.denominator > 0 else None
    return Item(name, value, part.denominator / whole if whole else None)


def _ranked(names: Iterable[str], size: Callable[[str], Fraction]) -> list[str]:
    return sorted(names, key=lambda name: (-size(name), name))[:MOST_SHOWN]


def _sum(parts: Iterable[Parts]) -> Parts:
    listed = list(parts)
    return Parts(
        sum((part.numerator for part in listed), ZERO),
        sum((part.denominator for part in listed), ZERO),
    )

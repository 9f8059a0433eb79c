"""When a KPI's value calls for an alert. Pure: a value, its lines and what already holds."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Level = Literal["watch", "act"]
GoodDirection = Literal["up", "down"]

RECOVERY = Fraction(2, 100)


@dataclass(frozen=True)
class Lines:
    """The thresholds of one KPI, in its own unit, and which side of them is good."""

    watch: Fraction | None
    act: Fraction | None
    good_direction: GoodDirection


def recovery_band(kpi: str, line: Fraction) -> Fraction:
    """How far past a line the value must come back before the line can alert again.

    2 % of the line's size. Uptime lives close to 1, so there it is 2 % of the allowed downtime.
    """
    return RECOVERY * abs(1 - line if kpi == "uptime" else line)


def level(kpi: str, value: Fraction, lines: Lines, held: Level | None) -> Level | None:
    """The level that holds now, after ``held`` held before.

    A line is crossed when the value is worse than it: on the line is not worse. Once crossed,
    it stays so until the value has recovered past it by the band.
    """
    if _holds(kpi, value, lines.act, lines.good_direction, held=held == "act"):
        return "act"
    if _holds(kpi, value, lines.watch, lines.good_direction, held=held is not None):
        return "watch"
    return None


def worse(value: Fraction, line: Fraction, good_direction: GoodDirection) -> bool:
    """Whether ``value`` is on the bad side of ``line``."""
    return value < line if good_direction == "up" else value > line


def _holds(
    kpi: str, value: Fraction, line: Fraction | None, good_direction: GoodDirection, *, held: bool
) -> bool:
    if line is None:
        return False
    if not held:
        return worse(value, line, good_direction)
    band = recovery_band(kpi, line)
    return worse(value, line + band if good_direction == "up" else line - band, good_direction)

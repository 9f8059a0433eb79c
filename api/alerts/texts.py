"""What an alert says, in words an executive understands. Pure."""

from dataclasses import dataclass
from fractions import Fraction

from api import wording
from api.alerts.rules import Level, Lines, worse
from api.calendar import Window
from api.executive.kpis import SPECS, KpiKey

UPTIME_DIGITS = 1  # more than other rates have: all of its story is behind the decimal point
AT_THE_END = frozenset({KpiKey.BACKLOG, KpiKey.COVERAGE_MONTHS})


@dataclass(frozen=True)
class Text:
    """An alert's title and description."""

    title: str
    description: str


def alert_text(
    key: KpiKey, window: Window, value: Fraction, lines: Lines, level: Level, sign: str
) -> Text:
    """Words for a value that has crossed a line, or not yet recovered from having crossed it."""
    line = lines.act if level == "act" else lines.watch
    assert line is not None
    spec = SPECS[key]
    extra = UPTIME_DIGITS if key is KpiKey.UPTIME else 0
    shown, limit = wording.apart(value, line, spec.unit, sign, extra)
    bound = "at least" if lines.good_direction == "up" else "at most"
    place = _place(value, line, lines)
    return Text(
        f"{spec.label} {place} the {level} line: {shown} (line {limit})",
        f"{_period(key, window)}: {spec.label} is {shown}. The {level} line asks for {bound}"
        f" {limit}.",
    )


def _place(value: Fraction, line: Fraction, lines: Lines) -> str:
    if not worse(value, line, lines.good_direction):
        return "has not clearly recovered from"
    return "below" if lines.good_direction == "up" else "above"


def _period(key: KpiKey, window: Window) -> str:
    month = wording.month_name(*window.last_month)
    if key is KpiKey.FORECAST:
        return f"For {wording.month_name(*window.next_period.last_month)}"
    if len(window.months) > 1:
        return f"In the {len(window.months)} months to {month}"
    return f"At the end of {month}" if key in AT_THE_END else f"In {month}"

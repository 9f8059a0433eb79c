"""How a number reads on the first screen, worked out a second time: both pages have to show it."""

from calendar import month_abbr
from collections.abc import Mapping
from typing import Any

THIN = "\u202f"
STEPS = ((1e9, "B"), (1e6, "M"), (1e3, "k"))


def value(kpi: Mapping[str, Any], currency: str) -> str:
    """A KPI's value in its unit."""
    number = kpi["value"]
    return "No data" if number is None else _shown(number, kpi, currency)


def change(kpi: Mapping[str, Any], currency: str) -> str:
    """Its change, with a sign."""
    number = kpi["deltaAbs"]
    return "" if number is None else f"{number:+.4g} {kpi['deltaUnit']} {currency}"


def _shown(number: float, kpi: Mapping[str, Any], currency: str) -> str:
    match kpi["deltaUnit"]:
        case "money":
            return f"{currency}{_compact(number)}"
        case "pp":
            return f"{number * 100:.{2 if kpi['key'] == 'uptime' else 1}f}{THIN}%"
        case "months":
            return f"{number:.{2 if abs(number) < 1 else 1}f}{THIN}mo"
        case _:
            return f"{number:.2f}x"


def _compact(number: float) -> str:
    size, sign = next(((size, sign) for size, sign in STEPS if abs(number) >= size), (1, ""))
    digits = f"{number / size:.3g}"
    return f"{float(digits):g}{sign}"


def period(name: str) -> str:
    """``2026-03`` on an axis."""
    year, part = name.split("-")
    shown = part if part.startswith("Q") else month_abbr[int(part)]
    return f"{shown} \u2019{year[2:]}"

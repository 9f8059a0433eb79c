"""Medians beside each other, and whether the targets are met."""

from collections.abc import Mapping, Sequence
from statistics import median, quantiles

from tests.performance_browser.visits import Visit

TIMES = ("ttfb_ms", "fcp_ms", "render_ms", "switch_ms", "switch_from_press_ms")
SIZES = (
    "requests",
    "bytes",
    "script_bytes",
    "requests_in_all",
    "bytes_in_all",
    "script_bytes_in_all",
    "layout_shift",
)
# Ratios to the static page, then what holds on its own.
RATIOS = {
    "unthrottled": {"ttfb_ms": 1.2, "render_ms": 0.7, "switch_ms": 1.0},
    "throttled": {"ttfb_ms": 1.2, "render_ms": 0.6, "switch_ms": 1.0},
}
LIMITS = {"script_bytes": 100_000, "script_bytes_in_all": 300_000, "layout_shift": 0}

Visits = Mapping[str, Mapping[str, Sequence[Visit]]]
"""By conditions, then by page: ours and the static one."""


def table(visits: Visits) -> str:
    """For people."""
    lines = []
    for conditions, pages in visits.items():
        lines.append(f"{conditions:22}{'ours':>12}{'static':>12}{'ratio':>8}{'target':>8}")
        lines += [_line(name, pages, conditions) for name in (*TIMES, *SIZES)]
    return "\n".join(lines)


def summary(visits: Visits) -> dict[str, dict[str, dict[str, float]]]:
    """Medians and 90th percentiles for programs."""
    return {
        conditions: {page: _figures(seen) for page, seen in pages.items()}
        for conditions, pages in visits.items()
    }


def missed(visits: Visits) -> list[str]:
    """The targets that were not met, one line each."""
    return [
        f"{conditions} {name}: {measured:.2f}, target {target}"
        for conditions, pages in visits.items()
        for name, measured, target in _judged(pages, conditions)
        if measured > target
    ]


def _judged(
    pages: Mapping[str, Sequence[Visit]], conditions: str
) -> list[tuple[str, float, float]]:
    ratios = [
        (name, _median(pages["ours"], name) / _median(pages["static"], name), target)
        for name, target in RATIOS[conditions].items()
    ]
    return ratios + [
        (name, max(visit.numbers()[name] for visit in pages["ours"]), target)
        for name, target in LIMITS.items()
    ]


def _line(name: str, pages: Mapping[str, Sequence[Visit]], conditions: str) -> str:
    ours, static = (_median(pages[page], name) for page in ("ours", "static"))
    digits = 4 if name == "layout_shift" else 1 if name in TIMES else 0
    target = RATIOS[conditions].get(name, LIMITS.get(name))
    ratio = f"{ours / static:8.2f}" if static and name in TIMES else " " * 8
    return (
        f"  {name:20}{ours:12,.{digits}f}{static:12,.{digits}f}{ratio}"
        f"{'' if target is None else f'{target:8,}'}"
    )


def _median(visits: Sequence[Visit], name: str) -> float:
    return median(visit.numbers()[name] for visit in visits)


def _figures(visits: Sequence[Visit]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for name in (*TIMES, *SIZES):
        values = [visit.numbers()[name] for visit in visits]
        figures[name] = round(median(values), 4)
        if name in TIMES and len(values) > 1:
            figures[f"{name}_p90"] = round(quantiles(values, n=10, method="inclusive")[-1], 1)
    return figures

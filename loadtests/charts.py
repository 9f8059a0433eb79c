"""Line charts as SVG, drawn here, so that a report needs nothing from anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

Point = tuple[float, float]

WIDTH, HEIGHT = 720, 200
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 10, 26
COLOURS = ("var(--one)", "var(--two)", "var(--three)")
TICKS = 4


@dataclass(frozen=True)
class Chart:
    """One drawing of a run of so many ``seconds``.

    ``lines`` are by name, ``limit`` is a level that means something.
    """

    title: str
    unit: str
    lines: dict[str, Sequence[Point]]
    seconds: float
    limit: float | None = None
    warm_up_seconds: float = 0.0


def svg(chart: Chart) -> str:
    """The chart as an element; an empty text when nothing was measured."""
    points = [point for line in chart.lines.values() for point in line]
    if not points:
        return ""
    right = max(chart.seconds, *(at for at, _ in points), 1.0)
    top = _round_up(max([value for _, value in points] + [chart.limit or 0.0]))
    parts = [_warm_up(chart, right), *_grid(top, right)]
    if chart.limit is not None:
        y = _y(chart.limit, top)
        parts.append(f'<line class="limit" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
    for colour, line in zip(COLOURS, chart.lines.values(), strict=False):
        drawn = " ".join(f"{_x(at, right)},{_y(value, top)}" for at, value in line)
        parts.append(f'<polyline style="stroke:{colour}" points="{drawn}"/>')
    label = escape(f"{chart.title}, {chart.unit}")
    body = "".join(parts)
    drawing = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{body}</svg>'
    return f"<figure><figcaption>{label}{_legend(chart)}</figcaption>{drawing}</figure>"


def _legend(chart: Chart) -> str:
    names = [
        f'<span><i style="background:{colour}"></i>{escape(name)}</span>'
        for colour, name in zip(COLOURS, chart.lines, strict=False)
        if name
    ]
    if chart.limit is not None:
        names.append('<span><i class="limit"></i>promised</span>')
    return "".join(names)


def _warm_up(chart: Chart, right: float) -> str:
    if not chart.warm_up_seconds:
        return ""
    width = _x(min(chart.warm_up_seconds, right), right) - LEFT
    return f'<rect x="{LEFT}" y="{TOP}" width="{width:.1f}" height="{HEIGHT - TOP - BOTTOM}"/>'


def _grid(top: float, right: float) -> list[str]:
    drawn = []
    for tick in range(TICKS + 1):
        value, seconds = top * tick / TICKS, right * tick / TICKS
        y, x = _y(value, top), _x(seconds, right)
        drawn.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        drawn.append(f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{_number(value)}</text>')
        anchor = "end" if tick == TICKS else "middle"
        drawn.append(
            f'<text x="{x}" y="{HEIGHT - 8}" text-anchor="{anchor}">{_clock(seconds)}</text>'
        )
    return drawn


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _x(at: float, right: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * at / right, 1)


def _y(value: float, top: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top, 1)


def _round_up(value: float) -> float:
    """A little more than ``value``, with one digit or two."""
    if value <= 0:
        return 1.0
    scale: float = 10 ** (len(f"{int(value)}") - 1) if value >= 1 else 0.01
    steps = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)
    while True:
        for step in steps:
            if step * scale >= value * 1.05:
                return step * scale
        scale *= 10

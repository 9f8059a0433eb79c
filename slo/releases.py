"""Figures per release, from single events: the hourly rollup knows no releases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from slo import present
from slo.judgement import Judgement
from slo.objective import Objective

NONE_TOLD = "(none told)"


@dataclass(frozen=True)
class Release:
    """What one release's events say. ``name`` is None for events that told none."""

    name: str | None
    judgement: Judgement
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True)
class Releases:
    """An objective by release, the one seen last first.

    ``unknown`` says why nothing can be known, if so. ``not_shown`` releases came before those here.
    """

    objective: Objective
    releases: Sequence[Release] = ()
    unknown: str | None = None
    not_shown: int = 0


def table(found: Sequence[Releases], title: str) -> Table:
    """A row for each release of each objective."""
    result = Table(title=title, title_justify="left")
    for name in ("objective", "release"):
        result.add_column(name, no_wrap=True)
    for name in ("good", "of", "ratio", "percentile"):
        result.add_column(name, justify="right")
    for name in ("verdict", "first seen (UTC)", "last seen (UTC)"):
        result.add_column(name, no_wrap=True)
    for one in found:
        for place, release in enumerate(one.releases):
            result.add_row("" if place else one.objective.name, *_cells(release))
    return result


def _cells(one: Release) -> list[str | Text]:
    judged = one.judgement
    style = present.WORDS[judged.verdict][1]
    return [
        Text(present.one_line(one.name) if one.name else NONE_TOLD),
        f"{judged.good:,}",
        f"{judged.total:,}",
        present.percent(judged.good_ratio, 2),
        Text(present.percentile(judged)),
        Text(present.verdict(judged), style),
        f"{one.first_seen:%Y-%m-%d %H:%M}",
        f"{one.last_seen:%Y-%m-%d %H:%M}",
    ]


def lines(found: Sequence[Releases]) -> list[str]:
    """What the table does not show, and why."""
    said = [f"{one.objective.name}: {one.unknown}." for one in found if one.unknown]
    said += [
        f"{one.objective.name}: no event in this window."
        for one in found
        if not one.unknown and not one.releases
    ]
    said += [
        f"{one.objective.name}: {one.not_shown} more releases, seen earlier."
        for one in found
        if one.not_shown
    ]
    return said


def as_json(found: Sequence[Releases]) -> list[dict[str, Any]]:
    """The same for programs; missing is null."""
    return [
        {
            "name": one.objective.name,
            "unknown": one.unknown,
            "not_shown": one.not_shown,
            "releases": [
                {
                    "release": release.name,
                    "first_seen": release.first_seen.isoformat(),
                    "last_seen": release.last_seen.isoformat(),
                    **_judged(release.judgement),
                }
                for release in one.releases
            ],
        }
        for one in found
    ]


def _judged(one: Judgement) -> dict[str, Any]:
    (row,) = present.as_json([one])
    return {key: row[key] for key in KEPT}


KEPT = ("good", "total", "good_ratio", "interval", "p95", "percentile_value", "verdict")

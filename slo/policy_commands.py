"""``execdash slo lint`` and ``backtest``: is the policy sound, and what would it have done?"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

import typer
from rich.table import Table

from slo import present
from slo.backtest import MINUTE, Alert, Replay, replay
from slo.command_line import (
    AsJson,
    File,
    Names,
    Window,
    chosen_objectives,
    console,
    fail,
    print_json,
    window_days,
)
from slo.evaluation import EXIT_FAIL, EXIT_UNKNOWN
from slo.lint import Finding, Measured, lint
from slo.measurements import Unreachable
from slo.objective import Objective
from slo.objectives import DEFAULT_FILE
from slo.promql import duration
from slo.rollup import Counts, hour_start

STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}


@dataclass(frozen=True)
class Minutes:
    """Events counted by UTC minute since 1970, up to now. ``span`` is what was asked for."""

    span: range
    counts: Mapping[int, Counts]


@dataclass(frozen=True)
class Stored:
    """What the service knows. Each may raise Unreachable.

    ``events_a_day`` and ``by_minute`` are of a window of so many days; ``by_minute`` is None for
    an objective whose events are not stored singly.
    """

    measured: Callable[[], Measured]
    events_a_day: Callable[[Sequence[Objective], int], Mapping[str, Fraction]]
    by_minute: Callable[[Objective, int], Minutes | None]


def add_policy_commands(cli: typer.Typer, stored: Stored) -> None:
    """Add both commands to ``execdash slo``."""

    @cli.command("lint")
    def lint_command(
        window: Window = "28d",
        names: Names = None,
        as_json: AsJson = False,
        file: File = DEFAULT_FILE,
    ) -> None:
        """Name what the file promises and nothing can keep, judge or show.

        The volume of events is what was stored over the window. 0: no error. 1: an error.
        """
        objectives, days = chosen_objectives(file, names), window_days(window)
        try:
            volume = stored.events_a_day(objectives, days)
        except Unreachable as error:
            volume = None
            sys.stderr.write(f"execdash: nothing is said of volume: {error}\n")
        findings = lint(objectives, stored.measured(), volume)
        if as_json:
            print_json([vars(finding) for finding in findings])
        else:
            _show_findings(findings)
        if any(finding.level == "error" for finding in findings):
            raise typer.Exit(EXIT_FAIL)

    @cli.command()
    def backtest(
        window: Window = "7d",
        names: Names = None,
        as_json: AsJson = False,
        file: File = DEFAULT_FILE,
    ) -> None:
        """Replay the stored events through the alert policy: which alerts, when, budget spent.

        3: no event could be read.
        """
        objectives, days = chosen_objectives(file, names), window_days(window)
        replays, without = _replays(stored, objectives, days)
        if as_json:
            print_json([_replay_json(each) for each in replays])
        else:
            _show_replays(replays, f"Alerts over {window}, as the policy would have sent them")
            for objective in without:
                sys.stdout.write(f"{objective.name}: its events are only counted by the hour\n")
        if not any(each.counts.total for each in replays):
            raise typer.Exit(EXIT_UNKNOWN)


def _replays(
    stored: Stored, objectives: Sequence[Objective], days: int
) -> tuple[list[Replay], list[Objective]]:
    replays, without = [], []
    for objective in objectives:
        try:
            minutes = stored.by_minute(objective, days)
        except Unreachable as error:
            fail(str(error), EXIT_UNKNOWN)
        if minutes is None:
            without.append(objective)
        else:
            replays.append(replay(objective, minutes.counts, minutes.span))
    return replays, without


def _show_findings(findings: Sequence[Finding]) -> None:
    table = Table(title="What the objectives promise", title_justify="left")
    table.add_column("objective", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("finding")
    for finding in findings:
        style = STYLES[finding.level]
        table.add_row(finding.objective, f"[{style}]{finding.level}[/{style}]", finding.message)
    console().print(table)
    counts = {level: sum(each.level == level for each in findings) for level in STYLES}
    sys.stdout.write(f"{counts['error']} errors, {counts['warning']} warnings\n")


def _show_replays(replays: Sequence[Replay], title: str) -> None:
    table = Table(title=title, title_justify="left")
    for name in ("objective", "tier", "from (UTC)", "to (UTC)"):
        table.add_column(name, no_wrap=True)
    for name in ("minutes", "good", "of", "budget spent"):
        table.add_column(name, justify="right")
    for one in replays:
        whole = (f"{one.counts.good:,}", f"{one.counts.total:,}", present.percent(one.spent, 0))
        table.add_row(one.objective.name, "", "", "", "", *whole)
        for alert in one.alerts:
            tier = f"{alert.tier.name} ({alert.tier.severity})"
            first, last = _ends(alert)
            table.add_row(
                "", tier, f"{first:%d %b %H:%M}", f"{last:%d %b %H:%M}", str(alert.minutes)
            )
    console().print(table)
    apart = [(one.objective, one.left_out) for one in replays]
    sys.stdout.writelines(f"{line}\n" for line in present.left_out(apart))


def _ends(alert: Alert) -> tuple[datetime, datetime]:
    """It is seen at the end of its first minute."""
    return _instant(alert.first + 1), _instant(alert.last + 1)


def minute_number(instant: datetime) -> int:
    """The UTC minute that ``instant`` lies in, counted from 1970."""
    return (instant - hour_start(0)) // MINUTE


def _instant(minute: int) -> datetime:
    return hour_start(0) + minute * MINUTE


def _replay_json(one: Replay) -> dict[str, Any]:
    return {
        "name": one.objective.name,
        "good": one.counts.good,
        "total": one.counts.total,
        "budget_spent": None if one.spent is None else float(one.spent),
        "maintenance": [present.left_out_json(each) for each in one.left_out],
        "alerts": [
            {
                "tier": alert.tier.name,
                "severity": alert.tier.severity,
                "long": duration(alert.tier.long),
                "short": duration(alert.tier.short),
                "from": _ends(alert)[0].isoformat(),
                "to": _ends(alert)[1].isoformat(),
            }
            for alert in one.alerts
        ],
    }

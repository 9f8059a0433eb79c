"""Figures by release, whatever browsers say their release is."""

from datetime import UTC, datetime
from io import StringIO

from rich.console import Console

from slo.judgement import judge
from slo.measurements import Measurement
from slo.objectives import load_objectives
from slo.releases import Release, Releases, table


def test_a_hostile_release_breaks_no_table() -> None:
    objective = load_objectives()[0]
    judged = judge(objective, Measurement(200, 200))
    seen = datetime(2026, 11, 20, tzinfo=UTC)
    names = ("[/x]", "[red]", "a\n\x1b[31mb")
    found = Releases(objective, [Release(name, judged, seen, seen) for name in names])
    screen = StringIO()
    Console(width=200, file=screen).print(table([found], "By release"))
    for shown in ("[/x]", "[red]", "a ?[31mb"):
        assert f" {shown} " in screen.getvalue()

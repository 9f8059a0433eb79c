"""Counts the cases that were tried, and says at the end of a run how many and how slow.

``make fuzz`` loads it as a plugin of pytest.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest


@dataclass
class _Tally:
    cases: int = 0
    slowest_seconds: float = 0.0


_TALLIES: dict[str, _Tally] = {}


@contextmanager
def trying(what: str) -> Iterator[None]:
    """One case; it counts when it fails, too."""
    tally = _TALLIES.setdefault(what, _Tally())
    started = time.monotonic()
    try:
        yield
    finally:
        tally.cases += 1
        tally.slowest_seconds = max(tally.slowest_seconds, time.monotonic() - started)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print a line for each subject, and their sum."""
    terminalreporter.section("cases tried")
    for what, tally in _TALLIES.items():
        terminalreporter.line(f"{tally.cases:>9,}  slowest {tally.slowest_seconds:6.2f} s  {what}")
    total = sum(tally.cases for tally in _TALLIES.values())
    terminalreporter.line(f"{total:>9,}  in all")

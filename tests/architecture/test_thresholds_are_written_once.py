"""A target is written in ``slo/objectives.yaml`` and nowhere else."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from slo.objective import Objective
from slo.objectives import load_objectives

ROOT = Path(__file__).parents[2]
OBJECTIVES = load_objectives()
PLACES = ("api", "telemetry", "slo", "loadtests", "frontend/src", "scripts")
SUFFIXES = {".py", ".ts", ".tsx", ".css", ".html", ".mjs", ""}

# Words that a line about an objective would hold.
WORDS = {
    "ttfb": ("ttfb", "first_byte", "firstbyte"),
    "render": ("render_total", "rendertotal", "render_ms"),
    "switch": ("switch_latency", "switchlatency", "switch_ms"),
    "alerts-poll": ("poll",),
    "drilldown-clicks": ("drilldown_clicks", "drilldownclicks", "clicks"),
    "api-errors": ("api_status", "5xx", "server_error"),
    "api-latency": ("api_latency", "apilatency"),
}
COMPARISON = r"(?:<=?|>=?|limit|max|threshold|target|budget)"


def source_lines() -> Iterator[tuple[str, str]]:
    for place in PLACES:
        for path in sorted((ROOT / place).rglob("*")):
            generated = "node_modules" in path.parts or "__pycache__" in path.parts
            tested = re.search(r"\.test\.|fixtures", path.name) or "testing" in path.parts
            if path.is_file() and path.suffix in SUFFIXES and not generated and not tested:
                name = str(path.relative_to(ROOT))
                for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                    yield f"{name}:{number}", line


def writes_again(line: str, objective: Objective) -> bool:
    """True for a line that compares what the objective measures with its own bound."""
    plain = line.lower().replace("_", "").replace(",", "") if objective.name else line
    about = any(word.replace("_", "") in plain for word in WORDS[objective.name])
    digits = "|".join(re.escape(f"{bound:g}") for bound in objective.threshold.bounds)
    bound = re.search(rf"{COMPARISON}\W*\D{{0,20}}(?<![\d.])(?:{digits})(?![\d.])", plain)
    return about and bound is not None


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda objective: objective.name)
def test_no_other_file_compares_with_the_threshold(objective: Objective) -> None:
    again = [where for where, line in source_lines() if writes_again(line, objective)]
    assert again == []


def test_the_band_of_polls_is_written_nowhere_else() -> None:
    written = re.compile(r"\b(25|35)[_,]?000\b")
    places = ("poll", "interval", "alerts")
    again = [
        where
        for where, line in source_lines()
        if written.search(line) and any(word in (where + line).lower() for word in places)
    ]
    assert again == []


def test_no_other_file_sets_a_target_ratio() -> None:
    written = re.compile(r"""target\w*["']?\s*[:=]\s*0?\.9\d*""", re.IGNORECASE)
    assert [where for where, line in source_lines() if written.search(line)] == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("ttfb", "if ttfb_ms < 300:"),
        ("ttfb", "const TTFB_LIMIT_MS = 300"),
        ("render", "assert render_total_ms < 1_000"),
        ("switch", "return switchLatencyMs < 200"),
        ("drilldown-clicks", "good = clicks <= 2"),
        ("api-latency", "MAX_API_LATENCY_MS = 100"),
    ],
)
def test_a_second_writing_would_be_found(name: str, line: str) -> None:
    objective = next(objective for objective in OBJECTIVES if objective.name == name)
    assert writes_again(line, objective)


def test_there_is_much_to_look_at() -> None:
    assert sum(1 for _ in source_lines()) > 5_000

"""The Superstore file's figures, worked out from it with pandas alone, no code of the project."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.imports.kinds import KINDS
from api.imports.loader import Origin
from api.imports.mapping import read_mapping
from api.imports.service import import_lines
from api.settings import Settings
from api.storage.engine import for_writing
from tests.integration.executive.conftest import Start

ROOT = Path(__file__).parents[3]

NOTHING_TO_COMPUTE_FROM = ("uptime", "nrr", "payback", "arr")


# query, window, values, values of the window before
FIGURES: list[tuple[str, tuple[str, str], dict[str, float], dict[str, float]]] = [
    (
        "as_of=2017-12-31&range=12m&granularity=month",
        ("2017-01-01", "2017-12-31"),
        {
            "revenue": 730889.7154,
            "backlog": 5159.6968,
            "gm": 0.126348576610,
            "book_to_bill": 1.003181793027,
            "coverage_months": 0.064472382995,
            "forecast": 94453.915288,
        },
        {"revenue": 611325.753, "backlog": 2834.157},
    ),
    (
        "as_of=2017-12-31&range=6m&granularity=month",
        ("2017-07-01", "2017-12-31"),
        {
            "revenue": 480177.3932,
            "backlog": 5159.6968,
            "gm": 0.114518125132,
            "book_to_bill": 0.991937625022,
            "coverage_months": 0.064472382995,
            "forecast": 94453.915288,
        },
        {"revenue": 250712.3222, "backlog": 9031.067},
    ),
    (
        "as_of=2017-11-15&range=6m&granularity=quarter",
        ("2017-04-01", "2017-09-30"),
        {
            "revenue": 334388.8708,
            "backlog": 2911.263,
            "gm": 0.131030445467,
            "book_to_bill": 0.986923778924,
            "coverage_months": 0.052237318659,
            "forecast": 206419.1952,
        },
        {"revenue": 359231.3815, "backlog": 7283.8058},
    ),
]


def test_the_ten_kpis_of_the_superstore(superstore: dict[str, dict[str, Any]]) -> None:
    for query, window, values, before in FIGURES:
        timeframe = superstore[query]["timeframe"]
        assert (timeframe["start_date"], timeframe["end_date"]) == window, query
        kpis = {kpi["key"]: kpi for kpi in superstore[query]["executiveKpis"]}
        for key, value in values.items():
            assert kpis[key]["value"] == pytest.approx(value, rel=1e-11), (query, key)
        for key, value in before.items():
            change = values[key] - value
            assert kpis[key]["deltaAbs"] == pytest.approx(change, rel=1e-9), (query, key)
            assert kpis[key]["delta"] == pytest.approx(change / value, rel=1e-9), (query, key)
        assert kpis["forecast"]["method"] == "trend"
        for key in NOTHING_TO_COMPUTE_FROM:
            assert (kpis[key]["value"], kpis[key]["reason"]) == (None, "no_data"), (query, key)


def test_the_last_points_of_the_superstores_trend(superstore: dict[str, dict[str, Any]]) -> None:
    months = superstore["as_of=2017-12-31&range=12m&granularity=month"]["revenueTrend"]
    assert len(months) == 12
    assert months[-1] == {
        "period": "2017-12", "recognized": 97053.459, "booked": 83829.3188, "backlog": 5159.6968,
    }  # fmt: skip
    quarters = superstore["as_of=2017-12-31&range=12m&granularity=quarter"]["revenueTrend"]
    assert [point["period"] for point in quarters] == ["2017-Q1", "2017-Q2", "2017-Q3", "2017-Q4"]
    assert quarters[-1] == {
        "period": "2017-Q4", "recognized": 277805.6332, "booked": 280054.067, "backlog": 5159.6968,
    }  # fmt: skip


def import_superstore(engine: Engine) -> None:
    """As a user does: with the importer and the mapping that is shipped."""
    orders = KINDS["orders"]
    mapping = read_mapping((ROOT / "mappings" / "superstore.yaml").read_bytes(), orders)
    origin = Origin("superstore.csv", "test", datetime(2024, 1, 1, tzinfo=UTC))
    with (
        (ROOT / "tests" / "data" / "superstore.csv").open(encoding="utf-8", newline="") as lines,
        Session(for_writing(engine)) as session,
    ):
        result = import_lines(session, Settings(), orders, lines, mapping, origin)
        session.commit()
    assert result.inserted == 9994


@pytest.fixture
def superstore(engine: Engine, start: Start) -> dict[str, dict[str, Any]]:
    """The screen's body by query."""
    import_superstore(engine)
    client = start()
    queries = (
        "as_of=2017-12-31&range=12m&granularity=month",
        "as_of=2017-12-31&range=6m&granularity=month",
        "as_of=2017-11-15&range=6m&granularity=quarter",
        "as_of=2017-12-31&range=12m&granularity=quarter",
    )
    return {query: client.get(f"/api/executive-dashboard?{query}").json() for query in queries}

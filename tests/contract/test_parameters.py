"""Parameters with values that are not allowed are refused with those that are."""

import pytest
from fastapi.testclient import TestClient

WITH_A_VIEW = [
    "/api/executive-dashboard",
    "/api/kpis/revenue",
    "/api/kpis/revenue.csv",
    "/api/kpis/revenue.xlsx",
    "/api/kpis/revenue/rows",
    "/api/kpis/revenue/rows.csv",
    "/api/kpis/revenue/rows.xlsx",
    "/api/drivers/revenue",
    "/api/export.csv",
    "/api/export.xlsx",
]


def _refusal(client: TestClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    detail: str = answer.json()["detail"]
    return detail


@pytest.mark.parametrize("path", WITH_A_VIEW)
@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        ("range=7m", ["range", "6m", "12m"]),
        ("range=", ["range", "6m", "12m"]),
        ("granularity=week", ["granularity", "month", "quarter"]),
        ("granularity=MONTH", ["granularity", "month", "quarter"]),
        ("as_of=yesterday", ["as_of", "2024-06-30"]),
        ("as_of=20240630", ["as_of", "2024-06-30"]),
        ("as_of=2024-02-30", ["as_of"]),
        ("as_of=2999-01-01", ["as_of", "1900-01-01"]),
    ],
)
def test_a_bad_view_is_refused_with_what_is_allowed(
    client: TestClient, path: str, query: str, allowed: list[str]
) -> None:
    detail = _refusal(client, f"{path}?{query}")
    for words in allowed:
        assert words in detail


@pytest.mark.parametrize("path", [*WITH_A_VIEW, "/api/alerts", "/api/slo", "/api/quality-gates"])
def test_a_parameter_that_does_not_exist_is_refused(client: TestClient, path: str) -> None:
    assert "rnage" in _refusal(client, f"{path}?rnage=6m")


@pytest.mark.parametrize("path", WITH_A_VIEW)
def test_a_parameter_given_twice_is_refused(client: TestClient, path: str) -> None:
    assert "once" in _refusal(client, f"{path}?range=6m&range=12m")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/api/slo?window=0d", "window"),
        ("/api/slo?window=31d", "window"),
        ("/api/slo?window=7", "window"),
        ("/api/quality-gates?days=0", "days"),
        ("/api/quality-gates?days=seven", "days"),
        ("/api/kpis/revenue?by=colour", "region"),
        ("/api/kpis/revenue.csv?by=colour", "region"),
        ("/api/kpis/revenue.csv?drivers_by=colour", "region"),
        ("/api/kpis/revenue/rows?page=0", "page"),
        ("/api/kpis/revenue/rows?sort=colour", "order_id"),
        ("/api/kpis/revenue/rows.csv?sort=--amount", "order_id"),
        (f"/api/kpis/revenue/rows?sort={'x' * 81}", "sort: String should have at most 80"),
        ("/api/kpis/revenue/rows.xlsx?sort=%00", "sort: String should match"),
        ("/api/kpis/revenue/rows?page_size=100000", "page_size"),
    ],
)
def test_other_bad_values_name_their_parameter(client: TestClient, path: str, words: str) -> None:
    assert words in _refusal(client, path)


@pytest.mark.parametrize(
    "path", ["/api/kpis/profit", "/api/kpis/profit.csv", "/api/drivers/profit", "/api/slo/speed"]
)
def test_what_does_not_exist_is_not_found(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"

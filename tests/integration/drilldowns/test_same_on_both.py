"""The same rows give the same answers on both databases, to the last character."""

from sqlalchemy import Engine

from api.storage.engine import open_engine
from tests.factories import add, order
from tests.integration.drilldowns.conftest import opened_client
from tests.integration.drilldowns.test_detail import ALL_METRICS, END
from tests.integration.drivers.company import Company

PATHS = [
    *(f"/api/kpis/{key}" for key in ALL_METRICS),
    *(f"/api/kpis/{key}/rows" for key in ALL_METRICS),
    *(f"/api/kpis/{key}/rows.csv" for key in ALL_METRICS),
    *(f"/api/drivers/{key}" for key in ALL_METRICS),
    "/api/kpis/revenue?by=product",
    "/api/kpis/gm?by=customer",
    "/api/kpis/pipeline?by=deal",
    "/api/kpis/revenue?region=North&segment=Consumer",
    "/api/kpis/gm/rows?product=Chair",
    *(f"/api/kpis/{key}.csv" for key in ALL_METRICS),
    "/api/kpis/revenue/rows?sort=product",
    "/api/kpis/revenue/rows.csv?sort=-product",
    "/api/kpis/uptime/rows?sort=-up_seconds",
    "/api/kpis/payback/rows?sort=amount",
    "/api/kpis/pipeline/rows?sort=win_rate",
    "/api/export.csv",
]


def test_both_databases_give_the_same_answers(sqlite_url: str, postgresql_url: str) -> None:
    answers = []
    for url in (sqlite_url, postgresql_url):
        engine = open_engine(url)
        given_rows(engine)
        engine.dispose()
        with opened_client(url) as client:
            found = {path: client.get(path, params={"as_of": END}) for path in PATHS}
        assert {answer.status_code for answer in found.values()} == {200}
        answers.append({path: answer.text for path, answer in found.items()})
    assert answers[0] == answers[1]


def given_rows(engine: Engine) -> None:
    """Rows whose order depends on how a database sorts letters, and the company's."""
    words = ("a", "B", "ä", "Z", "_", "-x", "Z z")
    add(
        engine,
        "orders",
        *(
            order("2025-05-01", 5, recognized_on="2025-05-02", product=word, order_id=f"{word}-1")
            for word in words
        ),
    )
    Company(engine, seed=31)

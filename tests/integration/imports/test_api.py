"""``POST /api/imports/{kind}``: the command's import over HTTP."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import IO

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api.app import create_app
from api.imports import routes
from api.imports.loader import SPOOL_BYTES
from api.imports.mapping import ColumnMapping
from api.settings import Settings
from tests.integration.imports.conftest import NOW, csv_text, rows_of

HEADER = ["order_id", "customer_id", "booked_on", "amount", "type", "note"]
ROW = ["O1", "C1", "2024-01-05", "5", "one_off", "hello"]
CSV = {"content-type": "text/csv; charset=utf-8"}
Counts = Callable[[], Mapping[str, int]]


def clock() -> datetime:
    return NOW


@pytest.fixture
def client(database_url: str, tmp_path: Path) -> Iterator[TestClient]:
    settings = Settings.model_validate({"database_url": database_url, "state_dir": tmp_path})
    app = create_app(settings, clock)
    with TestClient(app, "http://127.0.0.1", raise_server_exceptions=False) as opened:
        yield opened


def test_rows_are_imported(client: TestClient, engine: Engine) -> None:
    body = csv_text(HEADER, [ROW])
    answer = client.post("/api/imports/orders", content=body, headers=CSV)
    assert answer.status_code == 200
    assert answer.json() == {
        "import_id": 1,
        "inserted": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": 0,
        "errors": [],
        "ignored_columns": ["note"],
    }
    assert rows_of(engine, "orders")[0]["amount"] == 50_000
    (row,) = rows_of(engine, "imports")
    assert (row["actor"], row["filename"], row["imported_at"]) == ("local", "upload", NOW)


def test_a_disk_without_room_for_the_file_is_told_so_and_nothing_is_imported(
    client: TestClient, counts: Counts, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = counts()

    def full(max_size: int) -> IO[bytes]:
        assert max_size == SPOOL_BYTES
        return Path("/dev/full").open("r+b", buffering=0)

    monkeypatch.setattr(routes, "SpooledTemporaryFile", full)
    body = csv_text(HEADER, [ROW])
    answer = client.post("/api/imports/orders", content=body, headers=CSV)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert answer.json()["detail"] == "There is no room for the file now."
    monkeypatch.undo()
    assert counts() == before
    assert client.post("/api/imports/orders", content=body, headers=CSV).status_code == 200


def test_a_dry_run_writes_nothing(client: TestClient, counts: Counts) -> None:
    before = counts()
    body = csv_text(HEADER, [ROW])
    answer = client.post("/api/imports/orders?dry_run=true", content=body, headers=CSV)
    assert (answer.status_code, answer.json()["inserted"]) == (200, 1)
    assert answer.json()["import_id"] is None
    assert counts() == before


def test_a_file_has_a_name_and_a_mapping(client: TestClient, engine: Engine) -> None:
    mapping = """
    orders:
      columns: {order_id: "No", customer_id: Who, booked_on: Day, amount: Net}
      constants: {type: one_off}
      date_format: "%d/%m/%Y"
    customers:
      columns: {customer_id: Who}
    """
    body = csv_text(["No", "Who", "Day", "Net"], [["O1", "C1", "31/01/2024", "-5.5"]])
    query = {"filename": "März & Söhne=1.csv", "mapping": mapping}
    answer = client.post("/api/imports/orders", content=body, headers=CSV, params=query)
    assert (answer.status_code, answer.json()["inserted"]) == (200, 1)
    (stored,) = rows_of(engine, "orders")
    assert (stored["booked_on"], stored["amount"]) == (date(2024, 1, 31), -55_000)
    assert [row["filename"] for row in rows_of(engine, "imports")] == [query["filename"]]
    (audited,) = rows_of(engine, "audit_events")
    assert "orders from März & Söhne=1.csv: 1 inserted" in audited["detail"]
    as_json = {"orders": {"columns": {"order_id": "No"}}}  # JSON is YAML
    query = {"mapping": json.dumps(as_json)}
    answer = client.post("/api/imports/orders", content="No\n1\n", headers=CSV, params=query)
    assert answer.status_code == 400
    columns = [error["column"] for error in answer.json()["errors"]]
    assert columns == ["customer_id", "booked_on", "amount", "type"]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"filename": ""}, "filename"),
        ({"filename": "x" * 256}, "filename"),
        ({"filename": "a\nb.csv"}, "filename: allowed are printable characters"),
        ({"filename": "a\u202eb.csv"}, "filename: allowed are printable characters"),
        ({"mapping": ""}, "mapping: it must hold a section per kind"),
        ({"mapping": "[" * 5_000}, "mapping: it is not YAML"),
        ({"mapping": "x" * 6_001}, "mapping"),
        ({"mapping": "customers: {}"}, "mapping: it has no section for orders"),
        ({"mapping": "order: {}"}, "mapping: 'order' is not a kind; kinds are orders, "),
        ({"mapping": "orders: {columns: {price: Net}}"}, "mapping: orders has no field 'price'"),
        ({"mapping": "orders: {columns: {amount: 5}}"}, "orders.columns.amount: must be text"),
        ({"mapping": "orders: {constants: {type: gift}}"}, "mapping: orders.constants.type: "),
        (
            {"mapping": "orders: !!python/object/apply:os.system [ls]"},
            "mapping: tags (!) are not allowed",
        ),
        ({"mapping": "orders: {date_format: '%d'}"}, "date_format '%d' does not give whole dates"),
    ],
)
def test_a_name_or_a_mapping_that_is_none_is_refused_before_the_file_is_read(
    client: TestClient, counts: Counts, query: dict[str, str], says: str
) -> None:
    before = counts()
    body = csv_text(HEADER, [ROW])
    answer = client.post("/api/imports/orders", content=body, headers=CSV, params=query)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in answer.json()["detail"]
    assert counts() == before


def test_a_mapping_is_read_where_it_keeps_nobody_waiting(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: object) -> ColumnMapping:
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()
        return ColumnMapping()

    monkeypatch.setattr(routes, "read_mapping", read)
    body, query = csv_text(HEADER, [ROW]), {"mapping": "orders: {}"}
    answer = client.post("/api/imports/orders", content=body, headers=CSV, params=query)
    assert answer.status_code == 200


def test_bad_rows_are_a_problem_with_the_same_fields(client: TestClient, counts: Counts) -> None:
    before = counts()
    body = csv_text(HEADER, [ROW, ["O2", "C1", "2024-01-05", "five", "one_off", ""]])
    answer = client.post("/api/imports/orders", content=body, headers=CSV)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["rejected"] == 1
    assert problem["errors"] == [
        {"line": 3, "column": "amount", "reason": "'five' is not an amount such as 1234.56"}
    ]
    assert problem["ignored_columns"] == ["note"]
    assert "line 3, amount: 'five' is not an amount" in problem["detail"]
    assert counts() == before


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        ("order", "x", CSV, 404),
        ("orders", "x", {"content-type": "application/json"}, 415),
        ("orders", "x", {"content-type": ""}, 415),
        ("orders", "x", {**CSV, "content-encoding": "gzip"}, 415),
        ("orders", "", CSV, 400),
        ("orders", b"\xff\xfe", CSV, 400),
        ("orders?dry_run=perhaps", "x", CSV, 400),
    ],
)
def test_what_cannot_be_imported_is_a_problem(
    client: TestClient, path: str, body: str | bytes, headers: dict[str, str], status: int
) -> None:
    answer = client.post(f"/api/imports/{path}", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_that_is_too_large_is_refused_while_it_is_read(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, counts: Counts
) -> None:
    monkeypatch.setattr(routes, "MAX_UPLOAD_BYTES", 1_000)
    before = counts()

    def endless() -> Iterator[bytes]:
        yield (",".join(HEADER) + "\n").encode()
        for number in range(200):
            yield f"O{number},C1,2024-01-05,5,one_off,\n".encode()

    answer = client.post("/api/imports/orders", content=endless(), headers=CSV)
    assert answer.status_code == 413
    assert "at most 1,000 bytes" in answer.json()["detail"]
    assert counts() == before

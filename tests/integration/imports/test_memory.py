"""An import's memory does not grow with its file, and one after another leave nothing behind."""

import gc
import tracemalloc
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, Table
from sqlalchemy.orm import Session
from sqlalchemy.sql.cache_key import CacheKey

from api.imports import loader, reader
from api.imports.kinds import ORDERS
from api.imports.loader import Origin
from api.imports.mapping import ColumnMapping
from api.storage.engine import for_writing, open_engine
from tests.integration.imports.conftest import NOW, Import, csv_text


def lines(rows: int) -> Iterator[str]:
    yield "order_id,customer_id,booked_on,amount,type\n"
    for number in range(rows):
        yield f"O{number},C{number},2024-01-{number % 28 + 1:02},{number}.25,one_off\n"


def test_three_times_the_rows_take_no_more_memory(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "BATCH_ROWS", 500)
    monkeypatch.setattr(loader, "SPOOL_BYTES", 50_000)
    monkeypatch.setattr(reader, "MAX_KNOWN_VALUES", 100)
    engine = open_engine(sqlite_url)

    def peak_bytes(rows: int) -> int:
        tracemalloc.start()
        with Session(for_writing(engine)) as session:
            origin = Origin("orders.csv", "local", NOW)
            with loader.staged_file(session, ORDERS, lines(rows), ColumnMapping()) as file:
                result = loader.merge_file(session, file, origin)
        assert result.inserted == rows
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak_bytes(1_000)  # what is made once, such as compiled statements
    small, large = peak_bytes(6_000), peak_bytes(18_000)
    assert large < small + 200_000
    engine.dispose()


def test_another_import_of_a_kind_leaves_no_table_and_no_statement_behind(
    run: Import, engine: Engine
) -> None:
    kept = []
    for number in range(6):
        run(
            "orders",
            csv_text(
                ["order_id", "customer_id", "booked_on", "amount", "type"],
                [[f"O{number}", "C1", "2024-01-05", "1", "one_off"]],
            ),
        )
        gc.collect()
        things = gc.get_objects()
        kept.append([sum(isinstance(one, kind) for one in things) for kind in (Table, CacheKey)])
    assert kept[-1] == kept[2]

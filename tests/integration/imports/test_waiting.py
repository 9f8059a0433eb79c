"""Reading and staging a file keeps nobody waiting, and fails for nothing that others write."""

from collections.abc import Iterator

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from api.imports.kinds import KINDS
from api.imports.loader import Origin, staged_file
from api.imports.mapping import ColumnMapping
from api.imports.service import import_lines
from api.settings import Settings
from api.storage.engine import for_writing
from api.storage.tables import orders
from tests.factories import add, order
from tests.integration.imports.conftest import NOW
from tests.integration.ingest.events import event, store_of

HEADER = "order_id,customer_id,booked_on,amount,type\n"


def rows(engine: Engine) -> Iterator[str]:
    """A file whose every line is read while others write."""
    yield HEADER
    for number in range(3):
        add(engine, "orders", order("2024-01-05", order_id=f"theirs-{number}"))
        store_of(engine).append([event()])
        yield f"ours-{number},C,2024-01-05,5,one_off\n"


def test_others_write_while_a_file_is_read(engine: Engine) -> None:
    origin, settings = Origin("orders.csv", "local", NOW), Settings.model_construct()
    with Session(for_writing(engine)) as session:
        result = import_lines(
            session, settings, KINDS["orders"], rows(engine), ColumnMapping(), origin
        )
        session.commit()
    assert result.inserted == 3
    with engine.connect() as connection:
        assert len(connection.execute(select(orders.c.order_id)).all()) == 6


def test_others_write_while_a_file_is_staged(engine: Engine) -> None:
    lines = [HEADER, "ours,C,2024-01-05,5,one_off\n"]
    with (
        Session(for_writing(engine)) as session,
        staged_file(session, KINDS["orders"], lines, ColumnMapping()) as file,
    ):
        store_of(engine).append([event()])
        add(engine, "orders", order("2024-01-05", order_id="ours"))
        found = session.execute(select(orders.c.order_id)).scalars().all()
        assert found == ["ours"]  # what was written meanwhile is seen
        assert file.kind is KINDS["orders"]

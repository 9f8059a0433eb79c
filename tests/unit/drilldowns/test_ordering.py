"""Text is ordered by its characters' codes on every database."""

import pytest
from sqlalchemy import make_url, select

from api.storage.ordering import by_code
from api.storage.tables import orders


@pytest.mark.parametrize(
    ("url", "order"),
    [
        # A server's own locale may put "ä" before "B"; the test servers' does not.
        ("postgresql+psycopg://", 'orders.order_id COLLATE "C"'),
        ("sqlite://", "orders.order_id"),  # SQLite compares codes anyway
    ],
)
def test_the_order_does_not_depend_on_the_servers_locale(url: str, order: str) -> None:
    statement = select(orders.c.amount).order_by(by_code(orders.c.order_id))
    assert str(statement.compile(dialect=make_url(url).get_dialect()())).endswith(
        f"ORDER BY {order}"
    )

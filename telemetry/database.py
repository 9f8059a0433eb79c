"""Measures SQL statements where every engine passes them."""

from collections.abc import Callable
from time import perf_counter

from sqlalchemy import Connection, Engine, event

STARTED, SPENT = "statement_started", "statement_seconds"
OPERATIONS = frozenset({"select", "insert", "update", "delete", "begin"})


def measure_statements(engine: Engine, observe: Callable[[str, float], None]) -> None:
    """Call ``observe(operation, duration_seconds)`` after each statement that succeeds.

    What a connection spent in statements is also added up: ``seconds_spent`` tells it.
    """

    def before(connection: Connection, *_rest: object) -> None:
        connection.info[STARTED] = perf_counter()

    def after(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        duration_seconds = perf_counter() - connection.info.pop(STARTED)
        connection.info[SPENT] = seconds_spent(connection) + duration_seconds
        operation = statement.split(maxsplit=1)[0].lower()
        observe(operation if operation in OPERATIONS else "other", duration_seconds)

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)


def seconds_spent(connection: Connection) -> float:
    """The time in statements so far, of the measured engine's connection that this one stands for.

    It is the database's alone: not the ORM's, nor the driver's to fetch rows.
    """
    spent: float = connection.info.get(SPENT, 0.0)
    return spent

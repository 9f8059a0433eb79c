"""Measures SQL statements where every engine passes them."""

from collections.abc import Callable
from time import perf_counter

from sqlalchemy import Connection, Engine, event

OPERATIONS = frozenset({"select", "insert", "update", "delete", "begin"})


def measure_statements(engine: Engine, observe: Callable[[str, float], None]) -> None:
    """Call ``observe(operation, duration_seconds)`` after each statement that succeeds."""

    def before(connection: Connection, *_rest: object) -> None:
        connection.info["statement_started"] = perf_counter()

    def after(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        duration_seconds = perf_counter() - connection.info.pop("statement_started")
        operation = statement.split(maxsplit=1)[0].lower()
        observe(operation if operation in OPERATIONS else "other", duration_seconds)

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)

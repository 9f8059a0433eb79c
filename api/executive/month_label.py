"""``YYYY-MM`` of a date column, in SQL."""

from datetime import date
from typing import Any

from sqlalchemy import Column, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class month_label(FunctionElement[str]):  # noqa: N801 - reads as the SQL function it is
    """The month of a date as ``YYYY-MM``; NULL stays NULL."""

    type = String()
    inherit_cache = True

    def __init__(self, column: Column[date]) -> None:
        super().__init__(column)


@compiles(month_label, "sqlite")
def _on_sqlite(element: month_label, compiler: SQLCompiler, **how: Any) -> str:
    return f"substr({compiler.process(element.clauses, **how)}, 1, 7)"


@compiles(month_label, "postgresql")
def _on_postgresql(element: month_label, compiler: SQLCompiler, **how: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **how)}, 'YYYY-MM')"

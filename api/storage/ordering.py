"""Order of text that is the same on every database: by its characters' codes."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class by_code(FunctionElement[str]):  # noqa: N801 - reads as the function it is in SQL
    """A text column, to be ordered by; PostgreSQL's own order depends on its locale."""

    inherit_cache = True
    type = String()


@compiles(by_code)
def _plain(element: by_code, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(by_code, "postgresql")
def _collated(element: by_code, compiler: SQLCompiler, **options: Any) -> str:
    return f'{compiler.process(element.clauses, **options)} COLLATE "C"'

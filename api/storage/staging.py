"""Fills a temporary table with many rows, each engine by its fastest way."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

import psycopg
import psycopg.sql
from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert

StagedValue = str | int | None

_SCHEMAS = {"sqlite": "temp", "postgresql": "pg_temp"}
SQLITE_CACHE_KIB = 32 * 1024


@lru_cache(maxsize=64)  # statements about another table are compiled and kept once more
def staging_table(target: Table, columns: tuple[str, ...]) -> Table:
    """A temporary table with some of ``target``'s columns and the file's line of each row.

    The same one each time: many connections may each have their own of that name.
    """
    return Table(
        f"staged_{target.name}",
        MetaData(),
        Column("line", Integer, nullable=False),
        *(Column(name, target.c[name].type) for name in columns),
        prefixes=["TEMPORARY"],
    )


@contextmanager
def staged(
    connection: Connection, table: Table, batches: Iterable[Sequence[Sequence[StagedValue]]]
) -> Iterator[None]:
    """``table``, created and filled with rows whose values are as the database stores them.

    It is taken away at the end, or by the rollback that follows an error.
    """
    with _room_for_indexes(connection):
        # Without a schema SQLite would look for it in the file, too, and so begin to read that.
        connection.exec_driver_sql(
            f"DROP TABLE IF EXISTS {_SCHEMAS[connection.dialect.name]}.{table.name}"
        )
        table.create(connection)
        if connection.dialect.name == "postgresql":
            _copy(connection, table, batches)
            connection.exec_driver_sql(f"ANALYZE {table.name}")  # nothing else would plan well
        else:
            _insert(connection, table, batches)
        yield
        table.drop(connection)


@contextmanager
def _room_for_indexes(connection: Connection) -> Iterator[None]:
    """SQLite's own 2 MB of cache would read and write index pages again and again."""
    if connection.dialect.name != "sqlite":
        yield
        return
    usual = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{SQLITE_CACHE_KIB}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {usual}")


def _copy(
    connection: Connection, table: Table, batches: Iterable[Sequence[Sequence[StagedValue]]]
) -> None:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    statement = psycopg.sql.SQL("COPY {} ({}) FROM STDIN").format(
        psycopg.sql.Identifier(table.name),
        psycopg.sql.SQL(", ").join(psycopg.sql.Identifier(column.name) for column in table.c),
    )
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for batch in batches:
            for row in batch:
                copy.write_row(row)


def _insert(
    connection: Connection, table: Table, batches: Iterable[Sequence[Sequence[StagedValue]]]
) -> None:
    # Past SQLAlchemy: the values need none of its conversions, and there are millions.
    statement = str(insert(table).compile(connection))
    cursor = connection.connection.cursor()
    try:
        for batch in batches:
            cursor.executemany(statement, batch)
    finally:
        cursor.close()

"""What a run sees of a PostgreSQL server on the same machine."""

import psycopg

from loadtests import databases
from tests.program import until


def test_the_log_and_the_processor_time_of_postgresql_grow_as_it_works(
    postgresql_server: str,
) -> None:
    before = databases.read(postgresql_server)
    with psycopg.connect(postgresql_server) as connection:
        connection.execute(
            "CREATE TEMPORARY TABLE work AS SELECT md5(n::text) FROM generate_series(1, 300000) n"
        )
    worked = before["database_cpu_seconds"] + 0.05

    def is_counted() -> bool:  # once its process has ended and the server has noticed
        return databases.read(postgresql_server)["database_cpu_seconds"] >= worked

    until(is_counted, "the processor time of a process that ended")
    assert before["wal_bytes"] >= 2**20  # a segment at least


def test_a_server_that_does_not_answer_says_nothing() -> None:
    assert databases.read("postgresql://127.0.0.1:1/none") == {}
    assert databases.read("") == {}

"""What is seen of a local service's database: its write-ahead log, and its server's processes."""

from contextlib import suppress
from pathlib import Path

import psutil
import psycopg

CONNECT_SECONDS = 5
# Segments that are made ready for later are no log yet.
ASKED = """
SELECT pg_backend_pid(), array_agg(pid), (
  SELECT coalesce(sum(size), 0) FROM pg_ls_waldir()
  WHERE name <= pg_walfile_name(pg_current_wal_lsn()))
FROM pg_stat_activity
"""


def read(database: str) -> dict[str, float]:
    """A reading of an SQLite file, or of the PostgreSQL server at an address, as far as known."""
    if not database:
        return {}
    return _postgresql(database) if is_address(database) else _sqlite(Path(database))


def is_address(database: str) -> bool:
    """Whether it is the address of a PostgreSQL server, and no file."""
    return database.startswith(("postgresql://", "postgres://"))


def _sqlite(database: Path) -> dict[str, float]:
    try:
        return {"wal_bytes": database.with_name(f"{database.name}-wal").stat().st_size}
    except FileNotFoundError:  # the last connection closed, and took its log away
        return {"wal_bytes": 0}
    except OSError:
        return {}


def _postgresql(address: str) -> dict[str, float]:
    try:
        with psycopg.connect(address, connect_timeout=CONNECT_SECONDS) as connection:
            found = connection.execute(ASKED).fetchone()
            assert found is not None
            own, processes, log_bytes = found
            return {"wal_bytes": float(log_bytes), **_processor(own, processes)}
    except (psycopg.Error, psutil.Error):
        return {}


def _processor(own: int, processes: list[int]) -> dict[str, float]:
    """Processor time of all processes of a server on this machine, of those that ended too."""
    server = psutil.Process(own).parent()
    if server is None or server.name() != "postgres":
        return {}  # the number is another machine's
    ended = server.cpu_times()
    seconds = ended.children_user + ended.children_system
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            times = psutil.Process(process).cpu_times()
            seconds += times.user + times.system
    return {"database_cpu_seconds": seconds}

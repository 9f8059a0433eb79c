"""One first answer of the first screen, timed: ``python -m ... DATABASE_URL``. Prints JSON."""

import gc
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from api.calendar import Granularity, Range, yesterday
from api.data_version import DataVersion
from api.executive.snapshot import Snapshots
from api.executive.view import View
from api.settings import Settings
from api.storage.engine import open_engine
from telemetry.database import measure_statements
from telemetry.metrics import Metrics


def main(url: str, folder: Path) -> None:
    """The way a request goes; ``database_ms`` is what its Server-Timing says."""
    engine = open_engine(url)
    statements: list[float] = []
    measure_statements(engine, lambda _operation, seconds: statements.append(seconds))
    settings, now = Settings(database_url=url, state_dir=folder), datetime.now(UTC)
    view = View(Range.TWELVE_MONTHS, Granularity.MONTH, yesterday(now, settings.timezone), 1)
    snapshots = Snapshots(engine, settings, Metrics("0"), DataVersion(engine))
    gc.collect()  # as the service does when it starts
    gc.freeze()
    started = perf_counter()
    served = snapshots.serve(view, now)
    found = {
        "answer_ms": (perf_counter() - started) * 1000,
        "database_ms": served.database_seconds * 1000,
        "statements": len(statements),
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as state:
        main(sys.argv[1], Path(state))

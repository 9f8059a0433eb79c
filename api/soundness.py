"""Whether what the database holds agrees with itself."""

from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.imports import trend
from api.settings import Settings
from api.slo_commands import differing_rollups
from api.storage.integrity import storage_faults
from api.storage.migrate import current_revision, newest_revision

MAX_LISTED_PERIODS = 12


def faults(engine: Engine, settings: Settings, now: datetime) -> list[str]:
    """What is wrong with the database, a sentence each; nothing when it is sound."""
    revision, newest = current_revision(engine), newest_revision()
    if revision != newest:
        return [f"the schema is {revision or 'empty'}, this program needs {newest}"]
    found = storage_faults(engine)
    with Session(engine) as session:
        if periods := trend.differences(session):
            listed = ", ".join(periods[:MAX_LISTED_PERIODS])
            found.append(f"revenue_trend is not what the orders say for {listed}")
    return found + [
        f"the rollup of objective {name} is not what the stored events say"
        for name in differing_rollups(engine, settings, now)
    ]

"""Gives the commands ``execdash slo`` what belongs to this service: its stored events."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from api.app import utc_now
from api.commands import read_settings
from api.storage.engine import open_engine
from slo import rollup
from slo.cli import create_cli
from slo.measurements import Measurement, Unreachable
from slo.objective import Objective
from slo.windows import window_start


class StoredEvents:
    """The hourly counts of a rolling window, from the database that the settings name."""

    name = "rum"

    def __init__(self, window_days: int) -> None:
        self._window_days = window_days

    def measure(self, objectives: Sequence[Objective]) -> Mapping[str, Measurement]:
        """Read the counts and percentiles of each objective. Raises Unreachable."""
        engine = open_engine(read_settings().database_url)
        try:
            with engine.connect() as connection:
                return {one.name: self._measure(connection, one) for one in objectives}
        except DBAPIError as error:
            reason = str(error.orig).strip().splitlines()[0]
            raise Unreachable(f"the stored events cannot be read: {reason}") from error
        finally:
            engine.dispose()

    def _measure(self, connection: Connection, objective: Objective) -> Measurement:
        now = utc_now()
        first = rollup.hour_number(window_start(now, self._window_days))
        last = rollup.hour_number(now)
        (counts,) = rollup.counts_since(connection, objective, [first], last)
        samples = rollup.distribution(connection, objective, first, last)
        return Measurement(*counts, samples.percentile(95), samples.percentile(99))


slo_app = create_cli(StoredEvents)

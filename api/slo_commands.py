"""Gives the commands ``execdash slo`` what belongs to this service: its stored events."""

from collections.abc import Mapping, Sequence

from sqlalchemy.exc import DBAPIError

from api.app import utc_now
from api.commands import read_settings
from api.storage.engine import open_engine
from slo.cli import create_cli
from slo.measurements import Measurement, Unreachable
from slo.objective import Objective
from slo.sources.rum import measure
from telemetry.metrics import RUM_INSTRUMENTS


class StoredEvents:
    """The hourly counts of a rolling window, from the database that the settings name."""

    name = "rum"

    def __init__(self, window_days: int) -> None:
        self._window_days = window_days

    def measure(self, objectives: Sequence[Objective]) -> Mapping[str, Measurement]:
        """Read the counts and percentiles of each objective. Raises Unreachable."""
        now, days = utc_now(), self._window_days
        engine = open_engine(read_settings().database_url)
        try:
            with engine.connect() as connection:
                return {one.name: measure(connection, one, now, days) for one in objectives}
        except DBAPIError as error:
            reason = str(error.orig).strip().splitlines()[0]
            raise Unreachable(f"the stored events cannot be read: {reason}") from error
        finally:
            engine.dispose()


def dashboard_files(objectives: Sequence[Objective]) -> dict[str, str]:
    """Every Grafana dashboard by file name. Raises ModuleNotFoundError without its generator."""
    # The generator is a tool for those who change dashboards; the service runs without it.
    from slo.dashboards import (  # noqa: PLC0415 - see above
        Instruments,
        RumInstrument,
        dashboards,
    )

    rum = {
        key: RumInstrument(one.name, one.help.rstrip("."), one.divisor)
        for key, one in RUM_INSTRUMENTS.items()
    }
    return dashboards(
        objectives,
        Instruments(
            build_info="execdash_build_info",
            http_duration="http_request_duration_seconds",
            http_in_flight="http_requests_in_flight",
            statement_duration="db_statement_duration_seconds",
            commit_duration="ingest_commit_duration_seconds",
            commit_events="ingest_commit_events",
            events_received="ingest_events_received",
            events_accepted="ingest_events_accepted",
            events_duplicates="ingest_events_duplicates",
            events_rejected="ingest_events_rejected",
            events_shed="ingest_events_shed",
            events_in_flight="ingest_events_in_flight",
            requests_unparsed="ingest_requests_unparsed",
            rum=rum,
        ),
    )


slo_app = create_cli(StoredEvents, dashboard_files)

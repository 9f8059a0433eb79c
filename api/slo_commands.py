"""Gives the commands ``execdash slo`` what belongs to this service: its stored events."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from fractions import Fraction

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from api.app import utc_now
from api.auth.permissions import PAGES
from api.commands import read_settings
from api.ingest.own_samples import EVENT_TYPE as OWN_EVENT_TYPE
from api.ingest.vocabulary import EVENT_TYPES, MEASURED_TYPES, METRIC_LIMITS
from api.reliability.releases import releases
from api.settings import Settings
from api.storage import event_reads
from api.storage.engine import open_engine
from api.storage.event_store_expiry import start_of
from slo.cli import ChooseHours, create_cli
from slo.lint import Measured
from slo.measurements import Measurement, Unreachable
from slo.objective import Objective, Threshold
from slo.objectives import load_objectives
from slo.policy_commands import Minutes, Stored, add_policy_commands, minute_number
from slo.releases import Releases
from slo.rollup import Counts, hour_number, hour_start
from slo.rollup_conditions import Condition
from slo.rollup_distributions import distribution
from slo.sources.rum import measure
from slo.verification import Verification, verify
from slo.windows import window_start
from telemetry.metrics import HTTP_BOUNDS_SECONDS, RUM_INSTRUMENTS


class StoredEvents:
    """The hourly counts of a rolling window, from the database that the settings name."""

    name = "rum"

    def __init__(self, window_days: int) -> None:
        self._window_days = window_days

    def measure(self, objectives: Sequence[Objective]) -> Mapping[str, Measurement]:
        """Read the counts and percentiles of each objective. Raises Unreachable."""
        now, days = utc_now(), self._window_days
        with _stored(read_settings().database_url) as connection:
            return {one.name: measure(connection, one, now, days) for one in objectives}


class StoredRawEvents:
    """Single events of browsers; implements ``RawEvents``.

    Events received before ``raw_before`` may be deleted.
    """

    def __init__(self, raw_before: date) -> None:
        # An event is received after its hour began, but for clocks that are a little ahead.
        self.kept_from = hour_number(start_of(raw_before)) + 1

    def keeps(self, event_type: str) -> bool:
        """Browsers send it: the service's own answers are only counted."""
        return event_type in EVENT_TYPES

    def hourly_counts(
        self, connection: Connection, condition: Condition, threshold: Threshold, hours: range
    ) -> Mapping[int, Counts]:
        """Good and all samples of each hour."""
        return event_reads.good_and_all(
            connection,
            condition.metric,
            [condition.event_type],
            threshold,
            hour_start(hours.start),
            hour_start(hours.stop),
            seconds=3600,
        )

    def at_ranks(
        self,
        connection: Connection,
        objective: Objective,
        since: datetime,
        until: datetime,
        ranks: Collection[int],
    ) -> Mapping[int, float]:
        """The samples at these places of their order."""
        return event_reads.at_ranks(connection, objective, since, until, ranks)


def verify_stored(
    objectives: Sequence[Objective], choose_hours: ChooseHours
) -> tuple[range, list[Verification]]:
    """Hold the rollup against the stored events. Raises Unreachable."""
    settings, now = read_settings(), utc_now()
    hours = choose_hours(now)
    raw = StoredRawEvents(now.date() - timedelta(days=settings.raw_retention_days))
    with _stored(settings.database_url) as connection:
        return hours, [verify(connection, raw, one, hours) for one in objectives]


def by_release(objectives: Sequence[Objective], days: int, release: str | None) -> list[Releases]:
    """Each objective by release, or of one release. Raises Unreachable."""
    now = utc_now()
    with _stored(read_settings().database_url) as connection:
        return [releases(connection, one, now, days, release) for one in objectives]


def differing_rollups(engine: Engine, settings: Settings, now: datetime) -> list[str]:
    """Objectives whose rollup is not what the events that are still stored say."""
    raw_before = now.date() - timedelta(days=settings.raw_retention_days)
    raw = StoredRawEvents(raw_before)
    hours = range(raw.kept_from, hour_number(now) + 2)
    with engine.connect() as connection:
        found = [verify(connection, raw, one, hours) for one in load_objectives()]
    return [one.objective.name for one in found if one.holds is False]


@contextmanager
def _stored(database_url: str) -> Iterator[Connection]:
    """One transaction on the database, which sees one state. Raises Unreachable."""
    engine = open_engine(database_url, patient=True)
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise Unreachable("the stored events", f"cannot be read: {reason}") from error
    finally:
        engine.dispose()


def dashboard_files(objectives: Sequence[Objective]) -> dict[str, str]:
    """Every Grafana dashboard by file name. Raises ModuleNotFoundError without its generator."""
    # The generator is a tool for those who change dashboards; the service runs without it.
    from slo.boards import Instruments, RumInstrument  # noqa: PLC0415 - see above
    from slo.dashboards import dashboards  # noqa: PLC0415 - see above

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
            pages=PAGES,
        ),
    )


def measured() -> Measured:
    """What this service measures, with the buckets that its own file of objectives gives it."""
    own = {"api_status_code": (OWN_EVENT_TYPE,), "api_latency_ms": (OWN_EVENT_TYPE,)}
    bounds = {
        key: {bound * one.divisor for bound in one.bounds} for key, one in RUM_INSTRUMENTS.items()
    }
    bounds["api_latency_ms"] = {bound * 1000 for bound in HTTP_BOUNDS_SECONDS}
    for objective in load_objectives():
        if objective.metric in bounds:
            bounds[objective.metric] |= {*objective.threshold.bounds}
    return Measured({**dict.fromkeys(METRIC_LIMITS, MEASURED_TYPES), **own}, bounds)


def events_a_day(objectives: Sequence[Objective], days: int) -> dict[str, Fraction]:
    """How many samples of each objective came a day, under any threshold. Raises Unreachable."""
    now = utc_now()
    first, last = hour_number(window_start(now, days)), hour_number(now)
    with _stored(read_settings().database_url) as connection:
        return {
            each.name: Fraction(distribution(connection, each, first, last).count, days)
            for each in objectives
        }


def by_minute(objective: Objective, days: int) -> Minutes | None:
    """Single events by minute; None for the service's own answers. Raises Unreachable.

    They reach back before the days by the longest window that an alert looks at.
    """
    if not set(objective.event_types) <= set(EVENT_TYPES):
        return None
    now = utc_now()
    since = window_start(now, days)
    with _stored(read_settings().database_url) as connection:
        counts = event_reads.good_and_all(
            connection,
            objective.metric,
            objective.event_types,
            objective.threshold,
            since - objective.longest_alert_window,
            now,
            seconds=60,
        )
    return Minutes(range(minute_number(since), minute_number(now) + 1), counts)


slo_app = create_cli(StoredEvents, by_release, verify_stored, dashboard_files)
add_policy_commands(slo_app, Stored(measured, events_a_day, by_minute))

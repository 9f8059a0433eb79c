"""Building blocks of the dashboards: queries, panels and lines, each one way only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard as dashboard_builders
from grafana_foundation_sdk.builders import prometheus, stat, table, tempo, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import GraphThresholdsStyleMode
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    DynamicConfigValue,
    Threshold,
    ThresholdsMode,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat
from grafana_foundation_sdk.models.tempo import SearchTableType

PROMETHEUS = DataSourceRef("prometheus", "prometheus")
POSTGRESQL = DataSourceRef("grafana-postgresql-datasource", "postgresql")
TEMPO = DataSourceRef("tempo", "tempo")

GOOD, WARNING, BAD = "green", "orange", "red"
MOST_TRACES = 200
HEIGHT, FULL_WIDTH, HALF_WIDTH, THIRD_WIDTH = 8, 24, 12, 8


class SqlQuery(Dataquery):
    """One SQL statement; the SDK has no type for PostgreSQL's queries."""

    def __init__(self, sql: str, ref_id: str, shape: str) -> None:
        self._sql = sql
        self._ref_id = ref_id
        self._shape = shape

    def to_json(self) -> dict[str, object]:
        """Give the fields that Grafana's PostgreSQL plug-in reads."""
        return {
            "refId": self._ref_id,
            "datasource": POSTGRESQL,
            "editorMode": "code",
            "format": self._shape,
            "rawQuery": True,
            "rawSql": self._sql,
        }


class Sql(Builder[SqlQuery]):
    """Builds one SQL statement, of a time series or of a table."""

    def __init__(self, sql: str, ref_id: str = "A", shape: str = "time_series") -> None:
        self._query = SqlQuery(sql, ref_id, shape)

    def build(self) -> SqlQuery:
        """Give the query."""
        return self._query


@dataclass(frozen=True)
class Look:
    """How a panel shows its numbers. ``steps`` colours values from each bound upwards.

    ``exceptions`` are options of those series or columns whose name a regular expression matches.
    """

    unit: str = "short"
    width: int = HALF_WIDTH
    base_colour: str = "text"
    steps: tuple[tuple[float, str], ...] = ()
    description: str = ""
    decimals: int | None = None
    exceptions: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


def prom(expression: str, legend: str = "", *, exemplars: bool = False) -> prometheus.Dataquery:
    """One PromQL query over the panel's time range."""
    query = prometheus.Dataquery().expr(expression).legend_format(legend or "__auto").range()
    return query.exemplar(True) if exemplars else query


def prom_now(expression: str, legend: str = "") -> prometheus.Dataquery:
    """One PromQL query at the end of the panel's time range."""
    return prometheus.Dataquery().expr(expression).legend_format(legend or "__auto").instant()


def lines(title: str, look: Look, *queries: prometheus.Dataquery) -> timeseries.Panel:
    """Lines over time; a line with a colour step is drawn at each of the look's bounds."""
    panel = timeseries.Panel().datasource(PROMETHEUS)
    drawn: timeseries.Panel = _targets(_lined(_dressed(panel, title, look), look), queries)
    return drawn


def sql_lines(title: str, look: Look, sql: Mapping[str, str]) -> timeseries.Panel:
    """Lines over time, straight from the database."""
    panel = timeseries.Panel().datasource(POSTGRESQL)
    queries = [Sql(text, ref_id) for ref_id, text in sql.items()]
    drawn: timeseries.Panel = _targets(_lined(_dressed(panel, title, look), look), queries)
    return drawn


def numbers(title: str, look: Look, *queries: prometheus.Dataquery) -> stat.Panel:
    """Large numbers, one for each series."""
    panel = _dressed(stat.Panel().datasource(PROMETHEUS), title, look)
    last = common_builders.ReduceDataOptions().calcs(["lastNotNull"])
    drawn: stat.Panel = _targets(panel.reduce_options(last), queries)
    return drawn


def rows(title: str, look: Look, *queries: prometheus.Dataquery) -> table.Panel:
    """A table of the current values, one row for each series."""
    panel = _dressed(table.Panel().datasource(PROMETHEUS), title, look)
    listed = [query.format(PromQueryFormat.TABLE) for query in queries]
    drawn: table.Panel = _targets(panel, listed)
    return drawn


def sql_rows(title: str, look: Look, sql: str) -> table.Panel:
    """A table, straight from the database."""
    panel = _dressed(table.Panel().datasource(POSTGRESQL), title, look)
    drawn: table.Panel = _targets(panel, [Sql(sql, shape="table")])
    return drawn


def slow_traces(title: str, look: Look, query: str) -> table.Panel:
    """Traces found by TraceQL, the longest first, each a link to its spans.

    Tempo gives the first that it finds, in no order: the limit is far above what is looked at.
    """
    panel = _dressed(table.Panel().datasource(TEMPO), title, look)
    longest_first = common_builders.TableSortByFieldState().display_name("Duration").desc(True)
    search = tempo.TempoQuery().query_type("traceql").query(query).limit(MOST_TRACES).ref_id("A")
    searched = search.table_type(SearchTableType.TRACES).datasource(TEMPO)
    drawn: table.Panel = _targets(panel.sort_by([longest_first]), [searched])
    return drawn


def _dressed(panel: Any, title: str, look: Look) -> Any:
    """The SDK's panels share these calls and no type."""
    steps = [Threshold(None, look.base_colour), *(Threshold(v, c) for v, c in look.steps)]
    config = dashboard_builders.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)
    panel = panel.title(title).unit(look.unit).span(look.width).height(HEIGHT).thresholds(config)
    if look.decimals is not None:
        panel = panel.decimals(look.decimals)
    for names, options in look.exceptions.items():
        values = [DynamicConfigValue(option, value) for option, value in options.items()]
        panel = panel.override_by_regexp(names, values)
    return panel.description(look.description) if look.description else panel


def _lined(panel: Any, look: Look) -> Any:
    if not look.steps:
        return panel
    style = common_builders.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED)
    return panel.thresholds_style(style)


def _targets(panel: Any, queries: Iterable[Builder[Dataquery]]) -> Any:
    for query, ref_id in zip(_listed(queries), ascii_uppercase, strict=False):
        target = query.ref_id(ref_id) if isinstance(query, prometheus.Dataquery) else query
        panel = panel.with_target(target)
    return panel


def _listed(queries: Iterable[Builder[Dataquery]]) -> Sequence[Builder[Dataquery]]:
    listed = list(queries)
    assert len(listed) <= len(ascii_uppercase), "a panel with more queries than names for them"
    return listed

"""The part of OpenSLO v1 that this service understands, as models of its documents.

Whatever else OpenSLO allows is refused by name rather than read and ignored. The two-sided band,
the shown windows, the alert tiers and maintenance have no place in OpenSLO v1: they are annotations
under ``execdash/``, checked as strictly as the rest.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

ANNOTATION_PREFIX = "execdash/"
SOURCES = ("rum", "prometheus", "locust", "browser", "http")

Name = Annotated[str, Field(max_length=63, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
Key = Annotated[str, Field(max_length=63, pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, Field(min_length=1, max_length=1050)]
Duration = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,4}[mhdw]$")]


def _number(given: Any) -> Any:
    """Whole numbers are exact decimals too; text that looks like a number is not one."""
    if isinstance(given, bool) or not isinstance(given, int | Decimal):
        raise PydanticCustomError("number", "must be a number")
    return Decimal(given)


_EXACT = BeforeValidator(_number)


def _instant(given: Any) -> Any:
    try:
        instant = datetime.fromisoformat(given)
        if instant.tzinfo is not None and 1970 < instant.year < 9999:
            return instant
    except (TypeError, ValueError):
        pass
    raise PydanticCustomError(
        "instant", "must be an instant with its time zone, such as 2026-03-31T22:30Z"
    )


Instant = Annotated[datetime, BeforeValidator(_instant)]


class SpecModel(BaseModel):
    """Strict and closed: an unknown or mistyped field is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class Annotations(SpecModel):
    """What OpenSLO v1 has no field for. Every value is text, as OpenSLO demands."""

    model_config = ConfigDict(
        json_schema_extra={"patternProperties": {f"^(?!{ANNOTATION_PREFIX})": {}}}
    )

    shown_windows: str | None = Field(None, alias="execdash/shown-windows")
    alert_tiers: str | None = Field(None, alias="execdash/alert-tiers")
    alert_minimum_bad_events: str | None = Field(
        None, alias="execdash/alert-minimum-bad-events", pattern=r"^[1-9][0-9]{0,6}$"
    )
    sources: str | None = Field(None, alias="execdash/sources")
    band_low: str | None = Field(None, alias="execdash/band-low", pattern=r"^[0-9]+(\.[0-9]+)?$")
    minimum_events: str | None = Field(
        None, alias="execdash/minimum-events", pattern=r"^[1-9][0-9]{0,8}$"
    )

    maintenance: str | None = Field(None, alias="execdash/maintenance")

    @model_validator(mode="before")
    @classmethod
    def _leave_others_alone(cls, given: Any) -> Any:
        """Annotations of other programs are theirs."""
        if not isinstance(given, dict):
            return given
        return {key: value for key, value in given.items() if key.startswith(ANNOTATION_PREFIX)}


class Metadata(SpecModel):
    """A document's name, in RFC 1123 form."""

    name: Name
    display_name: Annotated[str, Field(min_length=1, max_length=120)] | None = Field(
        None, alias="displayName"
    )
    labels: dict[str, str | list[str]] = {}
    annotations: Annotations = Annotations()


class IndicatorMetadata(SpecModel):
    """The name of an indicator written inside its SLO."""

    name: Name
    display_name: str | None = Field(None, alias="displayName")


class SampleQuery(SpecModel):
    """Which numbers are the samples: a metric of certain event types."""

    metric: Key
    unit: Annotated[str, Field(min_length=1, max_length=20)]
    event_types: Annotated[list[Key], Field(min_length=1, max_length=20, alias="eventTypes")]


class MetricSource(SpecModel):
    """Samples that this service counts itself."""

    type: Literal["execdash"]
    spec: SampleQuery


class ThresholdMetric(SpecModel):
    """Samples that a threshold splits into good and bad."""

    metric_source: MetricSource = Field(alias="metricSource")


class IndicatorSpec(SpecModel):
    """A threshold metric: the only kind counted here."""

    description: Text | None = None
    threshold_metric: ThresholdMetric = Field(alias="thresholdMetric")


class Indicator(SpecModel):
    """What is measured, written inside its SLO."""

    metadata: IndicatorMetadata
    spec: IndicatorSpec


class TimeWindow(SpecModel):
    """The period that the budget is for."""

    duration: Duration
    is_rolling: Literal[True] = Field(alias="isRolling")


class ObjectiveSpec(SpecModel):
    """The threshold of a good sample, and the share of samples that must be good."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["target"]}, {"required": ["targetPercent"]}]}
    )

    display_name: str | None = Field(None, alias="displayName")
    op: Literal["lt", "lte", "gt", "gte"]
    value: Annotated[Decimal, Field(ge=0, le=10**9), _EXACT]
    target: Annotated[Decimal, Field(gt=0, lt=1), _EXACT] | None = None
    target_percent: Annotated[Decimal, Field(gt=0, lt=100), _EXACT] | None = Field(
        None, alias="targetPercent"
    )

    @model_validator(mode="after")
    def _one_target(self) -> "ObjectiveSpec":
        if (self.target is None) == (self.target_percent is None):
            raise ValueError("needs either target or targetPercent")
        return self


class SloSpec(SpecModel):
    """One promise about one indicator over one rolling period, by counts of events."""

    description: Text
    service: Name
    indicator: Indicator
    time_window: Annotated[list[TimeWindow], Field(min_length=1, max_length=1, alias="timeWindow")]
    budgeting_method: Literal["Occurrences"] = Field(alias="budgetingMethod")
    objectives: Annotated[list[ObjectiveSpec], Field(min_length=1, max_length=1)]


class Slo(SpecModel):
    """An SLO document."""

    api_version: Literal["openslo/v1"] = Field(alias="apiVersion")
    kind: Literal["SLO"]
    metadata: Metadata
    spec: SloSpec


class ServiceSpec(SpecModel):
    """What the service is."""

    description: Text | None = None


class Service(SpecModel):
    """A Service document; its annotations hold for every SLO that has none of its own."""

    api_version: Literal["openslo/v1"] = Field(alias="apiVersion")
    kind: Literal["Service"]
    metadata: Metadata
    spec: ServiceSpec


class TierSpec(SpecModel):
    """One tier of ``execdash/alert-tiers``."""

    name: Name
    severity: Literal["page", "ticket"]
    burn_rate: Annotated[Decimal, Field(gt=0, le=1000), _EXACT]
    long: Duration
    short: Duration


class MaintenanceSpec(SpecModel):
    """One window of ``execdash/maintenance``."""

    start: Instant = Field(alias="from")
    end: Instant = Field(alias="to")
    reason: Annotated[str, Field(min_length=1, max_length=200)]

"""OpenTelemetry tracing, set up once per process from the standard ``OTEL_*`` variables.

Batch sizes, time-outs, resource, propagators and a sampler, where one is named, are read by the
SDK. Spans leave through a bounded queue and a thread of its own: a collector that is slow or gone
costs no request anything but the spans that do not fit.
"""

import logging
from collections.abc import Mapping
from importlib.metadata import version

from fastapi import FastAPI
from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.instrumentation.sqlalchemy.engine import EngineTracer
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import Span
from sqlalchemy import Engine

from telemetry.sampling import Keeping, PacedSampler
from telemetry.tracing import Tracing

logger = logging.getLogger(__name__)

# Set by the stock instrumentation; they tell who asked, or what a query held.
PERSONAL_ATTRIBUTES = (
    "http.target",  # an address holds what somebody put there; the route's template is kept
    "http.url",
    "url.full",
    "url.path",
    "url.query",
    "client.address",
    "client.port",
    "http.user_agent",
    "net.peer.ip",
    "net.peer.port",
    "user_agent.original",
)
REMOVED = "removed"


def start_tracing(environment: Mapping[str, str], keeping: Keeping) -> Tracing:
    """Build the process's tracer provider; ``environment`` holds the ``OTEL_*`` variables.

    ``keeping`` applies where those name no sampler.
    """
    exporter = OTLPSpanExporter() if _export_is_wanted(environment) else None
    processors = [] if exporter is None else [BatchSpanProcessor(exporter)]
    if environment.get("OTEL_TRACES_SAMPLER"):
        tracing = Tracing(processors, resource=_resource())  # the SDK reads which
    elif exporter is None:
        tracing = Tracing(sampler=ALWAYS_OFF, resource=_resource())  # which still gives ids
    else:
        sampler = PacedSampler(keeping.per_second)
        tracing = Tracing(processors, sampler=sampler, keeping=keeping, resource=_resource())
    trace.set_tracer_provider(tracing)
    return tracing


def trace_app(app: FastAPI, provider: trace.TracerProvider) -> None:
    """Give every request of ``app`` a span, but for those that come in by a door."""
    FastAPIInstrumentor.instrument_app(
        app,
        tracer_provider=provider,
        meter_provider=metrics.NoOpMeterProvider(),  # metrics are Prometheus's, with exemplars
        server_request_hook=_remove_personal_attributes,
        exclude_spans=["send", "receive"],
    )


def trace_engine(engine: Engine, provider: trace.TracerProvider) -> None:
    """Give every SQL statement of ``engine`` a span: the statement's text, never its values."""
    unused = metrics.NoOpMeterProvider().get_meter(__name__).create_up_down_counter("connections")
    tracer = provider.get_tracer("opentelemetry.instrumentation.sqlalchemy")
    EngineTracer(tracer, engine, unused)  # type: ignore[no-untyped-call]  # has no annotations


def _resource() -> Resource:
    ours = Resource.create({"service.name": "execdash", "service.version": version("execdash")})
    return ours.merge(OTELResourceDetector().detect())  # what the environment says goes first


def _export_is_wanted(environment: Mapping[str, str]) -> bool:
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporters = {name.strip() for name in environment.get("OTEL_TRACES_EXPORTER", "").split(",")}
    if "none" in exporters:
        return False
    for name in ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"):
        if environment.get(name, "http/protobuf") != "http/protobuf":
            logger.warning("%s: only http/protobuf is supported, and used", name)
    endpoints = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
    return "otlp" in exporters or any(environment.get(name) for name in endpoints)


def _remove_personal_attributes(span: Span, _scope: object) -> None:
    if span.is_recording():
        span.set_attributes(dict.fromkeys(PERSONAL_ATTRIBUTES, REMOVED))

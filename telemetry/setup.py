"""OpenTelemetry tracing, set up once per process from the standard ``OTEL_*`` variables.

Sampling, batch sizes, time-outs, resource and propagators are read by the SDK itself. Spans leave
through a bounded queue and a thread of its own: a collector that is slow or gone costs no request
anything but the spans that do not fit.
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
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span
from sqlalchemy import Engine

from telemetry.http import THIN_PATHS

logger = logging.getLogger(__name__)

# Set by the stock instrumentation; they tell who asked.
PERSONAL_ATTRIBUTES = (
    "client.address",
    "client.port",
    "http.user_agent",
    "net.peer.ip",
    "net.peer.port",
    "user_agent.original",
)
REMOVED = "removed"


def start_tracing(environment: Mapping[str, str]) -> TracerProvider:
    """Build the process's tracer provider; ``environment`` holds the ``OTEL_*`` variables."""
    provider = TracerProvider(resource=_resource())
    if _export_is_wanted(environment):
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return provider


def trace_app(app: FastAPI, provider: trace.TracerProvider) -> None:
    """Give every request of ``app`` a span, except those that have a thin one of their own."""
    FastAPIInstrumentor.instrument_app(
        app,
        tracer_provider=provider,
        meter_provider=metrics.NoOpMeterProvider(),  # metrics are Prometheus's, with exemplars
        server_request_hook=_remove_personal_attributes,
        excluded_urls=",".join(f"{path}$" for path in sorted(THIN_PATHS)),
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

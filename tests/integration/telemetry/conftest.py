"""A service whose spans can be looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from api.app import create_app
from api.settings import Settings
from telemetry.tracing import Tracing


@dataclass(frozen=True)
class Traced:
    """A client, and the spans of what it asked for."""

    client: TestClient
    exporter: InMemorySpanExporter

    def spans(self) -> tuple[ReadableSpan, ...]:
        return self.exporter.get_finished_spans()

    def server_span(self) -> ReadableSpan:
        """The one request's span."""
        [span] = [span for span in self.spans() if span.kind is SpanKind.SERVER]
        return span


@pytest.fixture
def built_pages(tmp_path: Path) -> Path:
    """A built frontend, small."""
    folder = tmp_path / "dist"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>T</title><!--first-data-->")
    return folder


@pytest.fixture
def traced(database_url: str, tmp_path: Path, built_pages: Path) -> Iterator[Traced]:
    exporter = InMemorySpanExporter()
    tracing = Tracing([SimpleSpanProcessor(exporter)], shutdown_on_exit=False)
    settings = Settings(database_url=database_url, state_dir=tmp_path, frontend_dir=built_pages)
    with TestClient(create_app(settings, tracing=tracing), "http://127.0.0.1") as client:
        exporter.clear()
        yield Traced(client, exporter)

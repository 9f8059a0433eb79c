"""``GET /metrics``, as OpenMetrics with exemplars for those who accept it, else as plain text."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder


def metrics_router(registry: CollectorRegistry) -> APIRouter:
    """A router with the one route."""
    router = APIRouter(tags=["operations"])

    @router.get(
        "/metrics",
        operation_id="getMetrics",
        summary="Prometheus metrics",
        response_class=PlainTextResponse,
        responses={
            200: {
                "description": "Every metric of the service, with exemplars in OpenMetrics.",
                "content": {"application/openmetrics-text": {"schema": {"type": "string"}}},
            }
        },
    )
    def metrics(request: Request) -> Response:
        """Metrics for Prometheus to scrape, in the format that `Accept` asks for."""
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), media_type=content_type)

    return router

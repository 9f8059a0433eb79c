"""``/api/health`` and ``/api/ready``, for whoever starts, stops and balances processes."""

from fastapi import APIRouter, Request

from api.health import service
from api.health.schemas import Health, Readiness

router = APIRouter(prefix="/api", tags=["operations"])


@router.get("/health")
async def get_health() -> Health:
    """Say that the process answers. Nothing else is looked at."""
    return Health(status="ok")


@router.get("/ready")
def get_readiness(request: Request) -> Readiness:
    """Say whether each dependency is there; 503 with the same states when one is not."""
    return service.readiness(request.app.state.database_probe, request.app.state.ingest)

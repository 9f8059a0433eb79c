"""Bodies of ``GET /api/health`` and ``GET /api/ready``."""

from typing import Literal

from api.schema import ResponseModel


class Health(ResponseModel):
    """The process answers."""

    status: Literal["ok"]


class Dependency(ResponseModel):
    """One part that answers depend on."""

    name: str
    ready: bool
    detail: str


class Readiness(ResponseModel):
    """Every part is there."""

    status: Literal["ready"]
    dependencies: list[Dependency]

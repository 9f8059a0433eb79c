"""A Starlette endpoint that returns the bytes of a file. ``python -m ... FILE PORT``"""

import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

BODY = Path(sys.argv[1]).read_bytes()


async def dashboard(_request: Request) -> Response:
    """The same bytes each time."""
    return Response(BODY, media_type="application/json")


if __name__ == "__main__":
    uvicorn.run(
        Starlette(routes=[Route("/api/executive-dashboard", dashboard)]),
        port=int(sys.argv[2]),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
    )

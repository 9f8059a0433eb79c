"""The service with one more page in it: the static one, sent as well as a page can be sent."""

import sys
from functools import cache
from pathlib import Path

import uvicorn
from starlette.requests import Request
from starlette.responses import Response

from api.app import create_app
from api.commands import read_settings
from api.etags import etag_of
from api.pages import PageRoute

PATH = "/static-page"
DOCUMENT = "static-page.html"
QUARTERS = "quarter.json"


def main() -> None:
    """``server FOLDER PORT``: the prepared files are in ``FOLDER``."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    app = create_app(read_settings())

    @cache
    def read(name: str) -> tuple[bytes, str]:
        body = (folder / name).read_bytes()
        return body, etag_of(body)

    def answer(name: str, content_type: str) -> Response:
        body, etag = read(f"{name}.br")
        headers = {"ETag": etag, "Cache-Control": "no-cache", "Content-Encoding": "br"}
        return Response(body, headers=headers, media_type=content_type)

    async def page(_: Request) -> Response:
        return answer(DOCUMENT, "text/html; charset=utf-8")

    async def quarters(_: Request) -> Response:
        return answer(QUARTERS, "application/json")

    app.router.routes += [PageRoute(PATH, page), PageRoute(f"{PATH}/quarter", quarters)]
    uvicorn.run(app, port=port, access_log=False, server_header=False, log_level="warning")


if __name__ == "__main__":
    main()

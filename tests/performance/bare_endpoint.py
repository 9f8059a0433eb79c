"""The least that an endpoint can do: decode a body, drop it, answer. ``python -m ... PORT``"""

import sys

import orjson
import uvicorn
from starlette.types import Receive, Scope, Send


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Plain ASGI, on the same HTTP server with the same parser and event loop."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    document = orjson.loads(body)
    number = len(document["events"]) if "events" in document else 1
    answer = b'{"status":"logged","accepted":%d,"duplicates":0,"rejected":[]}' % number
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(answer)).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
    )

"""Takes traces as a collector does and drops them; says how many bytes. ``python -m ... PORT``"""

import sys

import uvicorn
from starlette.types import Receive, Scope, Send

received_bytes = 0


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """POST anything; GET the number of bytes so far."""
    global received_bytes  # noqa: PLW0603 - one process, one number
    more = True
    while more:
        message = await receive()
        received_bytes += len(message.get("body", b""))
        more = message.get("more_body", False)
    answer = b"" if scope["method"] == "POST" else b"%d" % received_bytes
    headers = [(b"content-length", b"%d" % len(answer))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


if __name__ == "__main__":
    uvicorn.run(
        app, port=int(sys.argv[1]), lifespan="off", log_config=None, access_log=False, ws="none"
    )

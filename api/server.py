"""Runs the service in one process: checks first, then the database, then the port."""

import gc
import signal
import socket
import sys
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from api.app import create_app
from api.commands import UserError, read_settings
from api.errors import problem
from api.heads import BoundedHeads, BoundedHeadsOverHttps
from api.memory import share_pools
from api.preparation import prepare_database
from api.settings import Settings, is_loopback, telemetry_environment
from api.shell import SecurityHeaders
from telemetry.logs import configure_logs
from telemetry.sampling import Keeping
from telemetry.setup import start_tracing
from telemetry.tracing import Tracing

COLLECT_AFTER = (20_000, 20, 20)  # new objects, collections of the first and second generation
SHUTDOWN_SECONDS = 10  # for running requests; longer ones are cut
# A thread that computes lets go of the interpreter so often. The requests' own thread needs it
# several times an answer, and waits as long each time.
COMPUTE_SECONDS = 0.001
CONFIGURE_ACCOUNTS = "set EXECDASH_ACCOUNTS=true and EXECDASH_PUBLIC_URL (docs/accounts.md)"
LAST_SPANS_SECONDS = 3  # for a collector to take the last spans; then they are dropped


def serve_forever(settings: Settings, host: str, port: int, *, demo: bool) -> None:
    """Listen on ``host`` and ``port`` until a signal. Raises ``UserError`` before it listens.

    With ``demo`` an empty database gets demonstration data first; another one is left alone.
    """
    _refuse_open_network(settings, host)
    share_pools()
    with _bind(host, port) as listener:
        configure_logs()
        prepare_database(settings, demo=demo)
        tracing = _start_tracing(settings)
        config = uvicorn.Config(
            create_app(settings, tracing=tracing),
            log_config=None,
            access_log=False,
            server_header=False,
            http=BoundedHeadsOverHttps if settings.is_https else BoundedHeads,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=[*settings.trusted_proxies],
            ws="none",
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
        # uvicorn shuts down in order and then repeats the signal; the default would end the process
        # there, before the last spans have left.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with suppress(KeyboardInterrupt):
            _Server(config, _url(host, port)).run(sockets=[listener])
        tracing.end(LAST_SPANS_SECONDS)


def app_from_environment() -> ASGIApp:
    """The service for a server that reloads it, see ``make dev``.

    Where that listens is its own affair: without accounts only this machine is answered.
    """
    configure_logs()
    settings = read_settings()
    app = create_app(settings, tracing=_start_tracing(settings))
    return app if settings.accounts else _ThisMachineOnly(app)


class _ThisMachineOnly:
    """ASGI middleware: refuses whoever comes from elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        is_near = scope["type"] != "http" or (client is not None and is_loopback(client[0]))
        refusal = SecurityHeaders(problem(403, f"There are no accounts: {CONFIGURE_ACCOUNTS}."))
        await (self._app if is_near else refusal)(scope, receive, send)


def _start_tracing(settings: Settings) -> Tracing:
    keeping = Keeping(settings.traces_per_second, settings.trace_slow_seconds)
    return start_tracing(telemetry_environment(), keeping)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, url: str) -> None:
        super().__init__(config)
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say where the page is, once it is there."""
        await super().startup(sockets)
        if self.started:
            # Looking through all modules again and again costs a quarter of a busy processor, and
            # through what a few hundred waiting requests hold another tenth.
            gc.collect()
            gc.freeze()
            gc.set_threshold(*COLLECT_AFTER)
            sys.setswitchinterval(COMPUTE_SECONDS)
            _say(f"Executive Dashboard: {self._url}/dashboard (Ctrl+C stops it)")


def _refuse_open_network(settings: Settings, host: str) -> None:
    if is_loopback(host) or settings.accounts:
        return
    raise UserError(
        f"{host} can be reached from other machines and there are no accounts: listen on"
        f" 127.0.0.1, or {CONFIGURE_ACCOUNTS}"
    )


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise UserError(f"cannot listen on {host} port {port}: {error.strerror}") from error
    return listener


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()

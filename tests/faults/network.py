"""The network between the service and its database, as a test wants it."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import make_url

CHUNK = 65_536


class Network:
    """Passes bytes on from a TCP port to PostgreSQL's socket; ``delay_seconds`` late, or not."""

    def __init__(self, server_socket: Path) -> None:
        self.delay_seconds = 0.0
        self._server_socket = server_socket
        self._is_cut = False
        self._moving = threading.Event()
        self._moving.set()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End every connection, and let no new one live."""
        self._is_cut = True
        with self._lock:
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self._is_cut = False

    def freeze(self) -> None:
        """Take everything, as a server that hangs behind a proxy does, and answer nothing."""
        self._moving.clear()

    def thaw(self) -> None:
        """Pass on what was taken meanwhile, and all that comes."""
        self._moving.set()

    def close(self) -> None:
        self._listener.close()
        self.cut()
        self.thaw()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if self._is_cut:
                    near.close()
                    continue
                near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                far = socket.socket(socket.AF_UNIX)
                far.connect(str(self._server_socket))
                with self._lock:
                    self._open |= {near, far}
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while part := source.recv(CHUNK):
                time.sleep(self.delay_seconds)
                self._moving.wait()
                sink.sendall(part)
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            with self._lock:
                self._open.discard(one)
            one.close()


@contextmanager
def network_to(database_url: str) -> Iterator[tuple[Network, str]]:
    """The network, and the database's URL through it."""
    url = make_url(database_url)
    folder = url.query["host"]
    assert isinstance(folder, str)
    network = Network(Path(folder) / ".s.PGSQL.5432")
    through = url.set(host="127.0.0.1", port=network.port, query={})
    try:
        yield network, through.render_as_string(hide_password=False)
    finally:
        network.close()

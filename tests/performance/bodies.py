"""Requests as browsers send them: six measurements an event, an id of its own for each."""

import os
import random
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

METRICS: Mapping[str, Callable[[random.Random], float]] = {
    "ttfb_ms": lambda chance: round(chance.lognormvariate(5, 0.6), 1),
    "render_total_ms": lambda chance: round(chance.lognormvariate(6.3, 0.4), 1),
    "switch_latency_ms": lambda chance: round(chance.lognormvariate(4.5, 0.5), 1),
    "alerts_poll_interval_ms": lambda chance: round(chance.gauss(30_000, 900), 1),
    "drilldown_duration_ms": lambda chance: round(chance.lognormvariate(6, 0.5), 1),
    "drilldown_clicks": lambda chance: float(chance.choice((1, 2, 2, 3))),
}

HEAD = b"\r\n".join(
    (
        b"POST /api/events HTTP/1.1",
        b"Host: 127.0.0.1",
        b"Connection: keep-alive",
        b"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
        b" Chrome/142.0.0.0 Safari/537.36",
        b"Content-Type: application/json",
        b"Accept: */*",
        b"Origin: http://127.0.0.1",
        b"Sec-Fetch-Site: same-origin",
        b"Sec-Fetch-Mode: cors",
        b"Sec-Fetch-Dest: empty",
        b"Referer: http://127.0.0.1/dashboard",
        b"Accept-Encoding: gzip, deflate, br, zstd",
        b"Accept-Language: en-GB,en;q=0.9",
        b"Content-Length: %d\r\n\r\n",
    )
)
_VARIETY = 2000  # different sets of measurements


def numbers(chance: random.Random) -> dict[str, float]:
    """The measurements of one event."""
    return {name: draw(chance) for name, draw in METRICS.items()}


def event_id(milliseconds: int) -> str:
    """A UUIDv7 of that time."""
    time_part, noise = f"{milliseconds:012x}", os.urandom(9).hex()
    return f"{time_part[:8]}-{time_part[8:]}-7{noise[:3]}-8{noise[3:6]}-{noise[6:18]}"


def requests(number: int, batch: int) -> list[bytes]:
    """Whole HTTP requests of ``batch`` events each; an event alone stands without a list."""
    sample = _Events()
    if batch == 1:
        return [_request(sample.next()) for _ in range(number)]
    return [_request(_batch([sample.next() for _ in range(batch)])) for _ in range(number)]


class _Events:
    """Makes events of now, as JSON."""

    def __init__(self) -> None:
        chance = random.Random(1)
        self._metas = [_json(numbers(chance)) for _ in range(_VARIETY)]
        self._made = 0

    def next(self) -> str:
        milliseconds = time.time_ns() // 1_000_000
        meta = self._metas[self._made % _VARIETY]
        self._made += 1
        return (
            f'{{"event_type":"page_view","event_time":"{_instant(milliseconds)}",'
            f'"event_id":"{event_id(milliseconds)}","session_id":"0f8fad5b-d9cb-469f",'
            f'"meta":{meta}}}'
        )


def _batch(events: list[str]) -> str:
    sent_at = _instant(time.time_ns() // 1_000_000)
    return f'{{"sent_at":"{sent_at}","events":[{",".join(events)}]}}'


def _json(measured: Mapping[str, float]) -> str:
    return "{" + ",".join(f'"{name}":{value}' for name, value in measured.items()) + "}"


def _instant(milliseconds: int) -> str:
    instant = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _request(body: str) -> bytes:
    content = body.encode()
    return HEAD % len(content) + content

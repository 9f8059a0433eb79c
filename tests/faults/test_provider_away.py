"""The OpenID provider hangs, then dies, under load: only new people have to wait."""

import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from api.auth.provider import KEPT_FOR_STRANGERS_SECONDS
from api.auth.roles import Role
from tests.factories import add, order
from tests.faults.load import (
    EVENTS,
    Browser,
    browsing,
    check_stored,
    wait_for_acknowledgements,
    wait_until_objectives_are_counted,
)
from tests.faults.process import Service, serving
from tests.faults.test_store_away import AS_IT_IS, opened
from tests.integration.auth.conftest import Clock, Desk, bearer, cookie
from tests.integration.auth.provider import (
    CLIENT_ID,
    SECRET,
    RunningProvider,
    at_the_provider,
    running_provider,
)
from tests.ports import free_port

CALL_SECONDS = 10.0 if AS_IT_IS else 1.0
RECOVERY_SECONDS = 15.0 if AS_IT_IS else 2.0
PATIENCE = {
    "api.auth.outgoing.CALL_SECONDS": CALL_SECONDS,
    "api.auth.outgoing.RECOVERY_SECONDS": RECOVERY_SECONDS,
}
STRANGERS = 6  # in a row, while the provider is away
AT_ONCE_SECONDS = 1.0  # for an answer that asks nobody, on a busy machine
PACE_SECONDS = 0.03


class Reader(threading.Thread):
    """Somebody who is signed in, and looks at the screen again and again."""

    def __init__(self, service: Service, headers: Mapping[str, str]) -> None:
        super().__init__()
        self._service = service
        self._headers = headers
        self._stopping = threading.Event()
        self.answers: list[tuple[float, int]] = []  # seconds, status

    def run(self) -> None:
        while not self._stopping.wait(PACE_SECONDS):
            started = time.monotonic()
            answer = self._service.get("/api/executive-dashboard", headers=self._headers)
            self.answers.append((time.monotonic() - started, answer.status))

    def stop(self) -> None:
        self._stopping.set()
        self.join()

    def taken(self) -> list[tuple[float, int]]:
        """The answers since the last time."""
        taken, self.answers = self.answers, []
        return taken


@contextmanager
def reading(service: Service, headers: Mapping[str, str]) -> Iterator[Reader]:
    reader = Reader(service, headers)
    reader.start()
    try:
        yield reader
    finally:
        reader.stop()


def at_the_door(origin: str) -> tuple[str, float]:
    """Where somebody without a session is sent who wants to sign in, and after how many seconds."""
    started = time.monotonic()
    answer = httpx2.get(f"{origin}/sign-in/start", timeout=60, follow_redirects=False)
    assert answer.status_code == 303
    return answer.headers["location"], time.monotonic() - started


def signs_in(origin: str) -> bool:
    """Whether somebody new gets in."""
    with httpx2.Client(base_url=origin, timeout=60, follow_redirects=False) as browser:
        sent = browser.get("/sign-in/start").headers["location"]
        if not sent.startswith("http"):
            return False
        browser.get(at_the_provider(sent, "ada.executive", origin))
        return browser.get("/api/executive-dashboard").status_code == 200


@dataclass(frozen=True)
class House:
    """A service that trusts a provider, and those who are at work in it."""

    origin: str
    provider: RunningProvider
    service: Service
    browsers: Sequence[Browser]
    reader: Reader

    def go_on(self, what: str) -> None:
        """See that events are acknowledged, and that all screens since the last time were good."""
        wait_for_acknowledgements(self.browsers, EVENTS)
        answers = self.reader.taken()
        assert {status for _, status in answers} == {200}
        slowest = max(seconds for seconds, _ in answers)
        print(f"{what}: {len(answers)} screens, all good, the slowest after {slowest:.2f} s")

    def check_nothing_was_lost(self, database_url: str) -> None:
        """To be asked when all have stopped."""
        assert self.service.starts == 1
        for browser in self.browsers:
            assert set(browser.statuses) == {200}
            assert browser.broken == 0
        acknowledged = set().union(*(one.acknowledged for one in self.browsers))
        sent = set().union(*(one.sent for one in self.browsers))
        with opened(database_url) as engine:
            stored = check_stored(engine, acknowledged, sent)
        print(f"{len(acknowledged)} events acknowledged, {stored} stored")


@contextmanager
def house(database_url: str, folder: Path) -> Iterator[House]:
    """Under load: four browsers send events, and somebody looks at the screen."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    secret = folder / "client-secret"
    secret.write_text(SECRET)
    clock = Clock()
    clock.now = datetime.now(UTC)
    with (
        running_provider(origin, folder / "provider.log") as provider,
        serving(
            database_url,
            folder,
            PATIENCE,
            port,
            EXECDASH_ACCOUNTS="true",
            EXECDASH_PUBLIC_URL=origin,
            EXECDASH_OIDC_ISSUER=provider.issuer,
            EXECDASH_OIDC_CLIENT_ID=CLIENT_ID,
            EXECDASH_OIDC_CLIENT_SECRET_FILE=str(secret),
            EXECDASH_ROLES_CLAIM="kpi_roles",
        ) as service,
        opened(database_url) as engine,
    ):
        wait_until_objectives_are_counted(engine)
        add(engine, "orders", order("2024-01-05"))
        desk = Desk(engine, clock)
        seen_by = cookie(desk.session(Role.EXECUTIVE))
        service.headers = bearer(desk.token(Role.INGEST))
        with browsing(service) as browsers, reading(service, seen_by) as reader:
            yield House(origin, provider, service, browsers, reader)


def refusals(house: House) -> list[float]:
    """Strangers come one by one, and are told that the provider is away; after how many seconds."""
    time.sleep(KEPT_FOR_STRANGERS_SECONDS + 0.1)  # where to send them is known for so long
    came = [at_the_door(house.origin) for _ in range(STRANGERS)]
    assert {place for place, _ in came} == {"/sign-in?next=%2F&problem=away"}
    return [seconds for _, seconds in came]


def test_a_provider_that_hangs_or_dies_under_load_costs_nobody_who_is_in(
    database_url: str, tmp_path: Path
) -> None:
    with house(database_url, tmp_path) as there:
        assert signs_in(there.origin)
        there.go_on("before")

        there.provider.process.send_signal(signal.SIGSTOP)
        hung = refusals(there)
        # Three calls must fail before nobody is kept waiting any more.
        assert all(CALL_SECONDS <= seconds < CALL_SECONDS + 5 for seconds in hung[:3])
        assert all(seconds < AT_ONCE_SECONDS for seconds in hung[3:])
        there.go_on(f"hangs; strangers told after {in_seconds(hung)}")

        there.provider.process.send_signal(signal.SIGCONT)
        awake = time.monotonic()
        while not signs_in(there.origin):
            assert time.monotonic() - awake < RECOVERY_SECONDS + 10
            time.sleep(0.1)
        there.go_on(f"back; somebody new is in after {in_seconds([time.monotonic() - awake])}")

        there.provider.stop()
        dead = refusals(there)
        assert all(seconds < AT_ONCE_SECONDS for seconds in dead)
        there.go_on(f"dead; strangers told after {in_seconds(dead)}")
    there.check_nothing_was_lost(database_url)


def in_seconds(durations: list[float]) -> str:
    return ", ".join(f"{seconds:.2f}" for seconds in durations) + " s"

"""How often one client may call, whatever it pays for at once."""

import time

import pytest

from api.ingest.limiter import ADVANCE, CLIENTS, RateLimiter


@pytest.mark.parametrize("per_second", [1, 10, 100, 500])
def test_a_client_gets_its_burst_and_no_more_than_an_advance_beyond_its_pace(
    per_second: int,
) -> None:
    limiter, started = RateLimiter(per_second), time.monotonic()
    granted = sum(limiter.seconds_to_wait("10.0.0.1") == 0 for _ in range(2 * per_second + 50))
    earned = per_second * (1 + time.monotonic() - started)
    assert per_second <= granted <= earned + ADVANCE


def test_who_has_to_wait_is_told_how_long_and_others_do_not() -> None:
    limiter = RateLimiter(1)
    assert limiter.seconds_to_wait("10.0.0.1") == 0
    assert limiter.seconds_to_wait("10.0.0.1") == 1
    assert limiter.seconds_to_wait("10.0.0.2") == 0


def test_advances_of_any_number_of_clients_take_bounded_memory() -> None:
    limiter = RateLimiter(500)
    for number in range(CLIENTS + 1000):
        assert limiter.seconds_to_wait(f"client {number}") == 0
    assert len(limiter._paid) <= CLIENTS

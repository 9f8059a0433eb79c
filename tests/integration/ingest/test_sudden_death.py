"""The server is killed in the middle of its work, again and again; nothing acknowledged is lost.

``make soak`` runs many more rounds.
"""

import os
import random
import time
from pathlib import Path

import yaml
from sqlalchemy import Engine

from tests.faults.load import (
    EVENTS,
    browsing,
    check_stored,
    resting,
    wait_for_acknowledgements,
    wait_until_objectives_are_counted,
)
from tests.faults.process import serving

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "2"))


def test_every_acknowledged_event_is_there_once_however_often_the_server_is_killed(
    database_url: str, engine: Engine, tmp_path: Path
) -> None:
    with serving(database_url, tmp_path) as service, browsing(service) as browsers:
        wait_until_objectives_are_counted(engine)
        for number in range(1, ROUNDS + 1):
            wait_for_acknowledgements(browsers, 3 * EVENTS)
            time.sleep(random.random() * 0.3)  # strike anywhere
            service.kill()
            with resting(browsers):
                acknowledged = set().union(*(one.acknowledged.copy() for one in browsers))
                stored = check_stored(engine, acknowledged)
            print(f"kill {number}: {len(acknowledged):,} acknowledged, {stored:,} stored")
        wait_for_acknowledgements(browsers, EVENTS)  # it came back by itself
    assert service.starts == ROUNDS + 1
    assert all(one.broken for one in browsers)
    acknowledged = set().union(*(one.acknowledged for one in browsers))
    check_stored(engine, acknowledged, set().union(*(one.sent for one in browsers)))


def test_compose_starts_the_service_again_when_it_dies() -> None:
    compose = yaml.safe_load((Path(__file__).parents[3] / "compose.yaml").read_text())
    assert compose["services"]["execdash"]["restart"] == "unless-stopped"
    assert compose["services"]["postgres"]["restart"] == "unless-stopped"

"""What a master makes of its workers' parcels."""

import json

from loadtests.run import TTFB, Run
from loadtests.workers import Receiver, Sender

WORKERS = ("one", "two")
LOST = "a worker was lost, and its load with it"
MISSING = "not all that the workers measured arrived"


def parcel(sender: Sender, value: float, *, is_last: bool = False) -> dict[str, object]:
    sender.run.add(TTFB, value)
    taken = sender.last() if is_last else sender.parcel()
    return dict(json.loads(json.dumps(taken)))


def begun() -> tuple[Receiver, Sender]:
    receiver, sender = Receiver(Run()), Sender(Run())
    sender.parcel()  # before the run
    receiver.begin(WORKERS)
    sender.begin()
    return receiver, sender


def other_is_well(receiver: Receiver) -> None:
    receiver.take_in("two", parcel(Sender(Run()), 9.0, is_last=True))


def test_all_that_arrived_is_believed() -> None:
    receiver, sender = begun()
    receiver.take_in("one", parcel(sender, 1.0))
    receiver.end(WORKERS)
    receiver.take_in("one", parcel(sender, 2.0, is_last=True))
    other_is_well(receiver)
    receiver.check()
    assert receiver.run.trouble == ""
    assert list(receiver.run.samples[TTFB].values) == [1.0, 2.0, 9.0]


def test_a_worker_that_is_not_there_at_the_end_is_noticed() -> None:
    receiver, _ = begun()
    receiver.end(["two"])
    assert receiver.run.trouble == LOST


def test_a_last_parcel_that_never_came_is_noticed() -> None:
    receiver, sender = begun()
    receiver.take_in("one", parcel(sender, 1.0))
    receiver.end(WORKERS)
    other_is_well(receiver)
    receiver.check()
    assert receiver.run.trouble == MISSING


def test_a_parcel_that_was_lost_on_its_way_is_noticed() -> None:
    receiver, sender = begun()
    parcel(sender, 1.0)
    receiver.end(WORKERS)
    receiver.take_in("one", parcel(sender, 2.0, is_last=True))
    other_is_well(receiver)
    receiver.check()
    assert receiver.run.trouble == MISSING


def test_a_run_without_workers_misses_none() -> None:
    receiver = Receiver(Run())
    receiver.check()
    assert receiver.run.trouble == ""

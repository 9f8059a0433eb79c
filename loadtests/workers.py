"""Workers measure and their master judges: whether all that they measured arrived.

A worker sends what came together every few seconds, and the last of it, with the number of
parcels, when its users have stopped.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from loadtests.run import Run

LAST = "execdash-last"  # the message that brings the last parcel


@dataclass
class Sender:
    """A worker's side."""

    run: Run
    sent: int = 0

    def begin(self) -> None:
        """Count anew."""
        self.sent = 0

    def parcel(self) -> dict[str, Any]:
        """The next parcel, on its way."""
        self.sent += 1
        return self.run.take()

    def last(self) -> dict[str, Any]:
        """The last parcel."""
        return {**self.run.take(), "sent": self.sent}


@dataclass
class Receiver:
    """The master's side."""

    run: Run
    _workers: set[str] = field(default_factory=set)
    _received: Counter[str] = field(default_factory=Counter)
    _sent: dict[str, int] = field(default_factory=dict)

    def begin(self, workers: Collection[str]) -> None:
        """Forget what was before; these workers are there."""
        self._workers, self._received, self._sent = set(workers), Counter(), {}

    def take_in(self, worker: str, parcel: Mapping[str, Any]) -> None:
        """Add what a worker measured."""
        self.run.merge(parcel)
        if "sent" in parcel:
            self._sent[worker] = parcel["sent"]
        else:
            self._received[worker] += 1

    def end(self, workers: Collection[str]) -> None:
        """The run is about to end; these workers are there still."""
        if not self._workers <= set(workers):
            self.run.trouble = "a worker was lost, and its load with it"

    def check(self) -> None:
        """Once all is over: notice what did not arrive."""
        for worker in self._workers:
            if self._sent.get(worker, self._received[worker] + 1) > self._received[worker]:
                self.run.trouble = self.run.trouble or "not all that the workers measured arrived"

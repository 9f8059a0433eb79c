"""Refused sign-ins for the audit trail: a row a minute for each way in, however many."""

from time import monotonic

EVERY_SECONDS = 60.0  # strangers must not fill a table from which nothing is ever removed


class RefusedSignIns:
    """What one process has still to tell the trail."""

    def __init__(self) -> None:
        self._told_at: dict[str, float] = {}
        self._untold: dict[str, int] = {}

    def to_tell(self, method: str, reason: str) -> str | None:
        """What the trail is told of a refusal; None where it was told of another just now."""
        if monotonic() < self._told_at.get(method, float("-inf")) + EVERY_SECONDS:
            self._untold[method] = self._untold.get(method, 0) + 1
            return None
        self._told_at[method] = monotonic()
        others = self._untold.pop(method, 0)
        return f"{reason}; {others} others before" if others else reason

"""Audited changes of alerts: those about KPIs and those about objectives have the same life."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from api.alerts import queries
from api.alerts.queries import AlertRow
from api.alerts.schemas import Severity

WORST_FIRST: tuple[Severity, ...] = ("high", "medium", "low")


def is_worse(severity: Severity, than: Severity) -> bool:
    """Whether it is more severe."""
    return WORST_FIRST.index(severity) < WORST_FIRST.index(than)


@dataclass(frozen=True)
class Writer:
    """Changes alerts and writes the audit row of each change."""

    session: Session
    now: datetime
    actor: str

    def change(self, alert_id: int, action: str, detail: str | None, **values: object) -> None:
        """One audited change of an alert; without values, the audit row alone."""
        if values:
            queries.change(self.session, alert_id, **values)
        queries.record(self.session, alert_id, action, self.actor, self.now, detail)

    def restate(self, known: AlertRow, severity: Severity, title: str, description: str) -> bool:
        """Bring severity and words up to date; True when that changed something."""
        said: dict[str, str | None] = {
            "severity": severity,
            "title": title,
            "description": description,
        }
        if all(getattr(known, name) == value for name, value in said.items()):
            return False
        said["driver"] = None  # it explained the words before
        if is_worse(severity, known.severity):
            # Whoever had seen it or silenced it has not seen this.
            again = {"status": "open", "snoozed_until": None}
            self.change(known.id, "escalated", self._ending(known, title), **said, **again)
        else:
            action = "updated" if severity == known.severity else "eased"
            self.change(known.id, action, title, **said)
        return True

    def _ending(self, known: AlertRow, title: str) -> str:
        """An escalation's detail: it tells when a snooze ended by it."""
        asleep = known.snoozed_until is not None and known.snoozed_until > self.now
        return f"{title}; this ended its snooze" if asleep else title

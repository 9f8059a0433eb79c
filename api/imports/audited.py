"""What the audit trail says of imports, and of the targets that they change."""

from datetime import datetime

from sqlalchemy.orm import Session

from api.audit import service as audit
from api.imports.kinds import Kind
from api.imports.loader import ImportResult, Origin
from api.imports.target_queries import Goals, goals

__all__ = ["Goals", "goals", "imported", "undone"]


def imported(
    session: Session, kind: Kind, origin: Origin, result: ImportResult, before: Goals
) -> None:
    """Say what was imported; ``before`` is what the targets were."""
    counts = f"{result.inserted} inserted, {result.updated} updated, {result.unchanged} unchanged"
    about, detail = f"import {result.import_id}", f"{kind.name} from {origin.filename}: {counts}"
    audit.record(session, origin.now, origin.actor, "imported", about, detail)
    _targets(session, origin.now, origin.actor, about, before)


def undone(
    session: Session, import_id: int, kind: str, now: datetime, actor: str, before: Goals
) -> None:
    """Say what was taken back."""
    about = f"import {import_id}"
    audit.record(session, now, actor, "import_undone", about, kind)
    _targets(session, now, actor, about, before)


def _targets(session: Session, now: datetime, actor: str, by: str, before: Goals) -> None:
    after = goals(session)
    for name in sorted({*before, *after}):
        was, is_now = before.get(name, "none"), after.get(name, "none")
        if was != is_now:
            detail = f"{was} -> {is_now} ({by})"
            audit.record(session, now, actor, "target_changed", name, detail)

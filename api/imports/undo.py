"""Takes an import back: all of it, or nothing when a later import built on it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from api.alerts.kpi_alerts import evaluate_alerts
from api.errors import Conflict
from api.imports import audited, trend
from api.imports import undo_queries as queries
from api.imports.kinds import KINDS, ORDER_DAYS, ORDERS
from api.imports.loader import KEPT_DAYS
from api.imports.queries import ImportRow
from api.imports.undo_queries import Written
from api.settings import Settings
from api.storage import versions

MAX_NAMED = 5


class UndoRefused(Conflict):
    """The import cannot be taken back, and nothing was changed; ``detail`` says why."""


@dataclass(frozen=True)
class Undone:
    """What was taken back: rows taken out, and rows brought back to what they were."""

    import_id: int
    kind: str
    filename: str
    taken_out: int
    put_back: int


def undo_import(
    session: Session, settings: Settings, import_id: int, now: datetime, actor: str
) -> Undone:
    """Undo one import, bring the monthly totals along, and judge the alerts anew.

    The caller commits. Raises ``UndoRefused``.
    """
    versions.bump(session, now)  # first: it makes other imports wait
    done = queries.find_import(session, import_id)
    if done is None:
        raise UndoRefused(f"there is no import {import_id}; 'execdash imports list' lists them")
    kind = KINDS[done.kind]
    goals = audited.goals(session)
    written = Written(kind.table, kind.key, import_id)
    _refuse_what_cannot_be_undone(session, done, written)
    days = queries.touched_days(session, written, ORDER_DAYS) if kind is ORDERS else ()
    taken_out = queries.take_out(session, written)
    put_back = queries.put_back(session, written)
    if kind is ORDERS:
        trend.refresh(session, days)
    queries.mark_undone(session, import_id, now, actor)
    audited.undone(session, import_id, done.kind, now, actor, goals)
    evaluate_alerts(session, settings, now, actor)
    return Undone(import_id, done.kind, done.filename, taken_out, put_back)


def _refuse_what_cannot_be_undone(session: Session, done: ImportRow, written: Written) -> None:
    name = f"import {done.id}"
    if done.undone_at is not None:
        when = f"{done.undone_at:%Y-%m-%d %H:%M} UTC"
        raise UndoRefused(f"{name} was undone already, on {when} by {done.undone_by}")
    if queries.rows_still_there(session, written) != done.inserted + done.updated:
        raise UndoRefused(f"{name}: {_later(queries.later_imports(session, written))}")
    if queries.rows_kept(session, written) != done.updated:
        raise UndoRefused(
            f"{name}: the {done.updated:,} rows it changed are not kept any more as they were"
            f" before it (they are for {KEPT_DAYS} days)"
        )


def _later(imports: list[int]) -> str:
    if not imports:
        return "later imports changed the same rows"
    named = ", ".join(map(str, imports[-MAX_NAMED:]))
    return f"later imports changed the same rows; undo those first, the last one first: {named}"

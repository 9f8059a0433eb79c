"""One import, as the command and the API do it: load the file, then judge the alerts anew."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from api.alerts.kpi_alerts import evaluate_alerts
from api.imports import audited
from api.imports.kinds import Kind
from api.imports.loader import ImportResult, Origin, load
from api.imports.mapping import ColumnMapping
from api.settings import Settings


def import_lines(
    session: Session,
    settings: Settings,
    kind: Kind,
    lines: Iterable[str],
    mapping: ColumnMapping,
    origin: Origin,
    *,
    dry_run: bool = False,
) -> ImportResult:
    """Import the lines of a CSV file, all or none. The caller commits.

    Raises ``ImportRefused`` when a row is bad, and has then changed nothing that a rollback
    does not take back.
    """
    goals = audited.goals(session)
    result = load(session, kind, lines, mapping, origin, dry_run=dry_run)
    if not dry_run:
        audited.imported(session, kind, origin, result, goals)
        evaluate_alerts(session, settings, origin.now, origin.actor)
    return result

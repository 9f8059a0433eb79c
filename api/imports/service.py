"""One import, as the command and the API do it: load the file, then judge the alerts anew."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from api.alerts.kpi_alerts import evaluate_alerts
from api.imports import audited
from api.imports.kinds import Kind
from api.imports.loader import ImportResult, Origin, merge_file, staged_file
from api.imports.mapping import ColumnMapping
from api.settings import Settings
from api.storage import versions


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
    with staged_file(session, kind, lines, mapping) as file:
        if dry_run:
            return merge_file(session, file, origin, dry_run=True)
        versions.bump(session, origin.now)  # first: it makes other writers of these tables wait
        goals = audited.goals(session)
        result = merge_file(session, file, origin)
        audited.imported(session, kind, origin, result, goals)
    evaluate_alerts(session, settings, origin.now, origin.actor)
    return result

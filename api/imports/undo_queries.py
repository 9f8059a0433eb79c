"""Set-based SQL that keeps what an import replaces, and puts it back."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    union,
    update,
)
from sqlalchemy.orm import Session

from api.imports.queries import ImportRow, Merge, affected
from api.storage.replaced_tables import REPLACED
from api.storage.tables import imports


def keep_replaced(session: Session, merge: Merge, import_id: int) -> None:
    """Keep the stored rows that the staged ones are about to change."""
    target, kept = merge.target, REPLACED[merge.target.name]
    rows = select(literal(import_id, kept.c.replaced_by.type), *target.c)
    matched = rows.select_from(target.join(merge.staged, merge.same_key()))
    names = ["replaced_by", *target.c.keys()]
    session.execute(insert(kept).from_select(names, matched))


def forget_replaced(session: Session, table: Table, before: datetime) -> None:
    """Drop what imports before an instant replaced: it can no longer be put back."""
    kept = REPLACED[table.name]
    old = select(imports.c.id).where(imports.c.imported_at < before)
    session.execute(delete(kept).where(kept.c.replaced_by.in_(old)))


def find_import(session: Session, import_id: int) -> ImportRow | None:
    """One import, or None."""
    found = session.execute(select(imports).where(imports.c.id == import_id)).mappings().first()
    return None if found is None else ImportRow(**found)


@dataclass(frozen=True)
class Written:
    """The rows of one table that one import wrote."""

    table: Table
    key: tuple[str, ...]
    import_id: int

    @property
    def replaced(self) -> Table:
        """Where the rows are as they were before."""
        return REPLACED[self.table.name]

    @property
    def is_kept(self) -> ColumnElement[bool]:
        """A kept row was replaced by this import."""
        return self.replaced.c.replaced_by == self.import_id

    @property
    def was(self) -> ColumnElement[bool]:
        """A kept row is what the stored row was before this import."""
        same = (self.table.c[name] == self.replaced.c[name] for name in self.key)
        return and_(self.is_kept, *same)


def rows_still_there(session: Session, written: Written) -> int:
    """How many rows are still as the import left them."""
    return _count(session, written.table, written.table.c.import_id == written.import_id)


def rows_kept(session: Session, written: Written) -> int:
    """How many of the rows it replaced are kept."""
    return _count(session, written.replaced, written.is_kept)


def later_imports(session: Session, written: Written) -> list[int]:
    """Which imports changed its rows later."""
    kept = written.replaced.c
    rows = select(kept.replaced_by).where(kept.import_id == written.import_id)
    return list(session.execute(rows.distinct().order_by(kept.replaced_by)).scalars())


def touched_days(session: Session, written: Written, names: tuple[str, ...]) -> set[date]:
    """Every day in the named columns, of rows it wrote and of rows it replaced."""
    now = [
        select(written.table.c[name]).where(written.table.c.import_id == written.import_id)
        for name in names
    ]
    before = [select(written.replaced.c[name]).where(written.is_kept) for name in names]
    days = session.execute(union(*now, *before)).scalars()
    return {day for day in days if day is not None}


def take_out(session: Session, written: Written) -> int:
    """Delete the rows it inserted. Gives their number."""
    own = written.table.c.import_id == written.import_id
    return affected(session, delete(written.table).where(own, ~exists().where(written.was)))


def put_back(session: Session, written: Written) -> int:
    """Bring the rows it changed to what they were. Gives their number."""
    values = {column.name: written.replaced.c[column.name] for column in written.table.c}
    number = affected(session, update(written.table).values(values).where(written.was))
    session.execute(delete(written.replaced).where(written.is_kept))
    return number


def mark_undone(session: Session, import_id: int, now: datetime, actor: str) -> None:
    """Say when and by whom it was taken back."""
    one = update(imports).where(imports.c.id == import_id)
    session.execute(one.values(undone_at=now, undone_by=actor))


def _count(session: Session, table: Table, condition: ColumnElement[bool]) -> int:
    counted = select(func.count()).select_from(table).where(condition)
    return session.execute(counted).scalar_one()

"""Set-based SQL that folds a staged file into its table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Delete,
    Insert,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    union,
    update,
)
from sqlalchemy.orm import Session

from api.storage.staging import staging_table
from api.storage.tables import imports


@dataclass(frozen=True)
class Merge:
    """A staged file and the table it goes into, matched by ``key``."""

    staged: Table
    target: Table
    key: tuple[str, ...]
    columns: tuple[str, ...]

    @classmethod
    def of(cls, target: Table, key: tuple[str, ...], columns: tuple[str, ...]) -> "Merge":
        """The merge into ``target`` of a temporary table that is yet to be filled."""
        return cls(staging_table(target, columns), target, key, columns)

    def same_key(self) -> ColumnElement[bool]:
        """The staged row and the stored row are the same thing."""
        return and_(*(self.target.c[name] == self.staged.c[name] for name in self.key))

    @property
    def others(self) -> tuple[str, ...]:
        """The columns that are not the key."""
        return tuple(name for name in self.columns if name not in self.key)


@dataclass(frozen=True)
class Repeat:
    """A row whose key an earlier line of the file has already."""

    line: int
    first_line: int


@dataclass(frozen=True)
class ImportRow:
    """One import that was done."""

    id: int
    kind: str
    filename: str
    actor: str
    imported_at: datetime
    inserted: int
    updated: int
    unchanged: int
    demo: bool
    undone_at: datetime | None
    undone_by: str | None


def drop_identical_repeats(session: Session, merge: Merge) -> None:
    """Keep the first of staged rows that say the same."""
    columns = [merge.staged.c[name] for name in merge.columns]
    first = select(func.min(merge.staged.c.line)).group_by(*columns)
    session.execute(delete(merge.staged).where(merge.staged.c.line.not_in(first)))


def repeated_keys(session: Session, merge: Merge, limit: int) -> tuple[int, list[Repeat]]:
    """How many staged rows repeat a key, and the first of them."""
    staged = merge.staged
    key = [staged.c[name] for name in merge.key]
    repeated = (
        select(*key, func.min(staged.c.line).label("first_line"), func.count().label("rows"))
        .group_by(*key)
        .having(func.count() > 1)
        .subquery()
    )
    total = session.execute(select(func.sum(repeated.c.rows - 1))).scalar_one()
    if not total:
        return 0, []
    same = and_(*(staged.c[name] == repeated.c[name] for name in merge.key))
    found = session.execute(
        select(staged.c.line, repeated.c.first_line)
        .join(repeated, same)
        .where(staged.c.line > repeated.c.first_line)
        .order_by(staged.c.line)
        .limit(limit)
    )
    return int(total), [Repeat(line, first_line) for line, first_line in found]


def drop_unchanged(session: Session, merge: Merge) -> int:
    """Take staged rows away that are stored already, value for value. Gives their number."""
    same = (
        merge.target.c[name].is_not_distinct_from(merge.staged.c[name]) for name in merge.others
    )
    stored = exists().where(merge.same_key(), *same)
    return affected(session, delete(merge.staged).where(stored))


def counts(session: Session, merge: Merge) -> tuple[int, int]:
    """How many staged rows are new, and how many change a stored one."""
    total = session.execute(select(func.count()).select_from(merge.staged)).scalar_one()
    joined = merge.staged.join(merge.target, merge.same_key())
    updated = session.execute(select(func.count()).select_from(joined)).scalar_one()
    return total - updated, updated


def touched_days(session: Session, merge: Merge, names: Sequence[str]) -> set[date]:
    """Every day in the named columns, of staged rows and of the stored rows they change."""
    new: list[Select[tuple[date]]] = [select(merge.staged.c[name]) for name in names]
    joined = merge.staged.join(merge.target, merge.same_key())
    old = [select(merge.target.c[name]).select_from(joined) for name in names]
    days = session.execute(union(*new, *old)).scalars()
    return {day for day in days if day is not None}


def update_stored(session: Session, merge: Merge, import_id: int) -> int:
    """Bring stored rows to what the file says. Gives their number."""
    values = {name: merge.staged.c[name] for name in merge.others}
    statement = update(merge.target).values(**values, import_id=import_id).where(merge.same_key())
    return affected(session, statement)


def insert_new(session: Session, merge: Merge, import_id: int) -> int:
    """Insert the staged rows whose key is not stored. Gives their number."""
    key = [merge.staged.c[name] for name in merge.key]
    rows = (
        select(
            *(merge.staged.c[name] for name in merge.columns),
            bindparam("import_id", import_id, type_=merge.target.c.import_id.type),
        )
        .where(~exists().where(merge.same_key()))
        .order_by(*key)  # neighbours in the file become neighbours in the index
    )
    return affected(session, insert(merge.target).from_select([*merge.columns, "import_id"], rows))


def add_import(session: Session, **values: object) -> int:
    """Insert the import's own row; gives its id."""
    statement = insert(imports).values(**values).returning(imports.c.id)
    identifier: int = session.execute(statement).scalar_one()
    return identifier


def all_imports(session: Session, limit: int) -> list[ImportRow]:
    """What was imported, the newest first."""
    statement = select(imports).order_by(imports.c.id.desc()).limit(limit)
    return [ImportRow(**row) for row in session.execute(statement).mappings()]


def affected(session: Session, statement: Delete | Insert | Update) -> int:
    """Run a statement; gives the number of rows it changed."""
    result = session.execute(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount

"""Reads a CSV file of one kind row by row: every mistake with its line and column.

Nothing here holds more of the file than one row and the first mistakes.
"""

import codecs
import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from api.imports.cells import Cell, Parser, day, echo
from api.imports.errors import MAX_LISTED_ERRORS, ImportRefused, RowError, unreadable
from api.imports.kinds import Field, Kind
from api.imports.mapping import ColumnMapping

MAX_ROW_BYTES = 1_000_000
MAX_COLUMNS = 1_000
MAX_COLUMN_NAME = 200
MAX_LISTED_COLUMNS = 15
MAX_KNOWN_VALUES = 10_000  # remembered of each column
MAX_ROWS = 20_000_000

ParsedRow = list[Cell]

_CSV_REASONS = {
    "unexpected end of data": "a quoted cell is never closed",
    "field larger than field limit": "a cell is too long (is a quoted cell never closed?)",
    "expected after": "a quoted cell has text after its closing quote (write a quote in it twice)",
    "new-line character": "holds a bare carriage return; lines must end with LF or CRLF",
}


def decoded(file: BinaryIO) -> Iterator[str]:
    """Lines of a UTF-8 file, with or without byte order mark. Raises ``ImportRefused``."""
    number = 0
    while line := file.readline(MAX_ROW_BYTES + 1):
        number += 1
        if number == 1:
            if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise unreadable(1, "the file is UTF-16; save it as UTF-8")
            line = line.removeprefix(codecs.BOM_UTF8)
        if len(line) > MAX_ROW_BYTES:
            raise unreadable(number, f"is longer than {MAX_ROW_BYTES} bytes")
        if b"\0" in line:
            raise unreadable(number, "holds a NUL byte; the file must be UTF-8 text")
        try:
            yield line.decode()
        except UnicodeDecodeError as error:
            place = f"byte {error.start + 1} (0x{line[error.start]:02x})"
            raise unreadable(number, f"{place} is not UTF-8; save the file as UTF-8") from None


def csv_rows(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of the line each starts on; blank lines are left out.

    Raises ``ImportRefused`` where the text is not CSV.
    """
    feed = _Feed(lines)
    reader = csv.reader(feed, strict=True)
    start = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise unreadable(start, _csv_reason(str(error))) from None
        if row:
            yield start, row
        start = reader.line_num + 1
        feed.row_bytes = 0


class _Feed:
    """Lines, and how much was read since the last whole row: quoted cells may span lines."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._number = 0
        self.row_bytes = 0

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._number += 1
        self.row_bytes += len(line)
        if self.row_bytes > MAX_ROW_BYTES:
            raise unreadable(self._number, f"ends a row longer than {MAX_ROW_BYTES} bytes")
        return line


def _csv_reason(message: str) -> str:
    return next((ours for theirs, ours in _CSV_REASONS.items() if theirs in message), message)


def one_line(name: str) -> str:
    """A column's name as people know it: a line break in it is a space."""
    return " ".join(name.strip().splitlines())


@dataclass(frozen=True)
class _Source:
    """Where a field's value comes from; ``column`` is None when it is not from the file."""

    name: str
    column: str | None
    read: Callable[[Sequence[str]], Cell]


class RowReader:
    """Iterates over the valid rows of a file as ``[line, *values of kind.columns]``.

    Bad rows are counted in ``rejected``; the first are listed in ``errors``.
    Raises ``ImportRefused`` where the file cannot be read as rows of the kind.
    """

    def __init__(self, kind: Kind, lines: Iterable[str], mapping: ColumnMapping) -> None:
        self._check = kind.check
        self._names = [item.name for item in kind.fields]
        self._fixed = list(kind.fixed.values())
        self._rows = csv_rows(lines)
        self.errors: list[RowError] = []
        self.rejected = 0
        self.accepted = 0
        self._header_line, header = next(self._rows, (1, []))
        if not header:
            raise unreadable(1, "the file is empty")
        header = [one_line(name) for name in header]
        self._width = len(header)
        self._sources = _sources(kind, header, self._header_line, mapping)
        self._reads = [source.read for source in self._sources]
        used = {source.column for source in self._sources}
        self.ignored_columns = tuple(name for name in header if name and name not in used)

    def __iter__(self) -> Iterator[ParsedRow]:
        for line, cells in self._rows:
            try:
                row = self._parsed(cells)
            except _BadRow as bad:
                self._reject(RowError(line, bad.column, bad.reason))
                continue
            self.accepted += 1
            if self.accepted + self.rejected > MAX_ROWS:
                raise unreadable(line, f"is row {MAX_ROWS + 1}; split the file")
            yield [line, *row]
        if self.accepted + self.rejected == 0:
            raise unreadable(self._header_line, "the file has a header and no rows")

    def _reject(self, error: RowError) -> None:
        self.rejected += 1
        if len(self.errors) < MAX_LISTED_ERRORS:
            self.errors.append(error)

    def _parsed(self, cells: Sequence[str]) -> list[Cell]:
        if len(cells) != self._width:
            raise _BadRow(None, f"has {len(cells)} cells, the header has {self._width}")
        row = [read(cells) for read in self._reads]
        if self._check is not None:
            found = self._check(dict(zip(self._names, row, strict=True)))
            if found is not None:
                raise _BadRow(self.column_of(found[0]), found[1])
        return row + self._fixed

    def column_of(self, name: str) -> str:
        """The file's column that holds a field, as errors name it."""
        return next(source.column or name for source in self._sources if source.name == name)


class _BadRow(Exception):
    def __init__(self, column: str | None, reason: str) -> None:
        self.column = column
        self.reason = reason


def _column_reader(
    item: Field, column: str, index: int, parse: Parser
) -> Callable[[Sequence[str]], Cell]:
    known: dict[str, Cell] = {}  # most columns repeat their values

    def read(cells: Sequence[str]) -> Cell:
        raw = cells[index]
        if raw in known:
            return known[raw]
        try:
            value = parse(raw) if raw else None
        except ValueError as error:
            raise _BadRow(column, str(error)) from None
        if value is None:
            if item.required:
                raise _BadRow(column, "is empty")
            value = item.default
        if len(known) < MAX_KNOWN_VALUES:
            known[raw] = value
        return value

    return read


def _constant_reader(value: Cell) -> Callable[[Sequence[str]], Cell]:
    return lambda _cells: value


def _sources(
    kind: Kind, header: Sequence[str], line: int, mapping: ColumnMapping
) -> tuple[_Source, ...]:
    errors = list(_header_errors(header, line))
    sources = []
    for item in kind.fields:
        column = one_line(mapping.columns.get(item.name, item.name))
        if item.name in mapping.constants:
            constant = item.parse(mapping.constants[item.name])
            sources.append(_Source(item.name, None, _constant_reader(constant)))
        elif column in header:
            read = _column_reader(item, column, header.index(column), _parser(item, mapping))
            sources.append(_Source(item.name, column, read))
        elif item.required or item.name in mapping.columns:
            errors.append(RowError(line, column, f"is missing (--map {item.name}=COLUMN)"))
        else:
            sources.append(_Source(item.name, None, _constant_reader(item.default)))
    if errors:
        raise ImportRefused(f"the header does not fit {kind.name}: {_found(header)}", errors)
    return tuple(sources)


def _parser(item: Field, mapping: ColumnMapping) -> Parser:
    if item.dated and mapping.date_format is not None:
        return day(mapping.date_format)
    return item.parse


def _header_errors(header: Sequence[str], line: int) -> Iterator[RowError]:
    if len(header) > MAX_COLUMNS:
        yield RowError(line, None, f"has {len(header)} columns, at most {MAX_COLUMNS} are allowed")
        return
    for index, name in enumerate(header):
        if len(name) > MAX_COLUMN_NAME:
            reason = f"the name of column {index + 1} is longer than {MAX_COLUMN_NAME} characters"
            yield RowError(line, None, reason)
        elif not name.isprintable():
            yield RowError(line, None, f"the name of column {index + 1} is not printable")
        elif name and name in header[:index]:
            yield RowError(line, name, "is the name of two columns")


def _found(header: Sequence[str]) -> str:
    for separator, word in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and separator in header[0]:
            return f"cells are separated by {word}, and must be by commas"
    listed = ", ".join(echo(name) for name in header[:MAX_LISTED_COLUMNS])
    return f"it has {listed}" + (" and more" if len(header) > MAX_LISTED_COLUMNS else "")

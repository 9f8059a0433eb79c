"""The file of a backup: a ZIP with one JSON line a row for each table, and a manifest last.

The same on every engine: days and instants are ISO text in UTC, bytes are Base64.
"""

import hashlib
import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

FORMAT = 1
MANIFEST = "manifest.json"
MAX_MANIFEST_BYTES = 1 << 20
MAX_ROW_BYTES = 1 << 20
PACKING = 1  # fast: rows pack well anyway

# What reading a damaged ZIP raises: a wrong place, a wrong sum, a method that is none.
BROKEN = (BadZipFile, EOFError, KeyError, NotImplementedError, OSError, RuntimeError, zlib.error)

Row = Sequence[object]


class ArchiveError(Exception):
    """The file is no backup, or not the backup it was; the message says what is wrong."""


class TableEntry(BaseModel):
    """One table of a backup."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str
    columns: list[str]
    rows: int
    sha256: str


class Manifest(BaseModel):
    """What a backup holds."""

    model_config = ConfigDict(extra="forbid")

    format: int
    revision: str
    engine: str
    taken_at: datetime
    tables: list[TableEntry]

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(table.rows for table in self.tables)


def write_table(
    archive: ZipFile, name: str, columns: Sequence[str], rows: Iterable[Row]
) -> TableEntry:
    """Add a table, row by row."""
    digest, number = hashlib.sha256(), 0
    with archive.open(_member(name), "w", force_zip64=True) as file:
        for row in rows:
            line = orjson.dumps(
                row, default=_encoded, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_NAIVE_UTC
            )
            digest.update(line)
            file.write(line)
            number += 1
    return TableEntry(name=name, columns=[*columns], rows=number, sha256=digest.hexdigest())


def write_manifest(archive: ZipFile, manifest: Manifest) -> None:
    """Close the list of what there is."""
    archive.writestr(_member(MANIFEST), manifest.model_dump_json(indent=2), ZIP_DEFLATED)


def opened(path: Path) -> ZipFile:
    """The archive. Raises ``ArchiveError``, and ``OSError`` where there is no file to read."""
    try:
        return ZipFile(path)
    except BadZipFile as error:
        raise ArchiveError("it is not a backup, or its end is missing") from error


def read_manifest(archive: ZipFile) -> Manifest:
    """What the archive says it holds. Raises ``ArchiveError``."""
    try:
        with archive.open(MANIFEST) as file:
            manifest = Manifest.model_validate_json(file.read(MAX_MANIFEST_BYTES))
    except (*BROKEN, ValidationError) as error:
        raise ArchiveError("it is not a backup: it has no manifest that can be read") from error
    if manifest.format != FORMAT:
        raise ArchiveError(f"its format is {manifest.format}, this program reads {FORMAT}")
    return manifest


def read_table(archive: ZipFile, entry: TableEntry) -> Iterator[list[object]]:
    """The rows of a table. Raises ``ArchiveError``, at its end where the rows are not the same."""
    digest, number = hashlib.sha256(), 0
    try:
        with archive.open(_member(entry.name).filename) as file:
            while line := file.readline(MAX_ROW_BYTES + 1):
                digest.update(line)
                number += 1
                yield _row(line, entry)
    except BROKEN as error:
        raise ArchiveError(f"table {entry.name} is damaged or missing") from error
    if (number, digest.hexdigest()) != (entry.rows, entry.sha256):
        raise ArchiveError(f"table {entry.name} is not what its checksum says")


def copy_to(target: IO[bytes]) -> ZipFile:
    """An archive to be written into an open file."""
    return ZipFile(target, "w", ZIP_DEFLATED, compresslevel=PACKING)


def _row(line: bytes, entry: TableEntry) -> list[object]:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ArchiveError(f"table {entry.name} is damaged") from error
    if not isinstance(row, list) or len(row) != len(entry.columns):
        raise ArchiveError(f"table {entry.name} has a row that does not fit its columns")
    return row


def _member(name: str) -> ZipInfo:
    path = name if name == MANIFEST else f"tables/{name}.jsonl"
    member = ZipInfo(path)
    member.compress_type = ZIP_DEFLATED
    return member


def _encoded(value: object) -> str:
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    raise TypeError(type(value).__name__)

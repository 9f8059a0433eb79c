"""``POST /api/imports/{kind}``: the same import as the command's, for ETL jobs."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from tempfile import SpooledTemporaryFile
from time import perf_counter
from typing import IO, Annotated, BinaryIO, cast

from fastapi import APIRouter, Depends, Path, Query, Request

from api.body_limit import received_by
from api.dependencies import Actor, Metrics, Now, Session, Settings
from api.errors import BadRequest, NotFound, TooLarge, Unavailable, UnsupportedType
from api.imports.errors import ImportRefused
from api.imports.kinds import KINDS, Kind
from api.imports.loader import MAX_FILENAME, SPOOL_BYTES, Origin
from api.imports.mapping import ColumnMapping, read_mapping
from api.imports.reader import decoded
from api.imports.schemas import ERROR_RESPONSES, ImportAnswer, answer
from api.imports.service import import_lines
from api.storage.unit_of_work import TransactionalRoute

MAX_UPLOAD_BYTES = 256 * 1024 * 1024
UPLOAD_SECONDS = 600.0  # for the whole file to arrive
UPLOADS_AT_ONCE = 12  # more wait: each takes as much of the disk as its file is large
MEDIA_TYPE = "text/csv"
FILENAME = "upload"  # of a file that nobody named
MAX_MAPPING = 6_000  # characters; a whole address may have 8 KiB

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/api/imports", tags=["imports"], route_class=TransactionalRoute)


def uploads() -> asyncio.Semaphore:
    """What lets uploads in, a turn for each."""
    return asyncio.Semaphore(UPLOADS_AT_ONCE)


def _kind(
    kind: Annotated[
        str, Path(description="What the rows are.", json_schema_extra={"enum": list(KINDS)})
    ],
) -> Kind:
    if kind not in KINDS:
        raise NotFound(f"There is no such kind of import; kinds are {', '.join(KINDS)}.")
    return KINDS[kind]


async def _origin(
    now: Now,
    actor: Actor,
    filename: Annotated[
        str,
        Query(
            description="The file's name, for the list of imports and the audit trail.",
            min_length=1,
            max_length=MAX_FILENAME,
        ),
    ] = FILENAME,
) -> Origin:
    if not filename.isprintable():
        raise BadRequest("filename: allowed are printable characters")
    return Origin(filename, actor, now)


def _mapping(
    kind: Annotated[Kind, Depends(_kind)],
    mapping: Annotated[
        str | None,
        Query(
            description="What a mapping file says (YAML, or JSON): which columns hold which fields."
            " It has a section for each kind, and the one of this kind is used.",
            max_length=MAX_MAPPING,
        ),
    ] = None,
) -> ColumnMapping:
    return ColumnMapping() if mapping is None else read_mapping(mapping.encode(), kind)


@dataclass(frozen=True)
class _Upload:
    kind: Kind
    mapping: ColumnMapping
    file: BinaryIO


async def _upload(
    request: Request,
    kind: Annotated[Kind, Depends(_kind)],
    mapping: Annotated[ColumnMapping, Depends(_mapping)],
) -> AsyncIterator[_Upload]:
    """The body in a file of our own, counted while it is read."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != MEDIA_TYPE:
        raise UnsupportedType(f"The body must be {MEDIA_TYPE}.")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise UnsupportedType("The body must not be compressed.")
    async with request.app.state.uploads:
        deadline = asyncio.get_running_loop().time() + UPLOAD_SECONDS
        timed = Request(request.scope, partial(received_by, deadline, request.receive))
        with SpooledTemporaryFile(max_size=SPOOL_BYTES) as spool:
            async for chunk in timed.stream():
                _write(spool, chunk)
                if spool.tell() > MAX_UPLOAD_BYTES:
                    raise TooLarge(f"The body may have at most {MAX_UPLOAD_BYTES:,} bytes.")
            spool.seek(0)
            yield _Upload(kind, mapping, cast("BinaryIO", spool))


def _write(file: IO[bytes], chunk: bytes) -> None:
    try:
        file.write(chunk)
    except OSError as error:
        logger.warning("an upload cannot be kept: %s", error.strerror)
        headers = {"Retry-After": "60"}
        raise Unavailable("There is no room for the file now.", headers=headers) from None


@router.post(
    "/{kind}",
    responses=ERROR_RESPONSES,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
        }
    },
)
def import_rows(
    settings: Settings,
    origin: Annotated[Origin, Depends(_origin)],
    metrics: Metrics,
    upload: Annotated[_Upload, Depends(_upload)],
    session: Session,  # after the upload: who waits for a file must hold no turn
    dry_run: Annotated[bool, Query(description="Check all, write nothing.")] = False,
) -> ImportAnswer:
    """Import a CSV file: all of it, or nothing when a row is bad.

    A row is known by its key: doing it again changes nothing, a changed row is updated.
    """
    started = perf_counter()
    kind, mapping, lines = upload.kind, upload.mapping, decoded(upload.file)
    try:
        result = import_lines(session, settings, kind, lines, mapping, origin, dry_run=dry_run)
    except ImportRefused as refused:
        rows = {"rejected": refused.rejected}
        metrics.observe_import(kind.name, perf_counter() - started, rows)
        raise
    if not dry_run:
        rows = {name: getattr(result, name) for name in ("inserted", "updated", "unchanged")}
        metrics.observe_import(kind.name, perf_counter() - started, rows)
    return answer(result)
